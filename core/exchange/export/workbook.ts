import { Readable } from 'node:stream';
import type { Row } from 'write-excel-file/node';
import type { RecordData } from '../../sdk/index.js';
import type { ExportColumn } from './columns.js';

/** Rows that a workbook is made of at most: it is built in memory. */
export const MAX_XLSX_ROWS = 50_000;
/** What a cell of the format can hold. */
const MAX_CELL = 32_767;
// XML 1.0 cannot carry these at all.
const FORBIDDEN = /[^\t\n\r\u0020-\ufffd\u{10000}-\u{10ffff}]/gu;

/** A workbook of one sheet with a bold header that stays in view. Text is written as text, so no formula can come of it. */
export async function workbook(
  columns: readonly ExportColumn[],
  pages: AsyncIterable<RecordData[]>,
): Promise<Readable> {
  const rows: Row[] = [columns.map((column) => ({ value: column.header, type: String, fontWeight: 'bold' as const }))];
  for await (const page of pages) {
    for (const record of page) {
      rows.push(
        columns.map((column) => {
          const cell = column.cell(record);
          if (cell === null || cell === '') return null;
          return typeof cell === 'number'
            ? { value: cell, type: Number }
            : { value: cell.replace(FORBIDDEN, '').slice(0, MAX_CELL), type: String };
        }),
      );
    }
  }
  // Many modules, and few start a workbook.
  const { default: writeExcelFile } = await import('write-excel-file/node');
  return Readable.from([await writeExcelFile(rows, { stickyRowsCount: 1 }).toBuffer()]);
}
