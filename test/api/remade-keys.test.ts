import { ADMIN, signIn, startApp, type TestApp } from '../support/app.js';
import { expectOk, type Client, type Loose } from '../support/client.js';
import { applyChange, type StudioOperation } from '../support/studio.js';

/** What a role hides by key stays hidden, whatever comes to stand under the key. */
let app: TestApp;
let id: string;
let clerk: Client;

const entity = 'contacts.company';
const on = (op: string, at: string, value?: unknown): StudioOperation => ({
  type: 'entity',
  id: entity,
  op,
  at,
  ...(value === undefined ? {} : { value }),
});
const role = (op: string, at: string, value?: unknown): StudioOperation => ({
  type: 'role',
  id: 'x.clerk',
  op,
  at,
  ...(value === undefined ? {} : { value }),
});
const salary = { title: 'Salary', 'x-field': { kind: 'integer' } };
const none = { create: false, update: 'none', delete: 'none', purge: false, import: false, export: false };
const all = { ...none, entity: '*', read: 'all' };
const apply = async (...operations: StudioOperation[]): Promise<Loose> =>
  expectOk(await applyChange(app.admin, operations, { onBroken: 'remove' })).body as unknown as Loose;
const clerkDocument = async (): Promise<Loose> =>
  expectOk(await app.admin.get('/api/catalog/definitions/role/x.clerk')).body.data.document;
const seen = async (client: Client): Promise<Loose> =>
  expectOk(await client.get(`/api/records/${entity}/${id}`)).body.data;

beforeAll(async () => {
  app = await startApp();
  id = String(expectOk(await app.admin.post(`/api/records/${entity}`, { name: 'c' }), 201).body.data.id);
  await apply(role('set', '', { title: 'Clerk', grants: [all] }));
  clerk = await app.member({ roles: ['x.clerk'] });
}, 120_000);
afterAll(() => app.stop());

beforeEach(async () => {
  await apply(
    on('set', '/properties/x_salary', salary),
    role('set', '', {
      title: 'Clerk',
      grants: [all],
      fields: [{ entity, field: 'x_salary', access: 'none' }],
    }),
  );
  expectOk(await app.admin.patch(`/api/records/${entity}/${id}`, { x_salary: 1 }));
});

test('a field that is retired and restored stays hidden', async () => {
  await apply(on('set', '/properties/x_salary/x-field/retired', true));
  await apply(on('unset', '/properties/x_salary/x-field/retired'));
  expect(await seen(app.admin)).toMatchObject({ x_salary: 1 });
  expect(await seen(clerk)).not.toHaveProperty('x_salary');
});

test('a field that is removed and comes back with its data stays hidden', async () => {
  await apply(on('unset', '/properties/x_salary'));
  await apply(on('set', '/properties/x_salary', salary));
  expect(await seen(app.admin)).toMatchObject({ x_salary: 1 });
  expect(await seen(clerk)).not.toHaveProperty('x_salary');
});

test('a field that is purged and made anew is hidden too; its history is not inherited', async () => {
  await apply(on('unset', '/properties/x_salary'));
  await apply(on('purge', '/properties/x_salary'));
  await apply(on('set', '/properties/x_salary', { title: 'Pay', 'x-field': { kind: 'text' } }));
  expectOk(await app.admin.patch(`/api/records/${entity}/${id}`, { x_salary: 'a' }));
  expect(await seen(clerk)).not.toHaveProperty('x_salary');
  const asked = await clerk.get(`/api/records/${entity}?filter=${encodeURIComponent("x_salary == 'a'")}`);
  expect(asked.status).toBe(422);
  // The plan for what follows needs it back as a number.
  await apply(on('unset', '/properties/x_salary'));
  await apply(on('purge', '/properties/x_salary'));
});

