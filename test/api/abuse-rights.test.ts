import { resolve } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, until, type Answer, type Client, type Loose } from '../support/client.js';
import { runImport, undoImport } from '../support/imports.js';
import { applyChange } from '../support/studio.js';

// Abuse cases 20–33: nobody gets further than its roles, by no detour. `keeper` owns three of five tickets.
const tickets = '/api/records/doors.ticket';
const orders = '/api/records/shop.order';
type Member = Client & { readonly id: string };

let app: TestApp;
let keeper: Member;
/** Reads and changes orders and reads lines, but neither makes nor changes nor deletes any. */
let clerk: Member;
let mine: string[];
let theirs: string[];

beforeAll(async () => {
  app = await startApp({ plugins: ['doors', 'computed'].map((name) => resolve('test/fixtures', name)) });
  const own = { read: 'own', create: true, update: 'own', delete: 'own', purge: true, import: true, export: true };
  const reads = (entity: string, read = 'all') => ({ entity, read, create: false, update: 'none', delete: 'none' });
  const role = (id: string, grants: object[]) => ({
    type: 'role',
    id,
    op: 'set',
    at: '',
    value: { title: id, grants: [...grants, reads('core.user'), reads('core.principal')] },
  });
  const roles = [
    role('x.keeper', [
      { entity: 'doors.ticket', ...own },
      { entity: 'core.savedView', ...own, readWhen: 'shared == true' },
    ]),
    role('x.clerk', [
      { ...reads('shop.order'), create: true, update: 'all' },
      reads('shop.orderLine'),
      reads('shop.customer', 'own'),
    ]),
  ];
  expectOk(await applyChange(app.admin, roles), 200);
  keeper = await app.member({ roles: ['x.keeper'] });
  clerk = await app.member({ roles: ['x.clerk'] });
  const make = async (client: Client, name: string) =>
    String(expectOk(await client.post(tickets, { name }), 201).body.data.id);
  mine = [await make(keeper, 'm0'), await make(keeper, 'm1'), await make(keeper, 'm2')];
  theirs = [await make(app.admin, 't0'), await make(app.admin, 't1')];
});
afterAll(() => app?.stop());

const at = (path: string, query: Record<string, string>): string => `${path}?${new URLSearchParams(query).toString()}`;
const idsOf = ({ body }: Answer): string[] => body.data.map(({ id }) => String(id));
const nameOf = async (id: string): Promise<string> => String((await app.admin.get(`${tickets}/${id}`)).body.data.name);

describe('20: a filter that says nothing or contradicts itself never widens', () => {
  test.each(['id in []', 'name in []', 'name == null && name != null', 'false', 'false || id in []'])(
    'nothing matches %s',
    async (filter) => {
      expect((await keeper.get(at(tickets, { filter, count: 'exact' }))).body).toMatchObject({
        data: [],
        page: { count: 0 },
      });
      const bulk = await keeper.post(`${tickets}/bulk`, { filter, patch: { name: 'widened' } });
      expect(expectOk(bulk).body.data).toMatchObject({ matched: 0, changed: 0 });
    },
  );

  test.each(['true', '!(id in [])', 'closed == true || true', 'name != null || name == null', '!false'])(
    'only own ones match %s',
    async (filter) => {
      const found = await keeper.get(at(tickets, { filter, count: 'exact' }));
      expect([idsOf(found).sort(), found.body.page.count]).toEqual([[...mine].sort(), 3]);
    },
  );

  test('an empty filter is no filter, and no bulk is without one', async () => {
    expect(idsOf(await keeper.get(`${tickets}?filter=`)).sort()).toEqual([...mine].sort());
    for (const body of [
      { patch: { name: 'all' } },
      { filter: '', patch: { name: 'all' } },
      { filter: null, patch: { name: 'all' } },
    ])
      expect((await keeper.post(`${tickets}/bulk`, body)).status).toBe(422);
    expect(await nameOf(mine[0])).toBe('m0');
  });
});

