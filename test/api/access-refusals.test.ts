import { askOf, readAppliedSince } from '../../core/catalog/changes/change-store.js';
import { ADMIN, signIn, startApp, type TestApp } from '../support/app.js';
import { expectOk, type Answer, type Client, type Loose } from '../support/client.js';
import { runImport } from '../support/imports.js';
import { applyChange, companyField, type StudioOperation } from '../support/studio.js';

// What must not be said about access is refused by a name, in words that say why; and nothing of it is done.
let app: TestApp;
let ann: Client;
let bob: Client;

beforeAll(async () => {
  app = await startApp();
  ann = await app.member({ roles: ['core.administrator'], name: 'Ann' });
  bob = await app.member({ roles: ['core.administrator'], name: 'Bob' });
});
afterAll(() => app.stop());

const told = ({ status, body }: Answer): unknown[] => [status, String(body.code)];
const grant = { entity: 'contacts.company', read: 'own', create: true, update: 'own', delete: 'own' };
const whole = (type: string, id: string, value: object): StudioOperation => ({ type, id, op: 'set', at: '', value });
const set = (type: string, id: string, at: string, value: unknown): StudioOperation => ({
  type,
  id,
  op: 'set',
  at,
  value,
});

describe('two administrators at one definition', () => {
  const epochOf = async (client: Client, type: string, id: string): Promise<number> =>
    Number(expectOk(await client.get(`/api/catalog/definitions/${type}/${id}`), 200).body.data.epoch);

  test.each([
    [
      'role',
      'x.both',
      { title: 'Both', grants: [grant] },
      ['/grants/contacts.company/read', 'all', 'none'],
      ['/description', 'Reads'],
    ],
    [
      'sharing-rule',
      'x.both',
      { title: 'Both', entity: 'contacts.company', access: 'read', to: { everyone: true }, when: 'name == "a"' },
      ['/when', 'name == "b"', 'name == "c"'],
      ['/title', 'Both of them'],
    ],
    [
      'restriction-rule',
      'x.both',
      { title: 'Both', entity: 'contacts.company', when: 'name != "a"' },
      ['/when', 'name != "b"', 'name != "c"'],
      ['/title', 'Both of them'],
    ],
  ] as const)(
    '%s: the second one is told what the first one changed, and loses nothing',
    async (...[type, id, made, clash, aside]) => {
      expectOk(await applyChange(ann, [whole(type, id, made)]), 200);
      const basis = { [`${type}:${id}`]: await epochOf(bob, type, id) };
      const [at, theirs, mine] = clash;
      expectOk(await applyChange(ann, [set(type, id, at, theirs)], { reason: 'Ann was first', basis }), 200);

      const operations = [set(type, id, at, mine), set(type, id, aside[0], aside[1])];
      const refused = await applyChange(bob, operations, { basis });
      expect(told(refused)).toEqual([409, 'change.overtaken']);
      expect(String(refused.body.detail)).toContain('Ann changed');
      expect(refused.body.issues).toMatchObject([{ path: `${type}:${id}#${at}`, params: { by: 'Ann', now: theirs } }]);
      const plan = expectOk(await bob.post('/api/catalog/plan', { reason: 'r', operations, basis }), 200).body.data;
      expect(plan).toMatchObject({
        applicable: false,
        overtaken: [{ type, id, at, now: theirs, by: { title: 'Ann' }, reason: 'Ann was first' }],
      });
      // What does not touch the same goes through, and leaves the other's as it is.
      expectOk(await applyChange(bob, operations.slice(1), { basis }), 200);
      const read = async (): Promise<Loose> =>
        expectOk(await bob.get(`/api/catalog/definitions/${type}/${id}`), 200).body.data.document;
      const valueIn = (document: unknown): unknown =>
        at === '/when'
          ? (document as { when: string }).when
          : (document as { grants: { read: string }[] }).grants[0].read;
      expect(valueIn(await read())).toBe(theirs);
      // Having seen it, one may say otherwise.
      const seen = { [`${type}:${id}`]: Number(plan.epoch) };
      expectOk(await applyChange(bob, operations.slice(0, 1), { basis: seen }), 200);
      expect(valueIn(await read())).toBe(mine);
      expectOk(await applyChange(bob, [{ type, id, op: 'remove', at: '' }]), 200);
    },
  );

  test('who says the same is not refused, and a basis that is none is', async () => {
    expectOk(await applyChange(ann, [whole('role', 'x.same', { title: 'Same', grants: [grant] })]), 200);
    const basis = { 'role:x.same': await epochOf(bob, 'role', 'x.same') };
    const same = [set('role', 'x.same', '/grants/contacts.company/read', 'all')];
    for (const client of [ann, bob]) expectOk(await applyChange(client, same, { basis }), 200);
    expect(told(await applyChange(bob, same, { basis: { 'role:x.same': 'now' } }))).toEqual([422, 'change.bad_basis']);
  });
});

