import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Client, type Loose } from '../support/client.js';
import { applyChange, type StudioOperation } from '../support/studio.js';

let app: TestApp;
let ann: Client & { readonly id: string };
let bob: Client & { readonly id: string };
const own: string[] = [];

const role = (id: string, grant: object, more: object = {}): StudioOperation => ({
  type: 'role',
  id,
  op: 'set',
  at: '',
  value: {
    title: id,
    grants: [
      { entity: 'contacts.company', read: 'none', create: false, update: 'none', delete: 'none', ...grant },
      ...['core.user', 'core.principal'].map((entity) => ({
        entity,
        read: 'all',
        create: false,
        update: 'none',
        delete: 'none',
      })),
    ],
    ...more,
  },
});
const set = (at: string, value: unknown): StudioOperation => ({ type: 'role', id: 'x.reader', op: 'set', at, value });

beforeAll(async () => {
  app = await startApp();
  expectOk(await applyChange(app.admin, [role('x.reader', { read: 'own', create: true, update: 'own' })]), 200);
  [ann, bob] = [
    await app.member({ roles: ['x.reader'], name: 'Ann' }),
    await app.member({ roles: ['x.reader'], name: 'Bob' }),
  ];
  for (const name of ['Alpha', 'Beta']) {
    const made = expectOk(await ann.post('/api/records/contacts.company', { name }), 201);
    own.push(String(made.body.data.id));
  }
  expectOk(await bob.post('/api/records/contacts.company', { name: 'Gamma' }), 201);
});
afterAll(() => app?.stop());

/** What the preview says of contacts.company, by the user's name. */
async function preview(operations: StudioOperation[], client: Client = app.admin): Promise<Record<string, Loose>> {
  const answer = await client.post('/api/catalog/plan/access', { reason: 'test', operations });
  const { changes } = expectOk(answer, 200).body.data as unknown as { changes: Loose[] };
  const companies = changes.filter(({ entity }) => String(entity) === 'contacts.company');
  return Object.fromEntries(companies.map((change) => [String(change.user.title), change]));
}

test('a wider role tells each user what it gains, with samples, and applies nothing', async () => {
  const found = await preview([set('/grants/contacts.company/read', 'all')]);
  expect(Object.keys(found).sort()).toEqual(['Ann', 'Bob']);
  expect(found.Ann.read).toEqual({
    gained: 1,
    lost: 0,
    samples: { gained: [{ id: expect.any(String), title: 'Gamma' }], lost: [] },
  });
  expect(found.Bob.read).toMatchObject({ gained: 2, lost: 0 });
  // Seeing more does not let anybody change more.
  expect(found.Ann.update).toMatchObject({ gained: 0, lost: 0 });
  expectOk(await ann.get('/api/records/contacts.company'), 200);
  expect((await ann.get('/api/records/contacts.company')).body.data).toHaveLength(2);
});

test('what the preview counts is what is so after the apply', async () => {
  const wider = [
    set('/grants/contacts.company/readWhen', 'name == "Gamma"'),
    set('/grants/contacts.company/update', 'none'),
  ];
  const { Ann } = await preview(wider);
  expect(Ann).toMatchObject({ read: { gained: 1, lost: 0 }, update: { gained: 0, lost: 2 } });
  expectOk(await applyChange(app.admin, wider), 200);
  expect((await ann.get('/api/records/contacts.company')).body.data).toHaveLength(3);
  const patched = await ann.patch(`/api/records/contacts.company/${own[0]}`, { name: 'Alpha 2' });
  expect(patched.status).toBe(403);
  expectOk(
    await applyChange(app.admin, [
      { type: 'role', id: 'x.reader', op: 'unset', at: '/grants/contacts.company/readWhen' },
      set('/grants/contacts.company/update', 'own'),
    ]),
    200,
  );
});

test('fields and further operations that change hands are named', async () => {
  const found = await preview([
    set('/fields', [{ entity: 'contacts.company', field: 'website', access: 'none' }]),
    set('/grants/contacts.company/create', false),
    set('/grants/contacts.company/export', true),
  ]);
  expect(found.Bob).toMatchObject({
    read: { gained: 0, lost: 0 },
    fields: [{ field: 'website', before: 'edit', after: 'none' }],
    permissions: { gained: ['export'], lost: ['create'] },
  });
});

