import type { Coerced, CoerceEnv, FieldModel } from '../../schema/index.js';
import { plain } from '../mapping/names.js';
import { memberAliases } from '../mapping/synonyms.js';
import type { Target } from '../mapping/targets.js';
import type { Cell } from '../read/cell.js';
import { cellText } from '../read/cell.js';

/** What a cell holds for a field: nothing, a value in API form, or why it is none. */
export type Converted = { readonly empty: true } | Coerced;

const EMPTY: Converted = { empty: true };

/** A cell for a whole field. Quoted empty text stays '' where the kind keeps it, and is nothing elsewhere. */
export function convertCell(cell: Cell, field: FieldModel, env: CoerceEnv): Converted {
  if (cell === null) return EMPTY;
  if (typeof cell !== 'string') return convertJson(cell.json, field, env);
  if (cell === '') return emptyValue(field, env);
  const whole = field.kind.exprType(field).t === 'object' ? jsonObject(cell) : null;
  if (whole !== null) return convertObject(whole, field, env);
  // Blanks are no value, except where text is kept as it is.
  if (cell.trim() === '' && !keepsEmpty(field, env)) return EMPTY;
  return coerceChoice(cell, field, env);
}

/** The text of one member of a composite value. */
export function convertMember(cell: Cell, target: Target): Converted {
  const text = cellText(cell)?.trim() ?? '';
  if (text === '') return EMPTY;
  if (target.member === 'latitude' || target.member === 'longitude') {
    const value = Number(text);
    return Number.isFinite(value)
      ? { ok: true, value }
      : { ok: false, code: 'field.not_a_number', message: `"${text}" is not a number.` };
  }
  return { ok: true, value: text };
}

/** Brings an object of another system's making (`state`, `zip` …) into the members of the field. */
export function convertObject(object: Readonly<Record<string, unknown>>, field: FieldModel, env: CoerceEnv): Converted {
  const type = field.kind.exprType(field);
  if (type.t !== 'object') return field.kind.normalize(object, field, env);
  const value: Record<string, unknown> = {};
  const byName = new Map(Object.entries(object).map(([name, part]) => [plain(name), part]));
  for (const member of Object.keys(type.members)) {
    const alias = memberAliases(member).find(
      (name) => byName.get(name) !== null && byName.get(name) !== undefined && byName.get(name) !== '',
    );
    if (alias !== undefined) value[member] = byName.get(alias);
  }
  if (Object.keys(value).length === 0) return EMPTY;
  const made = field.kind.normalize(value, field, env);
  if (made.ok) return made;
  // The kind's own text form may understand what its strict form does not, e.g. a country by name.
  const text = field.kind.coerce(JSON.stringify(value), field, env);
  return text.ok ? text : made;
}

function convertJson(value: unknown, field: FieldModel, env: CoerceEnv): Converted {
  if (value === null || value === undefined) return EMPTY;
  if (typeof value === 'object' && !Array.isArray(value) && field.kind.exprType(field).t === 'object')
    return convertObject(value as Record<string, unknown>, field, env);
  const made = field.kind.normalize(value, field, env);
  return made.ok ? made : coerceChoice(cellText({ json: value }) ?? '', field, env);
}

/** Options are also found by their words alone: `In-Progress` is `inProgress`. */
function coerceChoice(text: string, field: FieldModel, env: CoerceEnv): Coerced {
  const found = field.kind.coerce(text, field, env);
  if (found.ok || field.options.length === 0) return found;
  const word = plain(text);
  const option = field.options.find((candidate) => plain(candidate.value) === word || plain(candidate.title) === word);
  return option ? field.kind.coerce(option.value, field, env) : found;
}

/** `""` in a file: '' where text is kept, an empty list, nothing elsewhere. */
function emptyValue(field: FieldModel, env: CoerceEnv): Converted {
  if (field.kind.exprType(field).t === 'list') return field.kind.normalize([], field, env);
  return keepsEmpty(field, env) ? { ok: true, value: '' } : EMPTY;
}

function keepsEmpty(field: FieldModel, env: CoerceEnv): boolean {
  if (field.kind.exprType(field).t !== 'text' || field.options.length > 0) return false;
  const kept = field.kind.normalize('', field, env);
  return kept.ok && kept.value === '';
}

function jsonObject(text: string): Record<string, unknown> | null {
  if (!text.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null; // No JSON: then it is text.
  }
}