describe('a change set that waits', () => {
  const read = async (id: string): Promise<Loose> =>
    expectOk(await bob.get(`/api/catalog/definitions/role/${id}`), 200).body.data;

  test('a draft keeps what its author had read, so that it does not undo what came since', async () => {
    expectOk(await applyChange(ann, [whole('role', 'x.late', { title: 'Late', grants: [grant] })]), 200);
    const basis = { 'role:x.late': Number((await read('x.late')).epoch) };
    const input = { reason: 'last week', operations: [set('role', 'x.late', '/title', 'Mine')] };
    const { id } = expectOk(await bob.post('/api/catalog/drafts', { ...input, basis }), 201).body.data;
    expectOk(await applyChange(ann, [set('role', 'x.late', '/title', 'Theirs')]), 200);

    const path = `/api/catalog/drafts/${String(id)}`;
    expectOk(await bob.patch(path, { reason: 'this week' }), 200);
    const draft = expectOk(await ann.get(`/api/catalog/changes/${String(id)}`), 200).body.data;
    expect(draft.basis).toEqual(basis);
    const again = { ...input, basis: draft.basis };
    const plan = expectOk(await bob.post('/api/catalog/plan', again), 200).body.data;
    expect(plan.overtaken).toMatchObject([{ id: 'x.late', at: '/title', now: 'Theirs' }]);
    expect(told(await bob.post('/api/catalog/apply', { ...again, draft: id }))).toEqual([409, 'change.overtaken']);
    expect(told(await bob.patch(path, { basis: { 'role:x.late': 'now' } }))).toEqual([422, 'change.bad_basis']);
    // Having seen it, one may say otherwise; what is applied waits for nothing.
    const seen = { 'role:x.late': Number(plan.epoch) };
    expectOk(await bob.patch(path, { basis: seen }), 200);
    const done = expectOk(await bob.post('/api/catalog/apply', { ...input, basis: seen, draft: id }), 200).body.data;
    expect([done.state, 'basis' in (done as object)]).toEqual(['applied', false]);
  });

  test('only change sets that touched what is asked for since are read, and of them only that', async () => {
    const ask = askOf({ query: ({ text, values }) => app.db.query(text, values as unknown[]) });
    const title = (id: string, text: string) => set('role', id, '/title', text);
    const two = ['x.first', 'x.second'].map((id) => whole('role', id, { title: id, grants: [grant] }));
    const { epoch } = expectOk(await applyChange(ann, two), 200).body.data;
    expectOk(await applyChange(ann, [title('x.first', 'A'), title('x.second', 'A')]), 200);
    expectOk(await applyChange(ann, [title('x.second', 'B')]), 200);
    const found = async (basis: Record<string, number>) =>
      (await readAppliedSince(ask, basis)).map(({ inverse }) => inverse.map(({ id }) => id));
    expect(await found({ 'role:x.first': 0 })).toEqual([['x.first'], ['x.first']]);
    expect(await found({ 'role:x.first': Number(epoch) })).toEqual([['x.first']]);
    expect(await found({ 'role:x.first': Number(epoch) + 1, 'role:x.second': 0 })).toEqual([
      ['x.second'],
      ['x.second'],
      ['x.second'],
    ]);
    expect(await found({ 'role:x.none': 0 })).toEqual([]);
  });
});

