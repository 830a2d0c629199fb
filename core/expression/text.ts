/** Order of two texts by code point, as `collate "C"` has it (UTF-16 units order surrogates wrongly). */
export function compareText(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Number of code points. Twin: `char_length`. */
export function textLength(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** The first `count` code points. Twin: `left`. */
export function left(text: string, count: number): string {
  return [...text].slice(0, Math.max(0, count)).join('');
}

/** The last `count` code points. Twin: `right`. */
export function right(text: string, count: number): string {
  return count <= 0 ? '' : [...text].slice(-count).join('');
}

/** White space that TRIM takes off: blank, tab, line ends, no-break space, ideographic space. */
export const trimmed = ' \t\n\r\u00a0\u3000';

/** Twin: `btrim(text, trimmed)`. */
export function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && trimmed.includes(text[start])) start++;
  while (end > start && trimmed.includes(text[end - 1])) end--;
  return text.slice(start, end);
}

/** Lower case by the rule of `lateCase`. Twin: `trellis.expr_lower`. */
export function lower(text: string): string {
  return early(text.replaceAll('Σ', 'σ'), (part) => part.toLowerCase());
}

/** Upper case by the rule of `lateCase`. Twin: `trellis.expr_upper`. */
export function upper(text: string): string {
  return early(text, (part) => part.toUpperCase());
}

/** What a text is compared by where case does not count: lower case, both small sigmas alike. Twin: `trellis.expr_fold`. */
export function fold(text: string): string {
  return lower(text).replaceAll('ς', 'σ');
}

/** A text as a LIKE pattern that matches itself only. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

/**
 * Characters that got a case partner after Unicode 10 (2017). Servers and browsers differ in how many of these they know,
 * so nobody maps them: the rest maps alike everywhere. As code point ranges, for both back ends.
 */
export const lateCase: readonly (readonly [number, number])[] = [
  [0x19b, 0x19b],
  [0x264, 0x264],
  [0x282, 0x282],
  [0x10d0, 0x10fa],
  [0x10fd, 0x10ff],
  [0x1c89, 0x1c8a],
  [0x1c90, 0x1cbf],
  [0x1d8e, 0x1d8e],
  [0x2c2f, 0x2c2f],
  [0x2c5f, 0x2c5f],
  [0xa794, 0xa794],
  [0xa7b8, 0xa7f6],
  [0x10570, 0x105bc],
  [0x10d50, 0x10d85],
  [0x16e40, 0x16e7f],
  [0x16ea0, 0x16ed3],
];

const late = new RegExp(
  `([${lateCase.map(([from, to]) => `\\u{${from.toString(16)}}-\\u{${to.toString(16)}}`).join('')}]+)`,
  'u',
);

function early(text: string, map: (part: string) => string): string {
  // Splitting by a group keeps what it matched: every second part is late.
  return text
    .split(late)
    .map((part, i) => (i % 2 === 1 ? part : map(part)))
    .join('');
}

/** Surrogates stand for code points above U+FFFF: rank them above the rest of the plane. */
function rank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit;
}
