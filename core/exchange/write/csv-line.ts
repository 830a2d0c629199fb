import { guard } from './formula-guard.js';

/** A cell to write: null becomes nothing, '' becomes `""`, a number stands as it is, text is guarded against formulas. */
export type OutCell = string | number | null;

const NEEDS_QUOTES = /[",;\t|\r\n]|^\s|\s$|^$|^\ufeff/;

/** One CSV line with its `\r\n`. */
export function csvLine(cells: readonly OutCell[]): string {
  return cells.map(csvCell).join(',') + '\r\n';
}

function csvCell(cell: OutCell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = guard(cell);
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