describe('definitions', () => {
  const issuesOf = async (operations: StudioOperation[]): Promise<string> => {
    const refused = await applyChange(ann, operations, { onBroken: 'refuse' });
    expect(told(refused)).toEqual([422, 'change.refused']);
    return JSON.stringify(refused.body.issues);
  };
  const rule = (type: string, when: string): StudioOperation =>
    whole(type, 'x.rule', {
      title: 'Rule',
      entity: 'contacts.company',
      when,
      ...(type === 'sharing-rule' ? { access: 'read', to: { everyone: true } } : {}),
    });

  test('roles hold grants, not roles: one that includes another is refused by that name', async () => {
    const found = await issuesOf([
      whole('role', 'x.one', { title: 'One', grants: [grant], includes: ['x.two'] }),
      whole('role', 'x.two', { title: 'Two', grants: [grant], includes: ['x.one'] }),
    ]);
    expect(found).toContain('includes');
    expect((await app.admin.get('/api/roles')).text).not.toContain('x.one');
  });

  test.each(['sharing-rule', 'restriction-rule'])('a %s over a field that there is not, or no longer', async (type) => {
    expect(await issuesOf([rule(type, 'nmae == "a"')])).toMatch(/nmae.*name/);
    expectOk(await applyChange(ann, [companyField('x_gone')]), 200);
    expectOk(await applyChange(ann, [rule(type, 'x_gone > 1')]), 200);
    // As long as a rule reads it, it cannot go; once it is gone, no rule can read it.
    const remove = { type: 'entity', id: 'contacts.company', op: 'unset', at: '/properties/x_gone' };
    expect(await issuesOf([remove])).toContain('x_gone');
    expectOk(await applyChange(ann, [{ type, id: 'x.rule', op: 'remove', at: '' }, remove]), 200);
    expect(await issuesOf([rule(type, 'x_gone > 1')])).toContain('x_gone');
  });

  test('no definition locks administrators out: their role stays, and a rule over them they take back', async () => {
    for (const operation of [
      set('role', 'core.administrator', '/grants', []),
      set('role', 'core.administrator', '/grants/*/update', 'none'),
      { type: 'role', id: 'core.administrator', op: 'remove', at: '' },
    ])
      expect(await issuesOf([operation])).toMatch(/role\.locked_out|change\.foreign_document/);
    const lock = { title: 'Lock', entity: 'core.user', when: 'false', roles: ['core.administrator'] };
    const made = expectOk(await applyChange(ann, [whole('restriction-rule', 'x.lock', lock)]), 200).body.data;
    expect((await ann.get('/api/records/core.user')).body.data).toHaveLength(0);
    expectOk(await ann.get('/api/users'), 200);
    expectOk(await ann.post(`/api/catalog/changes/${String(made.id)}/revert`, {}), 200);
    expect((await ann.get('/api/records/core.user')).body.data.length).toBeGreaterThan(0);
  });
});

test('a new user reports to whom its maker says, whatever its way in; to nobody who is not there', async () => {
  const chief = await app.member({ name: 'Chief' });
  const make = (email: string, more: object) =>
    app.admin.post('/api/users', { name: 'New', email, password: 'a long enough one', ...more });
  const superiorTold = async (answer: Answer): Promise<unknown> => {
    const id = String(expectOk(answer, 201).body.data.id);
    const users = expectOk(await app.admin.get('/api/users'), 200).body.data;
    return users.find((user) => String(user.id) === id)?.reportsTo;
  };
  expect(await superiorTold(await make('new1@example.com', { reportsTo: chief.id }))).toBe(chief.id);
  expect(
    await superiorTold(await make('new2@example.com', { reportsTo: chief.id, invite: true, password: undefined })),
  ).toBe(chief.id);
  expect(await superiorTold(await make('new3@example.com', { reportsTo: null }))).toBeNull();
  const nobody = await make('new4@example.com', { reportsTo: '01890000-0000-7000-8000-000000000000' });
  expect(nobody.status).toBe(422);
  expect((await make('new5@example.com', { reportsTo: 5 })).status).toBe(422);
  const users = expectOk(await app.admin.get('/api/users'), 200).body.data;
  expect(users.filter(({ email }) => /^new[45]@/.test(String(email)))).toEqual([]);
});