test('sharing rules, restriction rules and default visibility are foreseen as they come to be', async () => {
  const rule = (type: string, id: string, value: object): StudioOperation => ({
    type,
    id,
    op: 'set',
    at: '',
    value: { title: id, entity: 'contacts.company', ...value },
  });
  const sharing = rule('sharing-rule', 'x.greek', {
    access: 'read',
    to: { roles: ['x.reader'] },
    when: 'name != "Alpha"',
  });
  const restriction = rule('restriction-rule', 'x.noBeta', { when: 'name != "Beta"' });
  const visibility = {
    type: 'entity',
    id: 'contacts.company',
    op: 'set',
    at: '/x-entity/access',
    value: { default: 'edit' },
  };
  const names = async (client: Client): Promise<string[]> => {
    const { data } = expectOk(await client.get('/api/records/contacts.company?sort=name'), 200).body;
    return (data as unknown as { name: string }[]).map(({ name }) => name);
  };
  expect((await preview([sharing])).Ann).toMatchObject({
    read: { gained: 1, lost: 0 },
    update: { gained: 0, lost: 0 },
  });
  expect((await preview([sharing])).Bob).toMatchObject({ read: { gained: 1, lost: 0 } });
  expect((await preview([restriction])).Ann.read).toEqual({
    gained: 0,
    lost: 1,
    samples: { gained: [], lost: [{ id: own[1], title: 'Beta' }] },
  });
  expect((await preview([visibility, restriction])).Bob).toMatchObject({
    read: { gained: 1, lost: 0 },
    update: { gained: 1, lost: 0 },
  });
  expectOk(await applyChange(app.admin, [sharing, restriction]), 200);
  expect(await names(ann)).toEqual(['Alpha', 'Gamma']);
  expect(await names(bob)).toEqual(['Gamma']);
  // Both go: what they gave is lost, what they held back is gained.
  const gone = [sharing, restriction].map(({ type, id }) => ({ type, id, op: 'remove', at: '' }));
  expect((await preview(gone)).Ann.read).toMatchObject({ gained: 1, lost: 1 });
  expectOk(await applyChange(app.admin, gone), 200);
});

test('a role that goes takes everything with it', async () => {
  const { Ann } = await preview([{ type: 'role', id: 'x.reader', op: 'remove', at: '' }]);
  expect(Ann.read).toMatchObject({ gained: 0, lost: 2 });
});

test('where fields go by role, it is said that other records may show them', async () => {
  const narrow = role(
    'x.narrow',
    { read: 'all' },
    { fields: [{ entity: 'contacts.company', field: 'website', access: 'none' }] },
  );
  expectOk(await applyChange(app.admin, [narrow]), 200);
  await app.member({ roles: ['x.reader', 'x.narrow'], name: 'Cem' });
  const found = await preview([set('/grants/contacts.company/read', 'all')]);
  expect(found.Cem).toMatchObject({ read: { gained: 0, lost: 0 }, fields: [], fieldsByRecord: true });
  expect(found.Ann).toMatchObject({ read: { gained: 1, lost: 0 }, fieldsByRecord: false });
});

test('all users are looked at, however many there are, and none who loses a field or an operation is left out', async () => {
  const many = 1_200;
  await app.db.query(
    `with made as (insert into trellis.credential (user_id, email, name)
      select gen_random_uuid(), 'many' || n || '@users.test', 'A' || n from generate_series(1, $1::int) n returning user_id)
    insert into trellis.user_role (user_id, role) select user_id, 'x.reader' from made`,
    [many],
  );
  const operations = [set('/grants/contacts.company/create', false), set('/grants/contacts.company/read', 'all')];
  const answer = await app.admin.post('/api/catalog/plan/access', { reason: 'test', operations });
  const { changes, users } = expectOk(answer, 200).body.data as unknown as { changes: Loose[]; users: Loose };
  expect(users).toEqual({ examined: Number(users.total), total: expect.any(Number), further: 0 });
  const lost = changes.filter(({ permissions }) => (permissions.lost as unknown as string[]).includes('create'));
  expect(lost.length).toBe(many + 3);
  await app.db.query(`delete from trellis.credential where name like 'A%' and email like 'many%'`);
});

test('a change that touches nobody says so; one that does not fit is refused; others may not ask', async () => {
  expect(await preview([role('x.unused', { read: 'all' })])).toEqual({});
  const misfit = await app.admin.post('/api/catalog/plan/access', {
    reason: 'test',
    operations: [set('/grants/contacts.company/readWhen', 'nothingLikeThis == 1')],
  });
  expect([misfit.status, String(misfit.body.code)]).toEqual([422, 'change.refused']);
  const refused = await ann.post('/api/catalog/plan/access', { reason: 'test', operations: [] });
  expect(refused.status).toBe(403);
});