describe('21: nested writes go no further than the rights on what they write', () => {
  let order: Loose;
  beforeAll(async () => {
    const lines = [{ name: 'a', quantity: 1 }];
    order = expectOk(await app.admin.post(orders, { name: 'o', gift: 'x', lines }), 201).body.data;
  });

  test.each<[string, (line: string) => unknown]>([
    ['adds none', (id) => [{ id }, { name: 'b' }]],
    ['adds none by upsert', () => ({ upsert: [{ name: 'b' }] })],
    ['changes none', (id) => [{ id, quantity: 9 }]],
    ['changes none by upsert', (id) => ({ upsert: [{ id, quantity: 9 }] })],
    ['removes none by name', (id) => ({ remove: [id] })],
  ])('who may only read lines %s', async (_what, lines) => {
    const [{ id }] = order.lines.slice(0, 1);
    const path = `${orders}/${String(order.id)}`;
    expect([403, 422]).toContain((await clerk.patch(path, { name: 'renamed', lines: lines(String(id)) })).status);
    // Not half of it either.
    expect((await app.admin.get(path)).body.data).toMatchObject({ name: 'o', lines: [{ name: 'a', quantity: 1 }] });
  });

  test('nor do lines go by being left out', async () => {
    const path = `${orders}/${String(order.id)}`;
    await clerk.patch(path, { lines: [] });
    expect((await app.admin.get(path)).body.data).toMatchObject({ lines: [{ name: 'a', quantity: 1 }] });
  });

  test('nor makes any with a new record', async () => {
    expect((await clerk.post(orders, { name: 'with', gift: 'x', lines: [{ name: 'b' }] })).status).toBe(403);
    expectOk(await clerk.post(orders, { name: 'without', gift: 'x' }), 201);
  });

  test('a link is not made to what one may not read, and nothing is made through it', async () => {
    const customer = expectOk(await app.admin.post('/api/records/shop.customer', { name: 'Hidden' }), 201).body.data.id;
    const refused = await clerk.post(orders, { name: 'n', gift: 'x', customer });
    expect([refused.status, refused.text.includes('Hidden')]).toEqual([422, false]);
    const made = await clerk.post(orders, { name: 'n', gift: 'x', customer: { id: customer, name: 'Renamed' } });
    expect(made.status).toBe(422);
    const inside = await clerk.post(orders, { name: 'n', gift: 'x', customer: { name: 'New' } });
    expect(inside.status).toBe(422);
  });

  test('nor a link to one of several entities: nobody adds to records, or agrees for people, that it may not read', async () => {
    const member = await app.member();
    const activities = '/api/records/contacts.activity';
    const person = async (by: Client): Promise<object> => {
      const { data } = expectOk(await by.post('/api/records/contacts.contact', { lastName: 'Someone' }), 201).body;
      return { entity: 'contacts.contact', id: String(data.id) };
    };
    const [own, hidden] = [await person(member), await person(app.admin)];
    const nobody = { entity: 'contacts.contact', id: '01900000-0000-7000-8000-000000000000' };
    const made = expectOk(await member.post(activities, { subject: 'Call', type: 'call', who: own }), 201).body.data;
    const consent = { purpose: 'newsletter', channel: 'email', state: 'given', contactPoint: 'a@example.com' };
    for (const [path, body] of [
      ['/api/records/core.consent', (subject: object) => ({ ...consent, subject })],
      [activities, (who: object) => ({ subject: 'Call', type: 'call', who })],
    ] as const) {
      const answers = [];
      for (const target of [hidden, nobody]) answers.push(await member.post(path, body(target)));
      const known = answers.map(({ status, text }) => [status, text]);
      expect([answers[0].status, answers[0].text.includes('link.not_found')]).toEqual([422, true]);
      expect(known[0]).toEqual(known[1]);
      expectOk(await member.post(path, body(own)), 201);
    }
    const moved = await member.patch(`${activities}/${String(made.id)}`, { who: hidden });
    expect([moved.status, moved.text.includes('link.not_found')]).toEqual([422, true]);
    const bulk = await member.post(`${activities}/bulk?mode=update&key=id`, [
      { id: made.id, who: { entity: 'core.share', id: nobody.id } },
    ]);
    expect([bulk.body.summary.refused, bulk.text.includes('link.not_found')]).toEqual([1, true]);
    // What stands is no obstacle to other changes.
    expectOk(await member.delete(`/api/records/contacts.contact/${(own as { id: string }).id}`), 204);
    expectOk(await member.patch(`${activities}/${String(made.id)}`, { subject: 'Called' }), 200);
  });
});

