import { invalid } from '../../base/errors.js';
import { unguard } from '../write/formula-guard.js';
import type { Source, SourceRow } from './cell.js';
import { columnNames } from './cell.js';
import type { CsvRecord } from './csv-parser.js';
import { CsvParser } from './csv-parser.js';
import { sniffDialect } from './delimiter.js';
import { decodeFile, detectEncoding } from './encoding.js';

export interface CsvOptions {
  /** One character; absent: found out. */
  readonly delimiter?: string;
  /** Absent: found out. */
  readonly encoding?: string;
}

const HEAD = 64 * 1024;

/** Opens a CSV file. Throws import.empty where it has no header. */
export async function openCsv(
  path: string,
  options: CsvOptions,
): Promise<Source & { encoding: string; delimiter: string }> {
  const encoding = options.encoding ?? (await detectEncoding(path));
  const head = await readHead(path, encoding);
  const sniffed = sniffDialect(head);
  const delimiter = options.delimiter ?? sniffed.delimiter;
  const header = new CsvParser(delimiter, sniffed.loneCarriageReturns);
  const first = header.push(head)[0] ?? header.end()[0];
  if (!first)
    throw invalid('import.empty', 'The file holds no header line.', { hint: 'The first line must name the columns.' });
  const columns = columnNames(first.cells);
  return {
    columns,
    encoding,
    delimiter,
    async *rows() {
      const parser = new CsvParser(delimiter, sniffed.loneCarriageReturns);
      let number = -1; // The header is record 0.
      for await (const piece of decodeFile(path, encoding)) {
        const records = parser.push(piece);
        const rows = number < 0 ? records.slice(1) : records;
        if (records.length > 0 && number < 0) number = 0;
        yield rows.map((record) => toRow(record, ++number, columns.length)).filter(isFilled);
      }
      const records = parser.end();
      const rows = number < 0 ? records.slice(1) : records;
      number = Math.max(number, 0);
      yield rows.map((record) => toRow(record, ++number, columns.length)).filter(isFilled);
    },
  };
}

async function readHead(path: string, encoding: string): Promise<string> {
  let head = '';
  for await (const piece of decodeFile(path, encoding)) {
    head += piece;
    if (head.length >= HEAD) break;
  }
  return head;
}

/** Spreadsheets leave lines of nothing but delimiters behind; like blank lines they are no rows. */
function isFilled(row: SourceRow): boolean {
  return row.cells.some((cell) => cell !== null);
}

function toRow(record: CsvRecord, number: number, width: number): SourceRow {
  const cells = record.cells.map((cell) => (cell === null ? null : unguard(cell)));
  if (record.unterminated)
    return {
      number,
      cells,
      problem: { code: 'row.unterminated_quote', message: 'A quote is opened and never closed.' },
    };
  if (cells.length > width)
    return {
      number,
      cells,
      problem: { code: 'row.ragged', message: `The row has ${cells.length} cells, the header has ${width}.` },
    };
  if (cells.length < width)
    return {
      number,
      cells,
      problem: { code: 'row.ragged', message: `The row has only ${cells.length} cells, the header has ${width}.` },
    };
  return { number, cells };
}
