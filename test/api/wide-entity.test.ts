import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Loose } from '../support/client.js';
import { runImport } from '../support/imports.js';
import { makePlugin } from '../support/made-plugin.js';

const fieldCount = 1_000;
const kinds = ['text', 'integer', 'decimal', 'choice', 'date', 'dateTime', 'boolean', 'longText', 'email', 'tags'];
const kindAt = (n: number): string => kinds[n % kinds.length];
const keyAt = (n: number): string => `f${n}`;

let app: TestApp;

beforeAll(async () => {
  const properties = Object.fromEntries(
    Array.from({ length: fieldCount }, (_each, n) => [
      keyAt(n),
      {
        title: `Field ${n}`,
        'x-field': {
          kind: kindAt(n),
          ...(kindAt(n) === 'choice' ? { options: ['a', 'b'].map((value) => ({ value, title: value })) } : {}),
        },
      },
    ]),
  );
  app = await startApp({ plugins: [await makePlugin('wide', [{ name: 'thing', properties }])] });
});
afterAll(() => app.stop());

/** A value for every field; `seed` tells records apart. */
function filled(seed: number): Record<string, unknown> {
  const values: Record<string, unknown> = { name: `thing ${seed}` };
  for (let n = 0; n < fieldCount; n++) {
    values[keyAt(n)] = {
      text: `text ${seed} of ${n}, long enough not to be kept short`,
      integer: seed * 1_000 + n,
      decimal: Number((seed + n / 100).toFixed(2)),
      choice: seed % 2 ? 'a' : 'b',
      date: `2024-01-${String(1 + (seed % 28)).padStart(2, '0')}`,
      dateTime: `2024-01-01T00:00:${String(seed % 60).padStart(2, '0')}.000Z`,
      boolean: (seed + n) % 2 === 0,
      longText: `${'words '.repeat(20)}${seed} ${n}`,
      email: `m${seed}.${n}@example.com`,
      tags: [`t${seed}`, `n${n}`],
    }[kindAt(n)];
  }
  return values;
}

const entity = 'wide.thing';
const path = `/api/records/${entity}`;
const create = async (seed: number): Promise<Loose> =>
  expectOk(await app.admin.post(path, filled(seed)), 201).body.data;
const read = async (id: unknown): Promise<Loose> =>
  expectOk(await app.admin.get(`${path}/${String(id)}`), 200).body.data;
/** The last fields overflow for sure. */
const far = (kind: string): string => keyAt(fieldCount - kinds.length + kinds.indexOf(kind));