describe('22: a record is not moved out of one’s reach, nor into it', () => {
  test('by one record, bulk, upsert or filter', async () => {
    const patch = { ownerId: app.admin === undefined ? '' : clerk.id };
    const gifts = [
      await keeper.patch(`${tickets}/${mine[0]}`, patch),
      await keeper.post(tickets, { name: 'gift', ...patch }),
    ];
    for (const { status } of gifts) expect([403, 422]).toContain(status);
    const bulk = await keeper.post(`${tickets}/bulk?mode=update`, [{ id: mine[0], ...patch }]);
    expect(bulk.body.data).toMatchObject([{ status: 'refused' }]);
    const all = await keeper.post(`${tickets}/bulk`, { filter: 'true', patch });
    expect(Number(all.body.data?.changed ?? 0)).toBe(0);
    expect(idsOf(await keeper.get(tickets)).sort()).toEqual([...mine].sort());
  });

  test('nor is somebody else’s taken', async () => {
    const patch = { ownerId: keeper.id };
    expect((await keeper.patch(`${tickets}/${theirs[0]}`, patch)).status).toBe(404);
    const bulk = await keeper.post(`${tickets}/bulk?mode=update`, [{ id: theirs[0], ...patch }]);
    expect(bulk.body.data).toMatchObject([{ status: 'refused' }]);
    expect(idsOf(await keeper.get(tickets))).not.toContain(theirs[0]);
  });
});

describe('23: what the system sets, nobody sets', () => {
  const at2001 = '2001-01-01T00:00:00.000Z';
  const values: [string, unknown][] = [
    ['createdAt', at2001],
    ['createdBy', '0190a5c2-7b3e-7c4d-8e5f-001122334455'],
    ['updatedAt', at2001],
    ['updatedBy', '0190a5c2-7b3e-7c4d-8e5f-001122334455'],
    ['version', 99],
    ['deletedAt', at2001],
    ['id', '0190a5c2-7b3e-7c4d-8e5f-001122334456'],
  ];

  test.each(values)('%s, on create, update and bulk', async (key, value) => {
    const before = (await app.admin.get(`${tickets}/${mine[1]}`)).text;
    const made = await keeper.post(tickets, { name: 'x', [key]: value });
    const changed = await keeper.patch(`${tickets}/${mine[1]}`, { [key]: value });
    expect([made.status, changed.status]).toEqual([422, 422]);
    if (key !== 'id') {
      const bulk = await keeper.post(`${tickets}/bulk?mode=update`, [{ id: mine[1], [key]: value }]);
      expect(bulk.body.data).toMatchObject([{ status: 'refused' }]);
    }
    expect((await app.admin.get(`${tickets}/${mine[1]}`)).text).toBe(before);
  });

  test('who may not import sets none by asking for it', async () => {
    const bulk = await clerk.post(`${orders}/bulk?mode=create&systemFields=true`, [
      { name: 'old', gift: 'x', createdAt: at2001 },
    ]);
    expect([403, 422]).toContain(bulk.status);
    expect((await app.admin.get(at(orders, { filter: 'name == "old"' }))).body.data).toEqual([]);
  });

  test('roles and passwords are no fields of a user', async () => {
    for (const [key, value] of [
      ['roles', ['core.administrator']],
      ['password', 'a password of my own'],
      ['mustChangePassword', false],
    ] as const) {
      expect((await app.admin.patch(`/api/records/core.user/${keeper.id}`, { [key]: value })).status).toBe(422);
      expect([403, 422]).toContain((await keeper.patch('/api/session', { [key]: value })).status);
    }
  });
});

