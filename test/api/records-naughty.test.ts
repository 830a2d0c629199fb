import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk } from '../support/client.js';
import { listAll, runImport } from '../support/imports.js';

const list = join(process.cwd(), '../shared/data/naughty-strings/blns.json');
const own = [
  '',
  ' ',
  "'",
  '=1+1',
  "'=1+1",
  '+49 30',
  '-1',
  '@x',
  '\t',
  '\r',
  'a\r\nb',
  '"',
  '""',
  'a"b',
  ',',
  ';',
  '|',
  '\ufeff',
  '￾',
  '﷽',
  'ﬀ',
  'é',
  'é',
  '👩🏽‍🚀',
  '\u202ertl',
  '上海',
  '\\',
  '%00',
  '${x}',
  '{{x}}',
  '<script>alert(1)</script>',
  "'; drop table x; --",
];
/** Names have 1 to 200 characters here; what a text cannot carry at all has tests of its own. */
const strings = [
  ...new Set([...own, ...(existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as string[]) : [])]),
].filter((text) => text.length <= 30_000);

const entity = 'contacts.company';
const path = `/api/records/${entity}`;
let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app?.stop());

describe('naughty strings', () => {
  const rows = strings.map((text, n) => ({ externalId: `n-${n}`, name: `Row ${n}`, description: text }));

  it('round-trip byte for byte through create, read, list, CSV export and re-import', async () => {
    for (const row of rows.slice(0, 60)) {
      const made = expectOk(await app.admin.post(path, row), 201);
      expect(made.body.data.description).toBe(row.description);
      expect((await app.admin.get(`${path}/${String(made.body.data.id)}`)).body.data.description).toBe(row.description);
    }
    const others = rows.slice(60);
    if (others.length > 0) expectOk(await app.admin.post(`${path}/bulk?mode=create&atomic=true`, others));
    const before = await listAll(app.admin, entity);
    expect(Object.fromEntries(before.map((record) => [String(record.externalId), record.description]))).toEqual(
      Object.fromEntries(rows.map((row) => [row.externalId, row.description])),
    );

    const csv = expectOk(await app.admin.get(`${path}/export?format=csv`)).text;
    const same = await runImport(app.admin, { entity, content: csv });
    expect(same).toMatchObject({
      status: 'done',
      total: rows.length,
      unchanged: rows.length,
      created: 0,
      updated: 0,
      refused: 0,
    });
    expect(await listAll(app.admin, entity)).toEqual(before);

    // Into an empty table: every value has gone through the file.
    const fresh = csv.replace(/^\ufeff?id,/, '\ufeffformerId,');
    for (const row of before) expect((await app.admin.delete(`${path}/${String(row.id)}`)).status).toBe(204);
    for (const row of before) expect((await app.admin.post(`${path}/${String(row.id)}/purge`)).status).toBe(204);
    expect(await runImport(app.admin, { entity, content: fresh })).toMatchObject({ created: rows.length, refused: 0 });
    const after = await listAll(app.admin, entity);
    expect(Object.fromEntries(after.map((record) => [String(record.externalId), record.description]))).toEqual(
      Object.fromEntries(rows.map((row) => [row.externalId, row.description])),
    );
  });

  it.each(['a\u0000b', 'a\ud800b'])('refuses %j, which no database can hold', async (text) => {
    expect((await app.admin.post(path, { name: 'x', description: text })).status).toBeGreaterThanOrEqual(400);
    expect((await app.admin.post(path, { name: 'x', description: text })).status).toBeLessThan(500);
  });
});
