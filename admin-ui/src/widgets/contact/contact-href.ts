import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** Where a click on a contact value goes, or null where it is not safe to follow (`javascript:` and its kin). */
export function contactHref(kind: string, value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return null;
  if (kind === 'email') return `mailto:${encodeURIComponent(value).replaceAll('%40', '@')}`;
  if (kind === 'phone') return `tel:${value.replaceAll(/[^+\d]/g, '')}`;
  try {
    const url = new URL(/^[a-z][a-z\d+.-]*:/i.test(value) ? value : `https://${value}`);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
  } catch {
    return null;
  }
}

/** A contact value as people read it: `+49 30 123456` instead of `+4930123456`, a web address without `https://`. */
export function contactText(kind: string, value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = String(value);
  if (kind === 'phone') return parsePhoneNumberFromString(text)?.formatInternational() ?? text;
  if (kind === 'url') return text.replace(/^https?:\/\/(www\.)?/i, '').replace(/\/$/, '');
  return text;
}
