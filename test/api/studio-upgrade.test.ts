import { startApp, type TestApp } from '../support/app.js';
import { expectOk, until, type Answer, type Loose } from '../support/client.js';

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

const decide = (id: unknown, choice: string, query = ''): Promise<Answer> =>
  app.admin.post(`/api/catalog/conflicts/${String(id)}${query}`, { choice });
const audited = async (id: unknown): Promise<Loose[]> => {
  const entries = (await app.admin.get('/api/audit?kind=catalog.conflictDecided&limit=200')).body.data;
  return [...entries].filter(({ payload }) => String(payload.conflict) === String(id));
};

test('a choice is audited, also where it changes nothing that is in effect', async () => {
  await install(plugin('proof', '1.0.0'));
  await apply(
    at('proof', { op: 'set', at: '/title', value: 'Local' }),
    at('proof', { op: 'set', at: '/properties/notes/title', value: 'Remarks' }),
  );
  await install(plugin('proof', '2.0.0', { title: 'Vendor', notes: null }));
  const asked = (await conflicts('proof.')).filter(({ choice }) => choice === null);
  const [parked, both] = ['removed-used', 'both-changed'].map((kind) => asked.find((one) => String(one.kind) === kind));
  const planned = expectOk(await decide(parked?.id, 'vendor', '?plan=true'), 200).body.data;
  expect([planned.applicable, planned.diff]).toEqual([true, []]);
  expectOk(await decide(parked?.id, 'vendor'), 200);
  expectOk(await decide(both?.id, 'local'), 200);
  expect((await audited(parked?.id)).map(({ payload }) => payload)).toEqual([
    expect.objectContaining({ choice: 'vendor', plugin: 'proof', from: '1.0.0', to: '2.0.0', target: 'proof.card' }),
  ]);
  expect((await audited(both?.id)).map(({ payload }) => payload)).toEqual([
    expect.objectContaining({ choice: 'local', at: '/title' }),
  ]);
  // The same choice once more says nothing new.
  expectOk(await decide(both?.id, 'local'), 200);
  expect(await audited(both?.id)).toHaveLength(1);
});

test('a choice that changes the kind of a field in a large table waits for the copy, and counts with the switch', async () => {
  await install(plugin('big', '1.0.0'));
  const own = (kind: string) => ({ title: 'Code', 'x-field': { kind } });
  await apply(at('big', { op: 'set', at: '/properties/x_code', value: own('text') }));
  await app.db.query(
    `insert into data.big__card (id, name, x__code) select gen_random_uuid(), 'Bulk ' || i, i::text from generate_series(1, 40000) i`,
  );
  await app.db.query('analyze data.big__card');
  // What an upgrade set aside, while somebody made the field anew in another kind.
  const operation = { op: 'set', at: '/properties/x_code', value: own('integer') };
  await app.db.query(
    `insert into trellis.catalog_conflict (id, plugin, from_version, to_version, kind, type, target, at, local, parked)
values (gen_random_uuid(), 'big', '1.0.0', '2.0.0', 'removed-used', 'entity', 'big.card', '/properties/x_code', '${JSON.stringify(operation.value)}', '${JSON.stringify([{ type: 'entity', id: 'big.card', operation }])}')`,
  );
  const kind = async () => (await definition('entity', 'big.card')).properties.x_code['x-field'].kind;
  const [asked] = await conflicts('big.');
  const planned = expectOk(await decide(asked.id, 'local', '?plan=true'), 200).body.data;
  expect(planned.applicable).toBe(true);
  expect(planned.warnings.map(({ code }) => code)).toContain('catalog.copied_first');
  expect(planned.statements.length).toBeGreaterThan(1);

  const begun = expectOk(await decide(asked.id, 'local'), 200).body.data;
  expect([begun.choice, typeof begun.preparing, await kind()]).toEqual([null, 'string', 'text']);
  const again = await decide(asked.id, 'vendor');
  expect([again.status, again.body.code]).toEqual([409, 'conflict.preparing']);
  const done = await until(
    async () => (await app.admin.get(`/api/catalog/changes/${String(begun.preparing)}`)).body.data,
    ({ state }) => String(state) !== 'preparing',
    90_000,
  );
  expect(done.state).toBe('applied');
  expect(await kind()).toBe('integer');
  const [decided] = await conflicts('big.');
  expect([decided.choice, 'preparing' in (decided as object)]).toEqual(['local', false]);
  expect((await audited(asked.id)).map(({ payload }) => payload.changeSet)).toEqual([begun.preparing]);
  const found = await app.admin.get(`/api/records/big.card?filter=${encodeURIComponent('x_code == 777')}`);
  expect(expectOk(found, 200).body.data.map(({ name }) => name)).toEqual(['Bulk 777']);
}, 240_000);
