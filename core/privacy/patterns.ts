/** Patterns for `ilike` that find the terms anywhere in a text, and in JSON, where some signs are written otherwise. */
export function patternsOf(terms: readonly string[]): string[] {
  const forms = terms.flatMap((term) => [term, JSON.stringify(term).slice(1, -1)]);
  return [...new Set(forms)].map((term) => `%${term.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`);
}
