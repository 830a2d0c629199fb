import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import type { SourceRow } from './cell.js';
import { openCsv } from './csv-source.js';

const folder = mkdtempSync(join(tmpdir(), 'trellis-csv-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function read(
  bytes: Buffer | string,
  options = {},
): Promise<{ columns: readonly string[]; rows: SourceRow[]; encoding: string; delimiter: string }> {
  const path = join(folder, 'file.csv');
  writeFileSync(path, bytes);
  const source = await openCsv(path, options);
  const rows: SourceRow[] = [];
  for await (const batch of source.rows()) rows.push(...batch);
  return { columns: source.columns, rows, encoding: source.encoding, delimiter: source.delimiter };
}

describe('openCsv', () => {
  const text = '名称,城市\n上海公司,上海\n北京公司,北京\n';

  it.each([
    ['utf-8 with a mark', Buffer.from('\ufeff' + text), 'utf-8'],
    ['utf-8', Buffer.from(text), 'utf-8'],
    ['utf-16le with a mark', iconv.encode(text, 'utf-16le', { addBOM: true }), 'utf-16le'],
    ['utf-16be with a mark', iconv.encode(text, 'utf-16be', { addBOM: true }), 'utf-16be'],
    ['gb18030', iconv.encode(text, 'gb18030'), 'gb18030'],
  ])('reads %s', async (_name, bytes, encoding) => {
    const found = await read(bytes);
    expect(found.encoding).toBe(encoding);
    expect(found.columns).toEqual(['名称', '城市']);
    expect(found.rows.map((row) => row.cells)).toEqual([
      ['上海公司', '上海'],
      ['北京公司', '北京'],
    ]);
  });

  it('reads western 8-bit text', async () => {
    const found = await read(iconv.encode('name,city\nMüller,Köln\nÅse,Malmö\n', 'windows-1252'));
    expect(found.rows.map((row) => row.cells)).toEqual([
      ['Müller', 'Köln'],
      ['Åse', 'Malmö'],
    ]);
  });

  it.each([';', '\t', '|'])('finds the delimiter %j', async (delimiter) => {
    const found = await read(`a${delimiter}b${delimiter}c\n1,5${delimiter}2${delimiter}3\n`);
    expect(found.delimiter).toBe(delimiter);
    expect(found.rows[0].cells).toEqual(['1,5', '2', '3']);
  });

  it('names empty and repeated headers', async () => {
    expect((await read('Name,,Name\n1,2,3\n')).columns).toEqual(['Name', 'Column 2', 'Name (2)']);
  });

  it('marks ragged rows and leaves out empty ones', async () => {
    const { rows } = await read('a,b\n1\n\n,\n1,2,3\n1,2\n');
    expect(rows.map((row) => [row.number, row.problem?.code ?? null])).toEqual([
      [1, 'row.ragged'],
      [3, 'row.ragged'],
      [4, null],
    ]);
  });

  it('takes one apostrophe off guarded text only', async () => {
    const { rows } = await read("a,b,c\n'=1,''=1,'tis\n");
    expect(rows[0].cells).toEqual(['=1', "'=1", "'tis"]);
  });

  it('refuses a file without a header', async () => {
    await expect(read('')).rejects.toMatchObject({ code: 'import.empty' });
  });
});
