import { Readable } from 'node:stream';
import type { Catalog } from '../catalog/index.js';
import { reasonIn } from './reason-words.js';
import { cellText } from './read/cell.js';
import type { Cell } from './read/cell.js';
import type { ImportRecord } from './store.js';
import type { ExportStream, ImportProblem } from './types.js';
import { csvLine } from './write/csv-line.js';
import type { Database } from '../storage/index.js';

const ROWS = 1000;

/** The refused rows as CSV: the file's own columns, then `row` and `reasons` in the reader's language, so that it can be mended and imported again. */
export function refusedCsv(
  db: Database,
  record: ImportRecord,
  { catalog, locale }: { readonly catalog: Catalog; readonly locale: string },
): ExportStream {
  const name = record.file_name.replace(/\.[^.]*$/, '') || 'import';
  return {
    mediaType: 'text/csv; charset=utf-8',
    fileName: `${name}-refused.csv`,
    body: Readable.from(
      lines(db, record, (problem) => reasonIn(problem, placeOf(record, catalog, locale, problem), locale)),
    ),
  };
}

async function* lines(
  db: Database,
  record: ImportRecord,
  inWords: (problem: ImportProblem) => string,
): AsyncGenerator<string> {
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

/** The file's own name for the column, else what people call the field. */
function placeOf(record: ImportRecord, catalog: Catalog, locale: string, { column, field }: ImportProblem): string {
  if (column !== undefined || field === undefined) return column ?? '';
  const [key] = field.split('/');
  const mapped = record.mapping.find((one) => one.field === field || one.field === key);
  if (mapped) return mapped.column;
  const definition = catalog.definitions('entity').get(record.entity);
  const { properties } = (definition ? catalog.localized(definition, locale) : {}) as {
    properties?: Readonly<Record<string, { title?: string } | undefined>>;
  };
  return properties?.[key]?.title ?? field;
}
