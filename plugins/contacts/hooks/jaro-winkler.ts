/**
 * Similarity of two texts from 0 (nothing in common) to 1 (equal), by Jaro with Winkler's bonus for a common beginning
 * of up to four characters (W. E. Winkler 1990, scaling 0.1). Compares code points; case and accents are the caller's business.
 */
export function jaroWinkler(left: string, right: string): number {
  const a = [...left];
  const b = [...right];
  const similarity = jaro(a, b);
  let prefix = 0;
  while (prefix < Math.min(4, a.length, b.length) && a[prefix] === b[prefix]) prefix++;
  return similarity + prefix * 0.1 * (1 - similarity);
}

function jaro(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return a.length === b.length ? 1 : 0;
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1);
  const taken = Array.from(b, () => false);
  const common: string[] = [];
  a.forEach((character, i) => {
    for (let j = Math.max(0, i - reach); j <= Math.min(b.length - 1, i + reach); j++) {
      if (taken[j] || b[j] !== character) continue;
      taken[j] = true;
      common.push(character);
      return;
    }
  });
  if (common.length === 0) return 0;
  const others = b.filter((_, j) => taken[j]);
  const transposed = common.filter((character, i) => character !== others[i]).length / 2;
  return (common.length / a.length + common.length / b.length + (common.length - transposed) / common.length) / 3;
}