test('the rule that waits for its field says so, and goes where an administrator takes it away', async () => {
  await apply(on('unset', '/properties/x_salary'));
  expect((await clerkDocument()).fields).toEqual([{ entity, field: 'x_salary', access: 'none', keep: true }]);
  await apply(role('remove', `/fields/${entity}.x_salary`));
  await apply(on('set', '/properties/x_salary', salary));
  expect(await seen(clerk)).toHaveProperty('x_salary');
});

test('a plan does not call it broken, and shows what is done', async () => {
  const operations = [on('unset', '/properties/x_salary')];
  const { body } = expectOk(await app.admin.post('/api/catalog/plan', { operations, reason: 'test' }));
  expect(body.data.broken).toEqual([]);
  expect(JSON.stringify(body.data.diff)).toContain('keep');
});

test('a rule about a field that there never was is refused', async () => {
  const rule = { entity, field: 'x_salery', access: 'none' };
  const answer = await applyChange(app.admin, [role('set', '/fields', [rule])]);
  expect(answer.status).toBe(422);
  expect(JSON.stringify(answer.body)).toContain('x_salary');
});

test('what narrows an entity stays with it; what only that entity had does not', async () => {
  const thing = (title: string): StudioOperation => ({
    type: 'entity',
    id: 'x.thing',
    op: 'set',
    at: '',
    value: {
      $id: 'x.thing',
      title,
      type: 'object',
      properties: { name: { title: 'Name', 'x-field': { kind: 'text' } } },
      'x-entity': { titleField: 'name' },
    },
  });
  const drop: StudioOperation = { type: 'entity', id: 'x.thing', op: 'remove', at: '' };
  const purge: StudioOperation = { type: 'entity', id: 'x.thing', op: 'purge', at: '' };
  const narrow = { ...none, entity: 'x.thing', read: 'none' };
  await apply(thing('One'), role('set', '/grants', [all, narrow]));
  await apply(drop);
  await apply(purge);
  await apply(thing('Two'));
  expect((await clerk.get('/api/records/x.thing')).status).toBe(404);
  expectOk(await app.admin.get('/api/records/x.thing'));
  await apply(role('set', '/grants', [{ ...narrow, read: 'all', create: true }]));
  await apply(drop);
  expect((await clerkDocument()).grants).toEqual([]);
});

test('a condition that loses its field takes its rows along, not the limits of its grant', async () => {
  const grant = { ...none, entity, read: 'own', readWhen: 'x_salary == 1' };
  await apply(role('set', '/grants', [all, grant]), role('unset', '/fields'));
  expectOk(await clerk.get(`/api/records/${entity}/${id}`));
  await apply(on('unset', '/properties/x_salary'));
  expect((await clerkDocument()).grants).toEqual([all, { ...none, entity, read: 'own' }]);
  expect((await clerk.get(`/api/records/${entity}/${id}`)).status).toBe(404);
});

test('a role may choose rows by a field that it hides', async () => {
  const grant = { ...none, entity, read: 'own', readWhen: 'x_salary == 1' };
  await apply(role('set', '/grants', [all, grant]));
  expect(await seen(clerk)).not.toHaveProperty('x_salary');
  const asked = await clerk.get(`/api/records/${entity}?filter=${encodeURIComponent('x_salary == 1')}`);
  expect([asked.status, asked.body.code]).toEqual([422, 'expression.unknown_name']);
  expectOk(await app.admin.patch(`/api/records/${entity}/${id}`, { x_salary: 2 }));
  expect((await clerk.get(`/api/records/${entity}/${id}`)).status).toBe(404);
});

