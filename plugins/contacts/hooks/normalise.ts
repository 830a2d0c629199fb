import { defineHook } from '#sdk';
import type { ContactsCompany, ContactsContact } from '../generated/records.js';

/** Names without stray blanks, mail addresses in lower case: what people paste is rarely clean. */
export const normaliseContact = defineHook<ContactsContact>({
  id: 'contacts.normalise-contact',
  entity: 'contacts.contact',
  phase: 'before',
  on: ['create', 'update'],
  fields: ['firstName', 'lastName', 'jobTitle', 'department', 'email', 'emailSecondary'],
  run: (_ctx, batch) =>
    batch.rows.map(({ next, changed }) =>
      only(changed, {
        firstName: cleanText(next.firstName),
        lastName: cleanText(next.lastName),
        jobTitle: cleanText(next.jobTitle),
        department: cleanText(next.department),
        email: cleanMail(next.email),
        emailSecondary: cleanMail(next.emailSecondary),
      }),
    ),
});

/** The same for companies. */
export const normaliseCompany = defineHook<ContactsCompany>({
  id: 'contacts.normalise-company',
  entity: 'contacts.company',
  phase: 'before',
  on: ['create', 'update'],
  fields: ['name', 'legalName', 'email'],
  run: (_ctx, batch) =>
    batch.rows.map(({ next, changed }) =>
      only(changed, { name: cleanText(next.name), legalName: cleanText(next.legalName), email: cleanMail(next.email) }),
    ),
});

/**
 * Without blanks at either end, and plain runs of blanks as one. Other blanks (no-break, ideographic) inside are left:
 * they may be meant. A text of nothing but blanks is kept as it is rather than emptied: required fields refuse it by themselves.
 */
export function cleanText<T extends string | null | undefined>(text: T): T | string {
  if (typeof text !== 'string') return text;
  const clean = text.trim().replace(/ {2,}/g, ' ');
  return clean === '' ? text : clean;
}

/** Lower case, no blanks around. */
export function cleanMail<T extends string | null | undefined>(mail: T): T | string {
  return typeof mail === 'string' ? mail.trim().toLowerCase() : mail;
}

/** A patch of the changed keys alone; what nobody touched is not rewritten. */
function only<T extends object>(changed: ReadonlySet<string>, values: T): Partial<T> | null {
  const kept = Object.entries(values).filter(([key]) => changed.has(key));
  return kept.length === 0 ? null : (Object.fromEntries(kept) as Partial<T>);
}