test('26: "all that match" matches what one may read and change', async () => {
  const all = await keeper.post(`${tickets}/bulk`, { filter: 'true', patch: { secretNote: 'kept' } });
  expect(expectOk(all).body.data).toMatchObject({ matched: 3, changed: 3 });
  for (const id of theirs) expect((await app.admin.get(`${tickets}/${id}`)).body.data.secretNote).toBeNull();
  const gone = await keeper.post(`${tickets}/bulk`, { filter: `id in ["${theirs.join('", "')}"]`, patch: null });
  expect(expectOk(gone).body.data).toMatchObject({ matched: 0, changed: 0 });
  expect((await app.admin.get(tickets)).body.data).toHaveLength(5);
});

describe('27: nothing comes back by whoever may not write it', () => {
  test('from the bin', async () => {
    expectOk(await app.admin.delete(`${tickets}/${theirs[1]}`), 204);
    expect((await keeper.post(`${tickets}/${theirs[1]}/restore`)).status).toBe(404);
    // By an id that one may not read an upsert finds nothing, so it makes a record with an id of its own.
    const rows = [{ id: theirs[1], name: 'mine' }];
    const revived = await keeper.post(`${tickets}/bulk?mode=upsert&key=id&revive=true`, rows);
    const [{ status, id }] = revived.body.data.slice(0, 1);
    expect([String(status), String(id) === theirs[1]]).toEqual(['created', false]);
    expectOk(await app.admin.delete(`${tickets}/${String(id)}`), 204);
    expectOk(await app.admin.post(`${tickets}/${theirs[1]}/restore`), 200);
    expect(await nameOf(theirs[1])).toBe('t1');
    const order = expectOk(await clerk.post(orders, { name: 'deleted', gift: 'x' }), 201).body.data.id;
    expect((await clerk.delete(`${orders}/${String(order)}`)).status).toBe(403);
    expectOk(await app.admin.delete(`${orders}/${String(order)}`), 204);
    expect((await clerk.post(`${orders}/${String(order)}/restore`)).status).toBe(403);
  });

  test('by taking back an import of somebody else, or a change of definitions', async () => {
    const { id } = await runImport(app.admin, { entity: 'doors.ticket', content: 'name\nimported\n' });
    expect((await keeper.post(`/api/imports/${String(id)}/undo`)).status).toBe(404);
    expect((await app.admin.get(at(tickets, { filter: 'name == "imported"' }))).body.data).toHaveLength(1);
    await undoImport(app.admin, String(id));
    const [change] = expectOk(await app.admin.get('/api/catalog/changes?limit=1')).body.data;
    expect((await keeper.post(`/api/catalog/changes/${String(change.id)}/revert`, {})).status).toBe(403);
  });

  test('by taking back one’s own import of what became somebody else’s', async () => {
    const { id } = await runImport(keeper, { entity: 'doors.ticket', content: 'name\nhanded on\n' });
    const found = await keeper.get(at(tickets, { filter: 'name == "handed on"' }));
    const [ticket] = idsOf(found);
    expectOk(await app.admin.patch(`${tickets}/${ticket}`, { ownerId: clerk.id }));
    await undoImport(keeper, String(id));
    expect((await app.admin.get(`${tickets}/${ticket}`)).status).toBe(200);
    expectOk(await app.admin.delete(`${tickets}/${ticket}`), 204);
  });
});

