import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Answer, type Client } from '../support/client.js';
import { createImport, runImport } from '../support/imports.js';

let app: TestApp;
/** Reads all items and boxes, but not their codes and serials, and no safe. */
let keeper: Client;
let item: string;
const items = '/api/records/vault.item';

beforeAll(async () => {
  app = await startApp({ plugins: [join(import.meta.dirname, '../fixtures/vault')] });
  keeper = await app.member({ roles: ['vault.keeper'] });
  const make = async (entity: string, values: object) =>
    String(expectOk(await app.admin.post(`/api/records/${entity}`, values), 201).body.data.id);
  const box = await make('vault.box', { name: 'Box', serial: 'SERIAL-1' });
  const safe = await make('vault.safe', { name: 'Safe', serial: 'SAFE-1' });
  item = await make('vault.item', { name: 'Ring', tag: 'T1', cipher: 'CODE-1', box, safe });
});
afterAll(() => app?.stop());

/** What the server says, without the name that was asked about: the same for what is hidden and what is not there. */
const words = (answer: Answer, name: string) => [
  answer.status,
  answer.text.replaceAll(name, '*').replace(/"requestId":"[^"]*"/, ''),
];

test('search finds nothing by a searchable field that is hidden for the role', async () => {
  expect((await app.admin.get(`${items}?q=CODE-1`)).body.data).toHaveLength(1);
  expect((await keeper.get(`${items}?q=CODE-1`)).body.data).toEqual([]);
  expect((await keeper.get(`${items}?q=Ring`)).body.data).toHaveLength(1);
  expect((await keeper.get(`${items}?q=Ring`)).text).not.toContain('CODE-1');
});

test('a sort by a field of an entity that cannot be read tells no more than one by a field that is not there', async () => {
  const other = expectOk(await app.admin.post('/api/records/vault.safe', { name: 'A safe', serial: 'SAFE-0' }), 201);
  expectOk(await app.admin.post(items, { name: 'Watch', safe: other.body.data.id }), 201);
  const order = async (client: Client, sort: string) => (await client.get(`${items}?sort=${sort}&fields=name`)).text;
  expect(await order(app.admin, 'safe.name')).not.toBe(await order(app.admin, '-safe.name'));
  // What is not there cannot order anything: where both answer alike, the hidden names do not either.
  for (const sign of ['', '-'])
    expect(await order(keeper, `${sign}safe.name`)).toBe(await order(keeper, `${sign}safe.qqqqq`));
  const sort = (by: string) => keeper.get(`${items}?sort=${by}`);
  expect((await sort('box.serial')).status).toBe(422);
  expect(words(await sort('box.serial'), 'serial')).toEqual(words(await sort('box.sqqqqq'), 'sqqqqq'));
  expect(words(await sort('cipher'), 'cipher')).toEqual(words(await sort('cqqqqr'), 'cqqqqr'));
});

test('a bulk by a hidden unique key is refused like one by a field that is not there', async () => {
  for (const mode of ['upsert', 'update']) {
    const by = (key: string) =>
      keeper.post(`${items}/bulk?mode=${mode}&key=${key}`, [{ [key]: 'CODE-1', name: 'Taken' }]);
    const hidden = await by('cipher');
    expect([mode, hidden.status]).toEqual([mode, 422]);
    expect(words(hidden, 'cipher')).toEqual(words(await by('cqqe'), 'cqqe'));
  }
  expect((await app.admin.get(`${items}/${item}`)).body.data.name).toBe('Ring');
  expect((await keeper.post(`${items}/bulk?mode=upsert&key=tag`, [{ tag: 'T1', name: 'Ring' }])).status).toBe(200);
});

