import type { FieldModel } from '../schema/index.js';
import { isValue, sampleValue } from './sample-value.js';
import type { VerifyInput } from './types.js';

/** Another value with the same mask, for each of some values of a field; those for which none was found are left out. */
export async function lookAlikes(
  db: VerifyInput['db'],
  field: FieldModel,
  values: readonly { readonly id: string; readonly value: string }[],
): Promise<{ readonly id: string; readonly value: string }[]> {
  const { mask } = field.kind;
  if (!mask) return [];
  const found: { id: string; value: string }[] = [];
  for (const { id, value } of values) {
    const tried = candidates(field, value).filter((each) => each !== value && isValue(field, each));
    const [like] = await db.query<{ value: string }>({
      text: `select c.value from unnest($1::text[]) with ordinality as c(value, n) where ${mask('c.value')} = ${mask('$2::text')} order by c.n limit 1`,
      values: [tried, value],
    });
    if (like) found.push({ id, value: like.value });
  }
  return found;
}

/** The value with other letters and digits in its middle, with one of them changed, and values of other records. */
function candidates(field: FieldModel, value: string): string[] {
  const shifted = (from: number, to: number): string =>
    [...value].map((char, i) => (i >= from && i < to ? next(char) : char)).join('');
  const single = Array.from({ length: value.length }, (_, i) => shifted(i, i + 1)).reverse();
  const others = Array.from({ length: 40 }, (_, n) => sampleValue(field, n + 200));
  return [shifted(1, value.length - 2), ...single, ...others.filter((each) => typeof each === 'string')];
}

function next(char: string): string {
  if (/[0-9]/.test(char)) return String((Number(char) + 1) % 10);
  if (!/[a-zA-Z]/.test(char)) return char;
  return /[zZ]/.test(char) ? (char === 'z' ? 'a' : 'A') : String.fromCharCode(char.charCodeAt(0) + 1);
}
