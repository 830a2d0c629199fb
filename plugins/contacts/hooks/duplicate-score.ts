import { jaroWinkler } from './jaro-winkler.js';

/** What of a person tells it from others. */
export interface Identity {
  readonly fullName?: string | null;
  readonly email?: string | null;
  readonly emailSecondary?: string | null;
  readonly phone?: string | null;
  readonly mobile?: string | null;
  readonly company?: { readonly id: string } | null;
}

/** Names at one company that are at least this similar are taken for one person. */
const similarName = 0.9;

/**
 * How likely two contacts are one person, 0–100; 0 where nothing points that way. The same mail address weighs 100, the
 * same telephone 95 with a similar name and 80 without, a similar name at the same company its similarity.
 */
export function duplicateScore(a: Identity, b: Identity): number {
  if (share([a.email, a.emailSecondary], [b.email, b.emailSecondary])) return 100;
  const names = jaroWinkler(foldName(a.fullName), foldName(b.fullName));
  const isSimilar = Boolean(a.fullName && b.fullName) && names >= similarName;
  if (share([a.phone, a.mobile], [b.phone, b.mobile])) return isSimilar ? 95 : 80;
  return isSimilar && Boolean(a.company) && a.company?.id === b.company?.id ? Math.round(names * 100) : 0;
}

/** Lower case, without accents, points and doubled blanks. */
export function foldName(name: string | null | undefined): string {
  return (name ?? '')
    .normalize('NFKD')
    .replace(/[\p{M}.,'’-]/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
}

function share(left: readonly (string | null | undefined)[], right: readonly (string | null | undefined)[]): boolean {
  return left.some((value) => Boolean(value) && right.includes(value));
}
