import { defineHook, type Ctx, type HookRow } from '#sdk';
import type { ContactsContact } from '../generated/records.js';
import { duplicateScore, type Identity } from './duplicate-score.js';

/** Rows whose candidates are fetched in one read; keeps the filter's text within bounds. */
const rowsARead = 200;
/** Pages of 500 candidates that are looked at for those rows; a company with more contacts of its own is not compared further. */
const pagesAtMost = 5;

/**
 * Points at an older contact that looks like the same person, as far as the actor may see such contacts: what it may not
 * read must not show through a suspicion either.
 */
export const flagDuplicates = defineHook<ContactsContact>({
  id: 'contacts.flag-duplicates',
  entity: 'contacts.contact',
  phase: 'before',
  on: ['create', 'update'],
  after: ['contacts.derive-full-name'],
  fields: ['firstName', 'lastName', 'fullName', 'email', 'emailSecondary', 'phone', 'mobile', 'company'],
  async run(ctx, batch) {
    const patches: Partial<ContactsContact>[] = [];
    for (let i = 0; i < batch.rows.length; i += rowsARead) {
      const rows = batch.rows.slice(i, i + rowsARead);
      const candidates = await findCandidates(ctx, rows);
      patches.push(...rows.map((row) => flag(row, candidates)));
    }
    return patches;
  },
});

/** A contact to compare with. */
export interface Candidate extends Identity {
  readonly id: string;
  readonly createdAt: string;
}

/** The likeliest candidate, of equal ones the oldest; null where none is likely. */
export function likeliest(
  row: { readonly id: string; readonly next: Identity & { readonly createdAt?: string | null } },
  candidates: readonly Candidate[],
): { id: string; score: number } | null {
  const scored = candidates
    // Only what was there before: otherwise two would point at each other.
    .filter((candidate) => candidate.id !== row.id && (!row.next.createdAt || candidate.createdAt < row.next.createdAt))
    .map((candidate) => ({
      id: candidate.id,
      createdAt: candidate.createdAt,
      score: duplicateScore(row.next, candidate),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.createdAt < b.createdAt ? -1 : 1));
  return scored.length === 0 ? null : { id: scored[0].id, score: scored[0].score };
}

function flag(row: HookRow<ContactsContact>, candidates: readonly Candidate[]): Partial<ContactsContact> {
  const isNew = row.old === null;
  const found = likeliest({ id: row.id, next: isNew ? { ...row.next, createdAt: null } : row.next }, candidates);
  return {
    possibleDuplicate: found === null ? null : { id: found.id, title: null },
    duplicateScore: found?.score ?? null,
  };
}

async function findCandidates(ctx: Ctx, rows: readonly HookRow<ContactsContact>[]): Promise<Candidate[]> {
  const filter = candidateFilter(rows.map(({ next }) => next));
  if (filter === null) return [];
  const found: Candidate[] = [];
  let after: string | undefined;
  for (let page = 0; page < pagesAtMost; page++) {
    const fields = ['id', 'fullName', 'email', 'emailSecondary', 'phone', 'mobile', 'company', 'createdAt'];
    const answer = await ctx.records.list(ctx, {
      entity: 'contacts.contact',
      fields,
      filter,
      sort: ['createdAt'],
      limit: 500,
      after,
    });
    found.push(...(answer.data as unknown as Candidate[]));
    if (answer.page.next === null) break;
    after = answer.page.next;
  }
  return found;
}

/** CEL that holds for every contact which may be one of these people; null where nothing is known of any. */
export function candidateFilter(people: readonly Identity[]): string | null {
  const mails = distinct(people.flatMap((one) => [one.email, one.emailSecondary]));
  const phones = distinct(people.flatMap((one) => [one.phone, one.mobile]));
  const companies = distinct(people.map((one) => one.company?.id));
  const parts = [
    ...(mails ? [`email in ${mails}`, `emailSecondary in ${mails}`] : []),
    ...(phones ? [`phone in ${phones}`, `mobile in ${phones}`] : []),
    ...(companies ? [`company in ${companies}`] : []),
  ];
  return parts.length === 0 ? null : parts.join(' || ');
}

function distinct(values: readonly (string | null | undefined)[]): string | null {
  const known = [...new Set(values.filter(Boolean))];
  return known.length === 0 ? null : `[${known.map((value) => JSON.stringify(value)).join(', ')}]`;
}
