import { Readable } from 'node:stream';
import { cellText } from './read/cell.js';
import type { Cell } from './read/cell.js';
import type { ImportRecord } from './store.js';
import type { ExportStream, ImportProblem } from './types.js';
import { csvLine } from './write/csv-line.js';
import type { Database } from '../storage/index.js';

const ROWS = 1000;

/** The refused rows as CSV: the file's own columns, then `row` and `reasons`, so that it can be mended and imported again. */
export function refusedCsv(db: Database, record: ImportRecord): ExportStream {
  const name = record.file_name.replace(/\.[^.]*$/, '') || 'import';
  return {
    mediaType: 'text/csv; charset=utf-8',
    fileName: `${name}-refused.csv`,
    body: Readable.from(lines(db, record)),
  };
}

async function* lines(db: Database, record: ImportRecord): AsyncGenerator<string> {
  yield '\ufeff' + csvLine([...record.columns, 'row', 'reasons']);
  for (let after = '0'; ;) {
    const rows = await db.query<{ row: string; cells: Cell[]; reasons: ImportProblem[] | null }>({
      text: `select row, cells, reasons from trellis.import_row where import_id = $1::uuid and action = 'refused' and reasons is not null and import_row.row > $2::bigint order by import_row.row limit ${ROWS}`,
      values: [record.id, after],
    });
    if (rows.length === 0) return;
    yield rows
      .map((row) =>
        csvLine([
          ...record.columns.map((_, at) => cellText(row.cells[at] ?? null)),
          Number(row.row),
          (row.reasons ?? []).map(inWords).join('; '),
        ]),
      )
      .join('');
    after = rows[rows.length - 1].row;
  }
}

function inWords(problem: ImportProblem): string {
  const place = problem.column ?? problem.field;
  return place ? `${place}: ${problem.message}` : problem.message;
}
