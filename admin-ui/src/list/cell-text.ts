import type { CatalogField, FormatEnv } from '../meta/index.js';
import { formatNumber, optionTitles } from '../widgets/format.js';
import { plainText } from '../widgets/rich-text/plain-text.js';

/** What a pasted text means for a field. */
export type FromText = { ok: true; value: unknown } | { ok: false };

/** A value as text for the clipboard: titles of options and links, plain numbers, ISO dates. */
export function cellText(field: CatalogField, value: unknown, env: FormatEnv): string {
  if (value === null || value === undefined) return '';
  if (field.options?.length) return optionTitles(field, value);
  if (field.exprType === 'number') return formatNumber(value, { ...env, locale: 'en-US' }).replaceAll(',', '');
  if (Array.isArray(value)) return value.map(titleOf).join(', ');
  if (typeof value === 'object') return titleOf(value);
  return field.kind === 'richText' ? plainText(String(value)) : String(value);
}

/** The value of a pasted text, where that can be told without asking the server; links and files cannot. */
export function fromText(field: CatalogField, text: string): FromText {
  const trimmed = text.trim();
  if (trimmed === '') return field.required ? { ok: false } : { ok: true, value: null };
  if (field.options?.length) return optionOf(field, trimmed);
  return readers[field.exprType]?.(trimmed, field) ?? { ok: false };
}

const readers: Record<string, (text: string, field: CatalogField) => FromText> = {
  text: (text) => ({ ok: true, value: text }),
  number: (text) => {
    const number = Number(text.replaceAll(/[\s,_%]/g, ''));
    return Number.isFinite(number) ? { ok: true, value: number } : { ok: false };
  },
  boolean: (text) => {
    if (/^(true|yes|y|1|x|✓|是)$/i.test(text)) return { ok: true, value: true };
    return /^(false|no|n|0|否)$/i.test(text) ? { ok: true, value: false } : { ok: false };
  },
  date: (text) => (/^\d{4}-\d{2}-\d{2}$/.test(text) ? { ok: true, value: text } : { ok: false }),
  dateTime: (text) => {
    const instant = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?$/.test(text) ? new Date(text) : null;
    return instant === null || Number.isNaN(instant.getTime())
      ? { ok: false }
      : { ok: true, value: instant.toISOString() };
  },
  list: (text, field) => (field.kind === 'tags' ? { ok: true, value: parts(text) } : { ok: false }),
};

function optionOf(field: CatalogField, text: string): FromText {
  const find = (part: string) =>
    field.options?.find((option) => option.value === part || option.title.toLowerCase() === part.toLowerCase())?.value;
  if (field.exprType !== 'list') {
    const value = find(text);
    return value === undefined ? { ok: false } : { ok: true, value };
  }
  const values = parts(text).map(find);
  return values.includes(undefined) ? { ok: false } : { ok: true, value: values };
}

const parts = (text: string) =>
  text
    .split(/[,;、]/)
    .map((part) => part.trim())
    .filter(Boolean);

function titleOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if ('title' in value && typeof value.title === 'string') return value.title;
  return Object.values(value)
    .filter((part) => typeof part === 'string' || typeof part === 'number')
    .join(', ');
}