describe('a circle of superiors', () => {
  let one: Client & { readonly id: string };
  let two: Client & { readonly id: string };
  const path = (id: string): string => `/api/records/core.user/${id}`;
  const superiorOf = async (id: string): Promise<unknown> =>
    (expectOk(await app.admin.get(path(id)), 200).body.data.reportsTo as { id?: unknown } | null)?.id ?? null;
  beforeEach(async () => {
    one = await app.member({ name: 'One' });
    two = await app.member({ name: 'Two' });
  });

  test('one after the other, over users and over records', async () => {
    expectOk(await app.admin.patch(path(two.id), { reportsTo: one.id }), 200);
    for (const at of [path(one.id), `/api/users/${one.id}`]) {
      const refused = await app.admin.patch(at, { name: 'Renamed', reportsTo: two.id });
      expect(told(refused)).toEqual([422, 'user.reports_cycle']);
      expect(String(refused.body.detail)).toMatch(/report to itself/);
    }
    expect(expectOk(await app.admin.get(path(one.id)), 200).body.data.name).toBe('One');
  });

  test('in bulk, where two rows make it together', async () => {
    const rows = [
      { id: one.id, reportsTo: two.id },
      { id: two.id, reportsTo: one.id },
    ];
    const answer = await app.admin.post('/api/records/core.user/bulk?mode=update', rows);
    expect(answer.text).toContain('user.reports_cycle');
    expect([await superiorOf(one.id), await superiorOf(two.id)]).toContain(null);
  });

  test('by import', async () => {
    expectOk(await app.admin.patch(path(two.id), { reportsTo: one.id }), 200);
    const { client } = await signIn(app.anonymous, ADMIN.email, ADMIN.password);
    const state = await runImport(client, {
      entity: 'core.user',
      content: `id,reportsTo\n${one.id},${two.id}\n`,
    });
    expect(Number(state.refused)).toBe(1);
    expect((await client.get(`/api/imports/${String(state.id)}/refused`)).text).toMatch(/report to itself/i);
    expect(await superiorOf(one.id)).toBeNull();
  });

  test('at once: of two who would make it together, one is refused', async () => {
    const answers = await Promise.all([
      app.admin.patch(path(one.id), { reportsTo: two.id }),
      ann.patch(path(two.id), { reportsTo: one.id }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
    expect([await superiorOf(one.id), await superiorOf(two.id)]).toContain(null);
  });
});

test('two administrators who take each other’s role away at once: one of them stays', async () => {
  const admins = async (): Promise<string[]> =>
    expectOk(await app.admin.get('/api/users'), 200)
      .body.data.filter((user) => user.roles.some((role) => String(role) === 'core.administrator'))
      .map((user) => String(user.id));
  const idOf = async (client: Client): Promise<string> =>
    String(expectOk(await client.get('/api/session'), 200).body.data.user.id);
  const [annId, bobId, rootId] = [await idOf(ann), await idOf(bob), await idOf(app.admin)];
  // The two are left alone first.
  expectOk(await ann.patch(`/api/users/${rootId}`, { roles: ['core.member'] }), 200);
  const answers = await Promise.all([
    ann.patch(`/api/users/${bobId}`, { roles: ['core.member'] }),
    bob.patch(`/api/users/${annId}`, { roles: ['core.member'] }),
  ]);
  const left = answers[0].status === 200 ? ann : bob;
  expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1);
  expectOk(await left.patch(`/api/users/${rootId}`, { roles: ['core.administrator'] }), 200);
  expect((await admins()).length).toBe(2);
});