describe('an import', () => {
  const upload = (column: string, mapping: object[], options: object = {}) =>
    keeper.upload('/api/imports', {
      content: `${column},name\nCODE-1,Taken\n`,
      fileName: 'items.csv',
      fields: { entity: 'vault.item', options: JSON.stringify({ mapping, ...options }) },
    });

  test('by a hidden unique key is refused in the words for a field that is not there', async () => {
    const by = (key: string) =>
      upload(
        key,
        [
          { column: key, field: key },
          { column: 'name', field: 'name' },
        ],
        { mode: 'upsert', key },
      );
    const hidden = await by('cipher');
    expect(hidden.body).toMatchObject({ status: 422, code: 'import.unknown_field' });
    expect(words(hidden, 'cipher')).toEqual(words(await by('cqqe'), 'cqqe'));
    expect((await app.admin.get(`${items}/${item}`)).body.data.name).toBe('Ring');
  });

  test('by a hidden key that no column fills, likewise', async () => {
    const by = (key: string) => upload('x', [{ column: 'name', field: 'name' }], { mode: 'upsert', key });
    expect(words(await by('cipher'), 'cipher')).toEqual(words(await by('cqqe'), 'cqqe'));
    expect((await by('cipher')).status).toBe(422);
  });

  test('is not guessed to match by it either', async () => {
    const state = await createImport(keeper, { entity: 'vault.item', content: 'cipher,name\nCODE-1,Taken\n' });
    expect(state.mapping.find(({ column }) => String(column) === 'cipher')?.field ?? null).toBeNull();
  });

  test('that would find linked records by a hidden field is refused, now and later', async () => {
    const by = (matchBy: string, field = 'box') =>
      upload(field, [
        { column: field, field, matchBy },
        { column: 'name', field: 'name' },
      ]);
    const hidden = await by('serial');
    expect(hidden.body).toMatchObject({ status: 422, code: 'import.unknown_match' });
    expect(words(hidden, 'serial')).toEqual(words(await by('sqqqqq'), 'sqqqqq'));
    expect(words(await by('name', 'safe'), 'name')).toEqual(words(await by('nqqe', 'safe'), 'nqqe'));
    expect((await by('name')).status).toBe(201);

    const state = await createImport(keeper, { entity: 'vault.item', content: 'box,name\nSERIAL-1,Late\n' });
    const start = await keeper.post(`/api/imports/${String(state.id)}/start`, {
      mapping: [
        { column: 'box', field: 'box', matchBy: 'serial' },
        { column: 'name', field: 'name' },
      ],
    });
    expect(start.status).toBe(422);
    expect(await app.db.query('select * from trellis.import_pending_link')).toEqual([]);
  });

  test('may use what the role can read', async () => {
    const member = await app.member({ roles: ['core.member', 'vault.keeper'] });
    const state = await runImport(member, {
      entity: 'vault.item',
      content: 'tag,name,box\nT1,Ring,Box\nT2,Chain,Box\n',
      options: {
        mode: 'upsert',
        key: 'tag',
        mapping: [
          { column: 'tag', field: 'tag' },
          { column: 'name', field: 'name' },
          { column: 'box', field: 'box', matchBy: 'name' },
        ],
      },
    });
    expect([state.status, state.created, JSON.stringify(state.problems)]).toEqual(['done', 1, '[]']);
  });
});

test('a workbook of more rows than it can hold is refused by name; the same as CSV is not', async () => {
  await app.db.query(
    `insert into data."vault__box" (id, name) select gen_random_uuid(), 'B' || n from generate_series(1, 50001) n`,
  );
  const refused = await app.admin.get('/api/records/vault.box/export?format=xlsx');
  expect(refused.body).toMatchObject({ status: 413, code: 'export.too_many_rows' });
  expect(String(refused.body.hint)).toContain('CSV');
  const filter = encodeURIComponent('name == "B7"');
  expect((await app.admin.get(`/api/records/vault.box/export?format=xlsx&filter=${filter}`)).status).toBe(200);
  const csv = await app.admin.get('/api/records/vault.box/export?format=csv&fields=name');
  expect(csv.text.trim().split('\n')).toHaveLength(50_003);
});

test('a likely duplicate among records of others is not told, nor how likely it is', async () => {
  const member = await app.member();
  const person = { firstName: 'Jane', lastName: 'Roe', email: 'jane.roe@example.com' };
  const own = expectOk(await member.post('/api/records/contacts.contact', person), 201).body.data;
  expectOk(await app.admin.post('/api/records/contacts.contact', { ...person, firstName: 'Janet' }), 201);
  const hidden = expectOk(await app.admin.post('/api/records/contacts.contact', person), 201).body.data;
  // The flag is on the younger one: let it be the member's.
  const url = `/api/records/contacts.contact/${String(hidden.id)}`;
  expect(Number((await app.admin.get(url)).body.data.duplicateScore)).toBe(100);
  expectOk(await app.admin.patch(url, { ownerId: String((own.ownerId as { id?: unknown }).id ?? own.ownerId) }), 200);
  await app.admin.delete(`/api/records/contacts.contact/${String(own.id)}`);
  await app.admin.patch(url, { phone: '+1 202 555 0143' });
  const seen = expectOk(await member.get(url), 200);
  expect((await app.admin.get(url)).body.data.possibleDuplicate).not.toBeNull();
  expect(seen.body.data.possibleDuplicate).toBeNull();
  expect(seen.text).not.toContain('duplicateScore');
  for (const query of [
    'sort=duplicateScore',
    `filter=${encodeURIComponent('duplicateScore > 50')}`,
    'fields=duplicateScore',
  ])
    expect((await member.get(`/api/records/contacts.contact?${query}`)).status).toBe(422);
  expect((await member.get('/api/catalog')).text).not.toContain('duplicateScore');
});
