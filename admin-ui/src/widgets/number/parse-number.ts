/**
 * The number a person typed, or null for nothing, or undefined where it is none. Takes thousands separators of either
 * habit (`1,234.5`, `1.234,5`, `1 234,5`) where they are plain, full-width digits, and a trailing percent sign.
 */
export function parseNumber(text: string): number | null | undefined {
  const input = text
    .normalize('NFKC')
    .replaceAll(/[\s'’_]/g, '')
    .replace(/%$/, '')
    .replace('−', '-');
  if (input === '') return null;
  const plainText = plainDecimal(input);
  if (plainText === null) return undefined;
  const number = Number(plainText);
  return Number.isFinite(number) ? number : undefined;
}

function plainDecimal(input: string): string | null {
  if (/^[+-]?\d*\.?\d+$|^[+-]?\d+\.$/.test(input)) return input;
  if (/^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/.test(input)) return input.replaceAll(',', '');
  if (/^[+-]?\d{1,3}(\.\d{3})+,\d*$/.test(input)) return input.replaceAll('.', '').replace(',', '.');
  if (/^[+-]?\d*,\d+$/.test(input)) return input.replace(',', '.');
  return null;
}
