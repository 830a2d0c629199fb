import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FieldModel } from '../../schema/index.js';
import { sampleEntity } from '../../schema/sample.js';
import type { RecordData } from '../../sdk/index.js';
import { openSource } from '../read/open-source.js';
import type { SourceRow } from '../read/cell.js';
import { csvLine } from '../write/csv-line.js';
import { exportColumns } from './columns.js';
import { workbook } from './workbook.js';

const folder = mkdtempSync(join(tmpdir(), 'trellis-export-'));
afterAll(() => rmSync(folder, { recursive: true }));

const entity = sampleEntity({
  amount: { title: 'Amount', type: 'number', 'x-field': { kind: 'decimal' } },
  phone: { title: 'Phone', 'x-field': { kind: 'phone' } },
  company: { title: 'Company', 'x-field': { kind: 'link', to: 'contacts.company' } },
});
const fields = ['name', 'amount', 'phone', 'company'].map((key) => entity.fields.get(key) as FieldModel);
const columns = exportColumns(fields);
const record: RecordData = {
  name: '=cmd()',
  amount: -5.5,
  phone: '+12015550123',
  company: { id: '0190a5c2-7b3e-7c4d-8e5f-001122334455', title: 'Acme, Inc.' },
};

async function rowsOf(name: string, content: string | Buffer): Promise<SourceRow[]> {
  const path = join(folder, name);
  writeFileSync(path, content);
  const rows: SourceRow[] = [];
  for await (const batch of (await openSource(path, name, {})).rows()) rows.push(...batch);
  return rows;
}

describe('exportColumns', () => {
  it('names columns by field key, with a title beside each link', () => {
    expect(columns.map((column) => column.header)).toEqual(['name', 'amount', 'phone', 'company', 'company.title']);
  });

  it('guards text against formulas, but not numbers', () => {
    expect(csvLine(columns.map((column) => column.cell(record)))).toBe(
      `'=cmd(),-5.5,'+12015550123,0190a5c2-7b3e-7c4d-8e5f-001122334455,"Acme, Inc."\r\n`,
    );
  });

  it('is read back from CSV as it was', async () => {
    const line = csvLine(columns.map((column) => column.cell(record)));
    const [row] = await rowsOf('a.csv', csvLine(columns.map((column) => column.header)) + line);
    expect(row.cells.slice(0, 3)).toEqual(['=cmd()', '-5.5', '+12015550123']);
  });

  it('is read back from a workbook as it was, text as text', async () => {
    async function* pages() {
      yield [record];
    }
    const parts: Buffer[] = [];
    for await (const part of await workbook(columns, pages())) parts.push(part as Buffer);
    const [row] = await rowsOf('a.xlsx', Buffer.concat(parts));
    expect(row.cells).toEqual([
      '=cmd()',
      { json: -5.5 },
      '+12015550123',
      '0190a5c2-7b3e-7c4d-8e5f-001122334455',
      'Acme, Inc.',
    ]);
  });
});

describe('JSON sources', () => {
  it('reads lines, with the union of their keys, and marks what is no object', async () => {
    const rows = await rowsOf('a.ndjson', '{"a":1}\n\n[1]\n{"b":"x"}\n{broken\n');
    expect(rows.map((row) => row.problem?.code ?? row.cells)).toEqual([
      [{ json: 1 }, null],
      'row.malformed',
      [null, 'x'],
      'row.malformed',
    ]);
  });

  it('reads an array', async () => {
    expect((await rowsOf('a.json', ' [{"a":"x"},{"a":null}]')).map((row) => row.cells)).toEqual([['x'], [null]]);
  });

  it('refuses a damaged workbook', async () => {
    await expect(rowsOf('b.xlsx', Buffer.from('PK\x03\x04 nothing'))).rejects.toMatchObject({
      code: 'import.unreadable',
    });
  });
});