test('the fields stand in several tables', async () => {
  const tables = await app.db.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'data'::regnamespace and relkind = 'r' and relname like 'wide\\_\\_thing%' order by 1`,
  );
  expect(tables.length).toBeGreaterThan(1);
});

test('a record with all fields filled comes back as it was written', async () => {
  const made = await create(1);
  expect(made).toMatchObject(filled(1));
  expect(await read(made.id)).toEqual(made);
});

test('an update of near and far fields changes these, and the history tells both', async () => {
  const made = await create(2);
  const values = { f1: 5, [far('integer')]: 6, [far('text')]: 'other', [far('tags')]: [] };
  const changed = expectOk(await app.admin.patch(`${path}/${String(made.id)}`, values), 200).body.data;
  expect(changed).toMatchObject({ ...filled(2), ...values, version: 2 });
  const again = expectOk(await app.admin.patch(`${path}/${String(made.id)}`, { [far('text')]: null }), 200).body.data;
  expect(again[far('text')]).toBeNull();
  const [last, first] = expectOk(await app.admin.get(`${path}/${String(made.id)}/history`), 200).body.data;
  expect(last.changes).toEqual([{ field: far('text'), before: 'other', after: null }]);
  expect(first.changes.map(({ field }) => String(field)).sort()).toEqual(Object.keys(values).sort());
  expect(await read(made.id)).toEqual(again);
});

test('a record with few fields has no values elsewhere, and gets them later', async () => {
  const made = expectOk(await app.admin.post(path, { name: 'bare' }), 201).body.data;
  expect(made[far('text')]).toBeNull();
  const changed = expectOk(await app.admin.patch(`${path}/${String(made.id)}`, { [far('text')]: 'now' }), 200).body
    .data;
  expect(changed[far('text')]).toBe('now');
});

test('lists filter, sort, search, page and add up by far fields', async () => {
  await Promise.all([11, 12, 13].map(create));
  const number = far('integer');
  const filter = encodeURIComponent(`${number} >= ${11_000 + fieldCount - kinds.length} && name.startsWith('thing 1')`);
  const list = async (query: string): Promise<Loose> => expectOk(await app.admin.get(`${path}?${query}`), 200).body;
  const sorted = await list(`filter=${filter}&sort=-${number}&fields=name,${far('text')}&limit=2&count=exact`);
  expect(sorted.data.map(({ name }) => String(name))).toEqual(['thing 13', 'thing 12']);
  expect(sorted.page.count).toBe(3);
  const next = await list(
    `filter=${filter}&sort=-${number}&fields=name&limit=2&after=${encodeURIComponent(String(sorted.page.next))}`,
  );
  expect(next.data.map(({ name }) => String(name))).toEqual(['thing 11']);
  expect((await list('q=thing%2012')).data[0]).toMatchObject(filled(12));
  const sum = expectOk(
    await app.admin.post(`${path}/aggregate`, {
      groupBy: [{ field: far('choice') }],
      measures: [{ fn: 'count' }, { fn: 'sum', field: number }],
      filter: decodeURIComponent(filter),
    }),
    200,
  );
  expect(sum.body.data.map((row) => Number(row.count)).sort()).toEqual([1, 2]);
});

test('bulk creates and updates them set-wise', async () => {
  const rows = [21, 22, 23].map((seed) => ({ ...filled(seed), externalId: `e${seed}` }));
  const made = expectOk(await app.admin.post(`${path}/bulk?mode=create`, rows), 200, 201, 207);
  expect(made.body.summary).toMatchObject({ created: 3, refused: 0 });
  const patch = rows.map(({ externalId }, i) => ({ externalId, [far('integer')]: i, f1: i }));
  expectOk(await app.admin.post(`${path}/bulk?mode=update&key=externalId`, patch), 200, 207);
  const found = expectOk(
    await app.admin.get(`${path}?filter=${encodeURIComponent(`${far('integer')} < 3`)}&sort=externalId`),
    200,
  ).body.data;
  expect(found.map((row) => [row.f1, row[far('integer')], row[far('text')]])).toEqual(
    rows.map((row, i) => [i, i, row[far('text') as keyof typeof row]]),
  );
});

test('an import fills them, an export has them', async () => {
  const header = ['externalId', ...Object.keys(filled(0))];
  const cell = (value: unknown): string =>
    `"${(Array.isArray(value) ? value.join('; ') : String(value)).replaceAll('"', '""')}"`;
  const lines = [31, 32].map((seed) => [`imp${seed}`, ...Object.values(filled(seed))].map(cell).join(','));
  const done = await runImport(app.admin, {
    entity,
    content: [header.join(','), ...lines].join('\n'),
    options: { mode: 'upsert', key: 'externalId' },
  });
  expect([done.status, done.created, done.refused]).toEqual(['done', 2, 0]);
  const again = await runImport(app.admin, {
    entity,
    content: [`externalId,${far('text')}`, 'imp31,changed'].join('\n'),
    options: { mode: 'upsert', key: 'externalId' },
  });
  expect(again.updated).toBe(1);
  const exported = await app.admin.get(
    `${path}/export?format=ndjson&filter=${encodeURIComponent("externalId == 'imp31'")}`,
  );
  expect(JSON.parse(exported.text.trim())).toMatchObject({ ...filled(31), [far('text')]: 'changed' });
});

test('deleted, restored and purged, nothing is left', async () => {
  const made = await create(41);
  const one = `${path}/${String(made.id)}`;
  expectOk(await app.admin.delete(one), 200, 204);
  expectOk(await app.admin.post(`${one}/restore`), 200, 204);
  expect(await read(made.id)).toMatchObject(filled(41));
  expectOk(await app.admin.delete(one), 200, 204);
  expectOk(await app.admin.post(`${one}/purge`), 200, 204);
  const left = await app.db.query(`select 1 from data."wide__thing$o1" where _o1 = '${String(made.id)}'`);
  expect(left).toEqual([]);
});
