import { open, stat } from 'node:fs/promises';
import { invalid, limited } from '../../base/errors.js';
import type { Cell, Source, SourceRow } from './cell.js';
import { columnNames } from './cell.js';

const MAX_ROWS = 50_000;
const MAX_UNPACKED = 400 * 1024 * 1024;

/** Opens the first sheet of a workbook. Throws import.too_many_rows past 50,000, import.unreadable for a damaged file. */
export async function openXlsx(path: string): Promise<Source> {
  await refuseBomb(path);
  const [header, ...body] = await sheetOf(path);
  if (!header)
    throw invalid('import.empty', 'The first sheet is empty.', { hint: 'Its first row must name the columns.' });
  if (body.length > MAX_ROWS)
    throw limited('import.too_many_rows', `The sheet has ${body.length} rows; workbooks are read up to ${MAX_ROWS}.`, {
      hint: 'Save it as CSV: those are not limited.',
    });
  const width = header.length;
  const columns = columnNames(header.map((cell) => (cell === null || cell === undefined ? null : String(cell))));
  const rows: SourceRow[] = body
    .map((cells, index) => ({ number: index + 1, cells: Array.from({ length: width }, (_, at) => toCell(cells[at])) }))
    .filter((row) => row.cells.some((cell) => cell !== null));
  return {
    columns,
    async *rows() {
      for (let at = 0; at < rows.length; at += 2000) yield rows.slice(at, at + 2000);
    },
  };
}

type SheetCell = string | number | boolean | Date | null | undefined;

async function sheetOf(path: string): Promise<SheetCell[][]> {
  // Many modules, and few read a workbook.
  const { readSheet } = await import('read-excel-file/node');
  try {
    return (await readSheet(path, { trim: false })) as unknown as SheetCell[][];
  } catch (cause) {
    throw invalid('import.unreadable', 'The file is not a readable .xlsx workbook.', {
      cause,
      hint: 'Save it again as .xlsx or as CSV (UTF-8).',
    });
  }
}

function toCell(value: SheetCell): Cell {
  if (value === null || value === undefined || value === '') return null;
  if (value instanceof Date) {
    const text = value.toISOString();
    return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text;
  }
  return typeof value === 'string' ? value : { json: value };
}

/** Adds up what the zip directory promises to unpack, before anything is unpacked. */
async function refuseBomb(path: string): Promise<void> {
  const { size } = await stat(path);
  const file = await open(path, 'r');
  try {
    const tail = Buffer.alloc(Math.min(size, 66_000));
    await file.read(tail, 0, tail.length, size - tail.length);
    const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
    if (end < 0)
      throw invalid('import.unreadable', 'The file is not a readable .xlsx workbook.', {
        hint: 'Save it again as .xlsx or as CSV (UTF-8).',
      });
    const directory = Buffer.alloc(tail.readUInt32LE(end + 12));
    await file.read(directory, 0, directory.length, tail.readUInt32LE(end + 16));
    let unpacked = 0;
    for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === 0x02014b50;) {
      unpacked += directory.readUInt32LE(at + 24);
      at += 46 + directory.readUInt16LE(at + 28) + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    }
    if (unpacked > MAX_UNPACKED)
      throw limited('import.too_large', 'The workbook unpacks to more than 400 MB.', { hint: 'Save it as CSV.' });
  } finally {
    await file.close();
  }
}
