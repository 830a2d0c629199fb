import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Answer, type Loose } from '../support/client.js';

let app: TestApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

interface Version {
  readonly title?: string;
  readonly notes?: string | null;
  readonly columns?: readonly string[];
  readonly updates?: string;
}

/** A plugin whose parts each version may change. `notes` null: the field is gone. */
function plugin(
  id: string,
  version: string,
  { title = 'Card', notes = 'Notes', columns = ['name'], updates = 'none' }: Version = {},
): object {
  return {
    files: {
      'plugin.json': { id, version, title: 'Loyal' },
      'entities/card.json': {
        $id: `${id}.card`,
        title,
        type: 'object',
        properties: {
          name: { title: 'Name', type: 'string', 'x-field': { kind: 'text' } },
          ...(notes === null ? {} : { notes: { title: notes, 'x-field': { kind: 'longText' } } }),
          points: { title: 'Points', 'x-field': { kind: 'integer' } },
        },
        'x-entity': { titleField: 'name' },
      },
      'views/cards.json': {
        entity: `${id}.card`,
        title: 'Cards',
        type: 'list',
        columns: columns.map((field) => ({ field })),
      },
      'roles/clerk.json': {
        title: 'Clerk',
        grants: [{ entity: `${id}.card`, read: 'all', create: false, update: updates, delete: 'none' }],
      },
    },
  };
}
const install = async (bundle: object): Promise<Loose> =>
  expectOk(await app.admin.post('/api/plugins/install', bundle), 200).body.data;
const apply = async (...operations: object[]): Promise<Answer> =>
  expectOk(await app.admin.post('/api/catalog/apply', { reason: 'local', operations }), 200);
const conflicts = async (target: string): Promise<Loose> => {
  const all = (await app.admin.get('/api/catalog/conflicts')).body.data;
  return all.filter((one) => String(one.target).startsWith(target)) as unknown as Loose;
};
const definition = async (type: string, id: string): Promise<Loose> =>
  expectOk(await app.admin.get(`/api/catalog/definitions/${type}/${id}`), 200).body.data.document;
const at = (id: string, more: object) => ({ type: 'entity', id: `${id}.card`, ...more });

test('what only one side changed is merged without a word', async () => {
  await install(plugin('quiet', '1.0.0'));
  await apply(
    at('quiet', { op: 'set', at: '/properties/notes/title', value: 'Remarks' }),
    at('quiet', { op: 'set', at: '/properties/x_extra', value: { title: 'Extra', 'x-field': { kind: 'integer' } } }),
    {
      type: 'view',
      id: 'quiet.cards',
      op: 'insert-before',
      at: '/columns/points',
      value: { field: 'points' },
      before: null,
    },
  );
  const planned = (
    await app.admin.post(
      '/api/plugins/install?plan=true',
      plugin('quiet', '2.0.0', { title: 'Pass', columns: ['notes', 'name'] }),
    )
  ).body.data;
  expect([planned.applicable, planned.conflicts]).toEqual([true, []]);
  await install(plugin('quiet', '2.0.0', { title: 'Pass', columns: ['notes', 'name'] }));
  const entity = await definition('entity', 'quiet.card');
  expect([entity.title, entity.properties.notes.title, entity.properties.x_extra.title]).toEqual([
    'Pass',
    'Remarks',
    'Extra',
  ]);
  expect((await definition('view', 'quiet.cards')).columns.map(({ field }) => field)).toEqual([
    'notes',
    'name',
    'points',
  ]);
  expect(await conflicts('quiet.')).toEqual([]);
});

test('what both changed is asked; the local side holds until someone chooses; the choice is kept', async () => {
  await install(plugin('both', '1.0.0'));
  await apply(at('both', { op: 'set', at: '/title', value: 'Local' }));
  const planned = (await app.admin.post('/api/plugins/install?plan=true', plugin('both', '2.0.0', { title: 'Vendor' })))
    .body.data;
  expect(planned.conflicts.map(({ kind, at: place }) => [kind, place])).toEqual([['both-changed', '/title']]);
  expect(await conflicts('both.')).toEqual([]);
  await install(plugin('both', '2.0.0', { title: 'Vendor' }));
  const [asked] = await conflicts('both.');
  expect(asked).toMatchObject({
    kind: 'both-changed',
    plugin: 'both',
    fromVersion: '1.0.0',
    toVersion: '2.0.0',
    at: '/title',
    base: 'Card',
    vendor: 'Vendor',
    local: 'Local',
    choice: null,
  });
  expect((await definition('entity', 'both.card')).title).toBe('Local');
  const decided = expectOk(
    await app.admin.post(`/api/catalog/conflicts/${String(asked.id)}`, { choice: 'vendor' }),
    200,
  );
  expect(decided.body.data.choice).toBe('vendor');
  expect((await definition('entity', 'both.card')).title).toBe('Vendor');
  expect((await app.admin.get('/api/catalog/changes?limit=1')).body.data[0].reason).toContain(
    'Upgrade of both to 2.0.0',
  );
  const late = await app.admin.post(`/api/catalog/conflicts/${String(asked.id)}`, { choice: 'local' });
  expect([late.status, late.body.code]).toEqual([409, 'conflict.decided']);
});

