/**
 * A number as people write it: `1,234.56`, `1.234,56`, `1 234`, `¥1,200`, `(12.5)`, `12.5-`, `12%`, `1.2e3`.
 * Where one separator alone is ambiguous (`1,234`), `decimalSeparator` decides. Returns null where it is none.
 */
export function parseNumber(text: string, decimalSeparator: '.' | ','): number | null {
  let rest = text
    .normalize('NFKC')
    .replace(/[\s'’_]/g, '')
    .replace(/−/g, '-');
  if (rest.length > 64) return null;
  let sign = 1;
  if (rest.startsWith('(') && rest.endsWith(')')) [sign, rest] = [-1, rest.slice(1, -1)];
  rest = stripUnits(rest);
  if (rest.endsWith('-')) [sign, rest] = [-sign, rest.slice(0, -1)];
  if (rest.startsWith('-')) [sign, rest] = [-sign, rest.slice(1)];
  else if (rest.startsWith('+')) rest = rest.slice(1);
  rest = stripUnits(rest);
  const plain = plainDigits(rest, decimalSeparator);
  if (plain === null) return null;
  const value = sign * Number(plain);
  return Number.isFinite(value) ? (value === 0 ? 0 : value) : null;
}

/** Currency signs and codes before or after, a percent sign after. */
function stripUnits(text: string): string {
  return text.replace(/^([A-Z]{3}|[A-Z]{0,3}\p{Sc})/u, '').replace(/(\p{Sc}|[A-Z]{3}|%|元|圆|円)$/u, '');
}

function plainDigits(text: string, decimalSeparator: '.' | ','): string | null {
  const match = /^([\d.,]+)(e[+-]?\d{1,3})?$/i.exec(text);
  if (!match || !/\d/.test(match[1])) return null;
  const digits = match[1];
  const exponent = match[2] ?? '';
  const separators = digits.replace(/\d/g, '');
  if (separators === '') return digits + exponent;
  const last = separators[separators.length - 1] as '.' | ',';
  const other = last === '.' ? ',' : '.';
  if (separators.includes(other)) {
    if (separators.indexOf(last) !== separators.length - 1) return null;
    const [whole, fraction] = split(digits, last);
    return isGrouped(whole, other) ? whole.replaceAll(other, '') + '.' + fraction + exponent : null;
  }
  if (separators.length > 1) return isGrouped(digits, last) ? digits.replaceAll(last, '') + exponent : null;
  const [whole, fraction] = split(digits, last);
  const ambiguous = fraction.length === 3 && /^[1-9]\d{0,2}$/.test(whole);
  if (ambiguous && last !== decimalSeparator) return whole + fraction + exponent;
  return `${whole || '0'}.${fraction || '0'}${exponent}`;
}

function split(digits: string, separator: string): [string, string] {
  const at = digits.lastIndexOf(separator);
  return [digits.slice(0, at), digits.slice(at + 1)];
}

/** Groups of three, or of two before the last three as in India. */
function isGrouped(text: string, separator: string): boolean {
  const groups = text.split(separator);
  return groups.every(
    (group, i) =>
      /^\d+$/.test(group) &&
      (i === 0
        ? group.length <= 3
        : i === groups.length - 1
          ? group.length === 3
          : group.length === 2 || group.length === 3),
  );
}
