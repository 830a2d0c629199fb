/** Names of the option palette, as definitions write them. */
export const optionColors = [
  'gray',
  'red',
  'orange',
  'amber',
  'yellow',
  'green',
  'teal',
  'cyan',
  'blue',
  'indigo',
  'violet',
  'pink',
] as const;

export type OptionColor = (typeof optionColors)[number];

/** A steady colour for a text (avatars, tags without one): the same text always gets the same colour. */
export function colorOfText(text: string): OptionColor {
  let hash = 0;
  for (const char of text) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return optionColors[1 + (hash % (optionColors.length - 1))] ?? 'gray';
}

/** One or two letters that stand for a name; one character for Chinese, Japanese and Korean names. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/).flatMap((word) => word.replace(/^[^\p{L}\p{N}]+/u, '') || []);
  const first = words[0] ?? '';
  if (first === '') return '?';
  if (/[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]/u.test(first)) return [...first][0] ?? '?';
  const last = words.length > 1 ? words[words.length - 1] : '';
  return (([...first][0] ?? '') + ([...(last ?? '')][0] ?? '')).toUpperCase();
}