test('a choice is reused where the same vendor value comes again', async () => {
  await install(plugin('again', '1.0.0'));
  await apply(at('again', { op: 'set', at: '/title', value: 'Local' }));
  await install(plugin('again', '2.0.0', { title: 'Vendor' }));
  const [asked] = await conflicts('again.');
  expectOk(await app.admin.post(`/api/catalog/conflicts/${String(asked.id)}`, { choice: 'local' }), 200);
  await install(plugin('again', '3.0.0', { title: 'Between' }));
  const open = (await conflicts('again.')).filter(({ choice }) => choice === null);
  expect(open.map(({ vendor }) => vendor)).toEqual(['Between']);
  expectOk(await app.admin.post(`/api/catalog/conflicts/${String(open[0].id)}`, { choice: 'local' }), 200);
  await install(plugin('again', '4.0.0', { title: 'Vendor' }));
  expect((await conflicts('again.')).filter(({ choice }) => choice === null)).toEqual([]);
  expect((await definition('entity', 'again.card')).title).toBe('Local');
});

test('a field that the vendor removed is retired with its data; what used it is set aside, and back when the field comes back', async () => {
  await install(plugin('gone', '1.0.0'));
  const made = await app.admin.post('/api/records/gone.card', { name: 'N', notes: 'kept' });
  await apply(
    at('gone', { op: 'set', at: '/properties/notes/title', value: 'Remarks' }),
    {
      type: 'view',
      id: 'x.gone',
      op: 'set',
      at: '',
      value: { entity: 'gone.card', title: 'Mine', type: 'list', columns: [{ field: 'name' }, { field: 'notes' }] },
    },
    {
      type: 'view',
      id: 'gone.cards',
      op: 'insert-before',
      at: '/columns/notes',
      value: { field: 'notes' },
      before: 'name',
    },
  );
  await install(plugin('gone', '2.0.0', { notes: null }));
  const read = expectOk(await app.admin.get(`/api/records/gone.card/${String(made.body.data.id)}`), 200).body.data;
  expect('notes' in (read as unknown as object)).toBe(false);
  const columns = await app.db.query(`select notes from data.gone__card`);
  expect(columns).toEqual([{ notes: 'kept' }]);
  expect((await definition('view', 'gone.cards')).columns).toEqual([{ field: 'name' }]);
  expect((await app.admin.get('/api/catalog/definitions/view/x.gone')).status).toBe(404);
  const all = (await app.admin.get('/api/catalog/conflicts')).body.data;
  expect(
    all.filter(({ kind, choice }) => String(kind) === 'removed-used' && choice === null).map(({ target }) => target),
  ).toEqual(expect.arrayContaining(['gone.card', 'gone.cards', 'x.gone']));
  await install(plugin('gone', '3.0.0'));
  expect((await definition('entity', 'gone.card')).properties.notes.title).toBe('Remarks');
  expect((await definition('view', 'x.gone')).columns).toEqual([{ field: 'name' }, { field: 'notes' }]);
  expect((await definition('view', 'gone.cards')).columns.map(({ field }) => field)).toEqual(['notes', 'name']);
  const back = expectOk(await app.admin.get(`/api/records/gone.card/${String(made.body.data.id)}`), 200).body.data;
  expect(back.notes).toBe('kept');
  expect((await conflicts('gone.')).filter(({ choice }) => choice === null)).toEqual([]);
});

test('a role of the next version never grants more unasked', async () => {
  await install(plugin('wide', '1.0.0'));
  await app.admin.post('/api/records/wide.card', { name: 'W' });
  const clerk = await app.member({ roles: ['wide.clerk'] });
  const [row] = (await clerk.get('/api/records/wide.card')).body.data;
  const rename = (): Promise<Answer> => clerk.patch(`/api/records/wide.card/${String(row.id)}`, { name: 'X' });
  await install(plugin('wide', '2.0.0', { updates: 'all' }));
  expect((await rename()).status).toBe(403);
  const [asked] = (await conflicts('wide.clerk')).filter(({ choice }) => choice === null);
  expect(asked).toMatchObject({ kind: 'access-widened', type: 'role', choice: null });
  expectOk(await app.admin.post(`/api/catalog/conflicts/${String(asked.id)}`, { choice: 'vendor' }), 200);
  expect((await rename()).status).toBe(200);
});

test('a plugin that is switched off and on again keeps what the workspace made on it', async () => {
  await install(plugin('rest', '1.0.0'));
  await apply(
    at('rest', { op: 'set', at: '/properties/x_extra', value: { title: 'Extra', 'x-field': { kind: 'integer' } } }),
    {
      type: 'view',
      id: 'x.rest',
      op: 'set',
      at: '',
      value: { entity: 'rest.card', title: 'Mine', type: 'list', columns: [{ field: 'x_extra' }] },
    },
  );
  const before = (await app.admin.get('/api/catalog/package')).body.data;
  expectOk(await app.admin.post('/api/plugins/rest/disable', {}), 200);
  expect((await app.admin.get('/api/catalog/definitions/view/x.rest')).status).toBe(404);
  expectOk(await app.admin.post('/api/plugins/rest/enable', {}), 200);
  expect((await app.admin.get('/api/catalog/package')).body.data).toEqual(before);
});

test('of two who choose different sides at the same time one is told that it was decided', async () => {
  await install(plugin('pair', '1.0.0'));
  await apply(at('pair', { op: 'set', at: '/title', value: 'Local' }));
  await install(plugin('pair', '2.0.0', { title: 'Vendor' }));
  const [asked] = await conflicts('pair.');
  const answers = await Promise.all(
    ['vendor', 'local'].map((choice) => app.admin.post(`/api/catalog/conflicts/${String(asked.id)}`, { choice })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  const choice = answers.find(({ status }) => status === 200)?.body.data.choice;
  expect((await definition('entity', 'pair.card')).title).toBe(String(choice) === 'vendor' ? 'Vendor' : 'Local');
});
