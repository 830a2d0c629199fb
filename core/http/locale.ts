/**
 * The best of the available languages for an Accept-Language header (RFC 9110 §12.5.4): whole tag, then language alone,
 * by weight. Null where none fits.
 */
export function bestLocale(header: string | undefined, available: readonly string[]): string | null {
  if (header === undefined || header === '') return null;
  const key = `${available.join()} ${header}`;
  const known = answers.get(key);
  if (known !== undefined) return known;
  const answer = choose(header.slice(0, 200), available);
  if (answers.size > 500) answers.clear();
  answers.set(key, answer);
  return answer;
}

/** Headers repeat: a browser sends the same one with every request. */
const answers = new Map<string, string | null>();

function choose(header: string, available: readonly string[]): string | null {
  const wanted = header
    .split(',')
    .map((part) => {
      const [tag, ...parameters] = part.trim().split(';');
      const weight = parameters
        .map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1])
        .find((text) => text !== undefined);
      return { tag: tag.trim().toLowerCase(), weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ tag, weight }) => tag !== '' && weight > 0)
    .sort((a, b) => b.weight - a.weight);
  for (const { tag } of wanted) {
    const language = tag.split('-')[0];
    const found =
      available.find((locale) => locale.toLowerCase() === tag) ??
      available.find((locale) => locale.toLowerCase().split('-')[0] === language);
    if (found !== undefined) return found;
  }
  return null;
}