test('a role made anew under the name of an earlier one is nobody’s; one that is brought back is whose it was', async () => {
  const wide = { title: 'Wide', grants: [all] };
  const of = (op: string, value?: object): StudioOperation => ({
    type: 'role',
    id: 'x.gone',
    op,
    at: '',
    ...(value ? { value } : {}),
  });
  const status = async (): Promise<number> => (await holder.get(`/api/records/${entity}/${id}`)).status;
  await apply(of('set', wide));
  const holder = await app.member({ roles: ['x.gone'] });
  expect(await status()).toBe(200);
  const removed = await apply(of('remove'));
  expect(await status()).toBe(404);
  const back = await app.admin.post(`/api/catalog/changes/${String(removed.data.id)}/revert`, { reason: 'back' });
  expectOk(back);
  expect(await status()).toBe(200);
  await apply(of('remove'));
  await apply(of('set', wide));
  expect(await status()).toBe(404);
  const { data } = (await app.admin.get('/api/users')).body;
  expect(data.find((user) => String(user.id) === holder.id)?.roles).toEqual([]);
});

test('neither a directory nor a provider elsewhere gives a role that was made anew', async () => {
  const of = (op: string, value?: object): StudioOperation => ({ type: 'role', id: 'x.mapped', op, at: '', value });
  const role = { title: 'Mapped', grants: [all] };
  await apply(of('set', role));
  const { client } = await signIn(app.anonymous, ADMIN.email, ADMIN.password);
  const team = String(expectOk(await app.admin.post('/api/records/core.team', { name: 'T' }), 201).body.data.id);
  const roles = ['x.mapped', 'core.member'].map((each) => ({ team, role: each }));
  expectOk(await client.send('PUT', '/api/directory/roles', { roles }));
  const settings = {
    title: 'Works',
    issuer: 'https://id.example.com',
    clientId: 'c',
    groupClaim: 'groups',
    roleMap: { a: 'x.mapped', b: 'core.member' },
    defaultRoles: ['core.member', 'x.mapped'],
  };
  expectOk(await client.post('/api/sign-in/providers', { ...settings, id: 'both' }), 201);
  const only = { roleMap: { a: 'x.mapped' }, defaultRoles: ['x.mapped'] };
  expectOk(await client.post('/api/sign-in/providers', { ...settings, ...only, id: 'only' }), 201);
  const given = async (): Promise<unknown[]> => [
    expectOk(await client.get('/api/directory')).body.data.roles,
    ...expectOk(await client.get('/api/sign-in/providers')).body.data.map(({ roleMap, defaultRoles }) => ({
      roleMap,
      defaultRoles,
    })),
  ];
  const before = await given();
  const removed = await apply(of('remove'));
  expectOk(await app.admin.post(`/api/catalog/changes/${String(removed.data.id)}/revert`, { reason: 'back' }));
  expect(await given()).toEqual(before);
  await apply(of('remove'));
  await apply(of('set', role));
  expect(await given()).toEqual([
    [{ team, role: 'core.member' }],
    { roleMap: { b: 'core.member' }, defaultRoles: ['core.member'] },
    { roleMap: {}, defaultRoles: [] },
  ]);
});

