import { defineHook } from '#sdk';
import type { ContactsContact } from '../generated/records.js';

/** The name under which a contact is listed and searched. */
export const deriveFullName = defineHook<ContactsContact>({
  id: 'contacts.derive-full-name',
  entity: 'contacts.contact',
  phase: 'before',
  on: ['create', 'update'],
  after: ['contacts.normalise-contact'],
  fields: ['firstName', 'lastName'],
  run: (_ctx, batch) => batch.rows.map(({ next }) => ({ fullName: fullName(next.firstName, next.lastName) })),
});

/**
 * First and last name as one: `Ada Lovelace`. Where both are written in Chinese, Japanese or Korean script the family
 * name stands first, without a blank: `王小明`; Korean and Japanese names keep that order too. Null where both are empty.
 */
export function fullName(firstName: string | null | undefined, lastName: string | null | undefined): string | null {
  const first = firstName?.trim() ?? '';
  const last = lastName?.trim() ?? '';
  if (first === '' || last === '') return first || last || null;
  return eastAsian.test(first) && eastAsian.test(last) ? `${last}${first}` : `${first} ${last}`;
}

const eastAsian = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー·・]+$/u;
