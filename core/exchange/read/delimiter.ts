import { CsvParser } from './csv-parser.js';

const CANDIDATES = [',', ';', '\t', '|'] as const;

/**
 * The delimiter under which the first records have the most columns and agree on their number; a comma where nothing
 * else speaks. `loneCarriageReturns` tells old Macintosh line ends.
 */
export function sniffDialect(head: string): { delimiter: string; loneCarriageReturns: boolean } {
  const loneCarriageReturns = /\r(?!\n)/.test(head.slice(0, -1)) && !head.includes('\n');
  let best = { delimiter: ',', score: 0 };
  for (const delimiter of CANDIDATES) {
    const parser = new CsvParser(delimiter, loneCarriageReturns);
    const widths = parser
      .push(head)
      .slice(0, 100)
      .map((record) => record.cells.length);
    if (widths.length === 0) widths.push(...parser.end().map((record) => record.cells.length));
    if (widths.length === 0) continue;
    const columns = widths[0];
    const agreeing = widths.filter((width) => width === columns).length / widths.length;
    const score = columns > 1 ? agreeing * agreeing * Math.log2(columns + 1) : 0;
    if (score > best.score) best = { delimiter, score };
  }
  return { delimiter: best.delimiter, loneCarriageReturns };
}