test('29: another user’s view is neither read nor changed nor shared', async () => {
  const views = '/api/records/core.savedView';
  const document = { entity: 'doors.ticket', title: 'Mine', type: 'list', columns: [{ field: 'name' }] };
  const made = await app.admin.post(views, { name: 'private view', entity: 'doors.ticket', document });
  const id = String(expectOk(made, 201).body.data.id);
  const nobody = '0190a5c2-7b3e-7c4d-8e5f-001122334455';
  for (const ask of [
    (view: string) => keeper.get(`${views}/${view}`),
    (view: string) => keeper.patch(`${views}/${view}`, { shared: true }),
    (view: string) => keeper.delete(`${views}/${view}`),
    (view: string) => keeper.get(`${views}/${view}/history`),
  ]) {
    const [hidden, none] = [await ask(id), await ask(nobody)];
    expect([hidden.status, hidden.text.replaceAll(id, nobody)]).toEqual([404, none.text]);
  }
  expect((await keeper.get(views)).text).not.toContain('private view');
  expectOk(await app.admin.patch(`${views}/${id}`, { shared: true }));
  expect((await keeper.get(`${views}/${id}`)).status).toBe(200);
  expect((await keeper.patch(`${views}/${id}`, { name: 'taken' })).status).toBe(403);
  expect((await keeper.delete(`${views}/${id}`)).status).toBe(403);
});

test('31: of a plugin that is off neither records, roles, actions nor public doors are alive', async () => {
  const visitor = await app.member({ roles: ['doors.visitor'] });
  const open = () => app.anonymous.post('/api/public/actions/doors.open-ticket', { name: 'from outside' });
  expect([(await open()).status, (await visitor.get(tickets)).status]).toEqual([200, 200]);
  expectOk(await app.admin.post('/api/plugins/doors/disable'));
  try {
    const catalog = (await app.admin.get('/api/catalog')).text;
    expect([
      catalog.includes('doors.ticket'),
      (await app.admin.get('/api/openapi.json')).text.includes('doors.'),
    ]).toEqual([false, false]);
    expect((await app.admin.get('/api/roles')).text).not.toContain('doors.visitor');
    for (const answer of [
      await app.admin.get(tickets),
      await visitor.get(tickets),
      await visitor.get(`${tickets}/${mine[0]}`),
      await app.admin.post(tickets, { name: 'late' }),
      await app.admin.post('/api/actions/doors.count-tickets', {}),
      await open(),
    ])
      expect(answer.status).toBe(404);
    expect((await visitor.get('/api/records/core.savedView')).status).toBe(404);
  } finally {
    expectOk(await app.admin.post('/api/plugins/doors/enable'));
  }
  await until(open, ({ status }) => status === 200);
  expect(idsOf(await keeper.get(tickets))).toEqual(expect.arrayContaining(mine));
});

describe('33: guessing ids', () => {
  test('a neighbour of an id is answered like any other id', async () => {
    const last = (id: string, by: number): string =>
      id.slice(0, -1) + ((parseInt(id.slice(-1), 16) + by) % 16).toString(16);
    const words = async (id: string) => {
      const { status, text } = await keeper.get(`${tickets}/${id}`);
      return [status, text.replaceAll(id, 'ID')];
    };
    const hidden = await words(theirs[0]);
    for (const id of [last(theirs[0], 1), last(theirs[0], 2), last(mine[0], 1)])
      expect(await words(id)).toEqual(hidden);
  });

  test.each(['0', '-1', '1', 'null', 'undefined', '..', '%2e%2e', '*', "' or 1=1 --", '%00', 'a'.repeat(300)])(
    'no record is called %j',
    async (id) => {
      const { status } = await keeper.get(`${tickets}/${encodeURIComponent(id)}`);
      expect([400, 404]).toContain(status);
    },
  );

  test('files, imports, sessions, keys and notifications of others are none', async () => {
    const file = expectOk(
      await app.admin.upload('/api/files', {
        content: 'x',
        fileName: 'x.txt',
        fields: { entity: 'doors.ticket', id: theirs[0] },
      }),
      201,
    ).body.data.id;
    const session = expectOk(await app.admin.get('/api/sessions')).body.data;
    const key = expectOk(await app.admin.get('/api/api-keys')).body.data.slice(0, 1)[0];
    expect((await keeper.get(`/api/files/${String(file)}`)).status).toBe(404);
    for (const { id } of session)
      expect([403, 404]).toContain((await keeper.delete(`/api/sessions/${String(id)}`)).status);
    expect([403, 404]).toContain((await keeper.delete(`/api/api-keys/${String(key.id)}`)).status);
    expectOk(await app.admin.get('/api/session'));
  });
});