describe('a condition of rows', () => {
  const person = 'x.person';
  const formula = (expression: string): object => ({
    title: 'F',
    'x-field': { kind: 'formula', returns: 'boolean', expression },
  });
  const own = (of: string, readWhen: string): object => ({ ...none, entity: of, read: 'own', readWhen });
  const personOp = (op: string, at: string, value?: unknown): StudioOperation => ({ ...on(op, at, value), id: person });
  const idsSeen = async (of: string): Promise<string[]> =>
    (expectOk(await clerk.get(`/api/records/${of}`)).body.data as unknown as Loose[]).map((row) => String(row.id));
  const employee = async (): Promise<string> =>
    String(expectOk(await app.admin.post(`/api/records/${person}`, { name: 'A', company: id }), 201).body.data.id);

  beforeAll(async () => {
    const company = { kind: 'link', to: entity, inverse: { key: 'staff', title: 'Staff' } };
    await apply(
      personOp('set', '', {
        $id: person,
        title: 'Person',
        type: 'object',
        'x-entity': { titleField: 'name' },
        properties: {
          name: { title: 'Name', 'x-field': { kind: 'text' } },
          team: { title: 'Team', 'x-field': { kind: 'text' } },
          paid: { title: 'Paid', 'x-field': { kind: 'integer' } },
          company: { title: 'Company', 'x-field': company },
        },
      }),
    );
  });

  test('may ask a formula of what the role hides', async () => {
    await apply(
      on('set', '/properties/x_rich', formula('x_salary > 10')),
      role('set', '/grants', [all, own(entity, 'x_rich')]),
    );
    const who = await employee();
    const company = async (): Promise<unknown> =>
      expectOk(await clerk.get(`/api/records/${person}/${who}`)).body.data.company;
    expect(await idsSeen(entity)).toEqual([]);
    expect(await company()).toBeNull();
    expectOk(await app.admin.patch(`/api/records/${entity}/${id}`, { x_salary: 11 }));
    expect(await idsSeen(entity)).toEqual([id]);
    expect(await company()).toMatchObject({ id });
    expect(await seen(clerk)).not.toHaveProperty('x_rich');
  });

  test('may ask a linked record for what the role hides', async () => {
    const who = await employee();
    await apply(role('set', '/grants', [all, own(person, 'company.x_salary > 10')]));
    expect(await idsSeen(person)).not.toContain(who);
    expectOk(await app.admin.patch(`/api/records/${entity}/${id}`, { x_salary: 11 }));
    expect(await idsSeen(person)).toContain(who);
  });

  test('may ask a rollup whose filter reads what the role hides', async () => {
    await apply(
      on('set', '/properties/x_well', {
        title: 'W',
        'x-field': { kind: 'rollup', of: 'staff', fn: 'count', filter: 'paid > 10' },
      }),
      // Not all people are seen, so that the count is one over those that are.
      role('set', '/grants', [all, own(entity, 'x_well == 1'), own(person, "name == 'A'")]),
      role('set', '/fields', [{ entity: person, field: 'paid', access: 'none' }]),
    );
    const who = await employee();
    expect(await idsSeen(entity)).not.toContain(id);
    expectOk(await app.admin.patch(`/api/records/${person}/${who}`, { paid: 11 }));
    expect(await idsSeen(entity)).toContain(id);
    expectOk(await app.admin.patch(`/api/records/${person}/${who}`, { name: 'Z' }));
    expect(await idsSeen(entity)).not.toContain(id);
  });

  test('that leads back to its own entity finds own records there', async () => {
    const parent = { title: 'P', 'x-field': { kind: 'link', to: entity } };
    await apply(
      on('set', '/properties/x_parent', parent),
      role('set', '/grants', [all, { ...own(entity, "x_parent.name == 'top'"), create: true }]),
    );
    const make = async (client: Client, body: object): Promise<string> =>
      String(expectOk(await client.post(`/api/records/${entity}`, body), 201).body.data.id);
    const theirs = await make(app.admin, { name: 'top' });
    await make(app.admin, { name: 'under theirs', x_parent: theirs });
    const ours = await make(clerk, { name: 'top' });
    const under = await make(app.admin, { name: 'under ours', x_parent: ours });
    expect((await idsSeen(entity)).sort()).toEqual([ours, under].sort());
  });

  test('of two entities that lead to each other comes to an end', async () => {
    const main = { title: 'M', 'x-field': { kind: 'link', to: person } };
    await apply(
      on('set', '/properties/x_main', main),
      role('set', '/grants', [
        all,
        own(entity, "x_main.name == 'A'"),
        own(person, "company.name == 'c' || team == 'B'"),
      ]),
    );
    const who = await employee();
    expectOk(await app.admin.patch(`/api/records/${entity}/${id}`, { x_main: who }));
    // Each sees the other only where it is shown for another reason than this one.
    expect(await idsSeen(entity)).not.toContain(id);
    expect(await idsSeen(person)).not.toContain(who);
    expectOk(await app.admin.patch(`/api/records/${person}/${who}`, { team: 'B' }));
    expect(await idsSeen(entity)).toContain(id);
    expect(await idsSeen(person)).toContain(who);
  });
});
