import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Client } from '../support/client.js';
import { finished } from '../support/imports.js';
import { applyChange } from '../support/studio.js';

let app: TestApp;
let member: Client;
beforeAll(async () => {
  app = await startApp({ plugins: [join(import.meta.dirname, '../fixtures/vault')] });
  member = await app.member();
});
afterAll(() => app?.stop());

const path = '/api/records/core.savedView';
const view = (more: object = {}, columns: object[] = [{ field: 'firstName' }]) => ({
  entity: 'contacts.contact',
  title: 'Mine',
  type: 'list',
  columns,
  ...more,
});
const record = (document: unknown, entity = 'contacts.contact') => ({ name: 'Mine', entity, document });

test('a view document that the schema allows is saved, and can be changed', async () => {
  const full = view({ filter: 'lastName != ""', sort: ['-createdAt'], density: 'compact' }, [
    { field: 'firstName', width: 200 },
    { field: 'company.name' },
  ]);
  const made = expectOk(await member.post(path, record(full)), 201);
  const url = `${path}/${String(made.body.data.id)}`;
  expect((await member.patch(url, { document: view({ sort: ['lastName'] }) })).status).toBe(200);
  expect((await member.patch(url, { name: 'Renamed', shared: true })).status).toBe(200);
});

test.each<[string, unknown, string, string]>([
  ['no view at all', {}, 'document', 'missing'],
  ['a list', [], 'document', 'object'],
  ['an unknown key', view({ colums: [] }), 'document/colums', 'columns'],
  ['an unknown type', view({ type: 'bord' }), 'document/type', 'board'],
  ['an unknown entity', view({ entity: 'contacts.contct' }), 'document/entity', 'contacts.contact'],
  ['an unknown field', view({}, [{ field: 'frstName' }]), 'document/columns/0/field', 'firstName'],
  ['an unknown field of a link', view({ sort: ['company.nme'] }), 'document/sort/0', 'name'],
  ['a filter over an unknown field', view({ filter: 'lstName == "x"' }), 'document/filter', 'lastName'],
  ['a filter of another type', view({ filter: 'lastName > 3' }), 'document/filter', 'overload'],
  ['a board by what has no options', view({ type: 'board', groupBy: 'firstName' }), 'document/groupBy', 'options'],
])('%s is refused at its place', async (_what, document, at, words) => {
  const refused = await member.post(path, record(document));
  expect(refused.body).toMatchObject({ status: 422, code: 'record.invalid' });
  expect(refused.body.issues[0 as never]).toMatchObject({ path: at });
  expect(refused.text).toContain(words);
});

test('a view of one entity is not saved for another', async () => {
  expect((await member.post(path, record(view(), 'contacts.company'))).body).toMatchObject({
    status: 422,
    issues: [{ path: 'entity', code: 'view.other_entity' }],
  });
});

test('an update, a bulk and an upsert are checked like a creation', async () => {
  const made = expectOk(await member.post(path, record(view())), 201);
  const id = String(made.body.data.id);
  const bad = view({}, [{ field: 'frstName' }]);
  expect((await member.patch(`${path}/${id}`, { document: bad })).status).toBe(422);
  expect((await member.patch(`${path}/${id}`, { entity: 'contacts.company' })).status).toBe(422);
  const bulk = (mode: string, row: object) => member.post(`${path}/bulk?mode=${mode}`, [row]);
  for (const [mode, row] of [
    ['create', record(bad)],
    ['update', { id, document: bad }],
    ['upsert', { ...record(bad), externalId: 'v-1' }],
  ] as const) {
    const { text } = await bulk(mode, row);
    expect([mode, text.includes('firstName')]).toEqual([mode, true]);
  }
  expect((await member.get(`${path}/${id}`)).body.data.document).toMatchObject({ columns: [{ field: 'firstName' }] });
  expect((await member.get(`${path}?filter=${encodeURIComponent('externalId == "v-1"')}`)).body.data).toEqual([]);
});

test('an imported view is checked too', async () => {
  const rows = [record(view({}, [{ field: 'frstName' }])), record(view())].map((row) => JSON.stringify({ ...row }));
  const upload = await app.admin.upload('/api/imports', {
    content: rows.join('\n'),
    fileName: 'views.ndjson',
    fields: { entity: 'core.savedView' },
  });
  const id = String(expectOk(upload, 201).body.data.id);
  await app.admin.post(`/api/imports/${id}/start`);
  await finished(app.admin, id);
  expect((await app.admin.get(`${path}?limit=100`)).text).not.toContain('frstName');
});

test('what its author may not read is unknown to the check: the words are those for what does not exist', async () => {
  // A second role that reads its own items would show their codes in those rows: the field would be there.
  const value = { entity: 'core.savedView', read: 'own', create: true, update: 'own', delete: 'own' };
  const grant = {
    type: 'role',
    id: 'vault.keeper',
    op: 'insert-before',
    at: '/grants/core.savedView',
    value,
    before: null,
  };
  expectOk(await applyChange(app.admin, [grant]));
  const keeper = await app.member({ roles: ['vault.keeper'] });
  const of = (field: string) => ({
    name: 'Vault',
    entity: 'vault.item',
    document: { entity: 'vault.item', title: 'Vault', type: 'list', columns: [{ field }] },
  });
  const words = async (field: string) => {
    const { status, body } = await keeper.post(path, of(field));
    return [
      status,
      JSON.stringify(body.issues.map(({ message }) => message)).replaceAll(field.split('.').pop() as string, '*'),
    ];
  };
  expect((await app.admin.post(path, of('cipher'))).status).toBe(201);
  expect(await words('cipher')).toEqual(await words('qqqq'));
  expect((await words('box.serial')).join()).toBe((await words('box.sqqqqq')).join());
  expect(JSON.stringify(await words('ciphe'))).not.toContain('cipher');
  const filtered = await keeper.post(path, {
    ...of('name'),
    document: { ...of('name').document, filter: 'cipher == "x"' },
  });
  expect(filtered.status).toBe(422);
});
