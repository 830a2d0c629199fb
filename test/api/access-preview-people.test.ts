import pg from 'pg';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, until, type Client, type Loose } from '../support/client.js';
import { applyChange } from '../support/studio.js';

// Before whom somebody reports to, its roles or its teams are changed, what everybody gains and loses is told.
type User = Client & { readonly id: string };
const companies = '/api/records/contacts.company';
let app: TestApp;
let boss: User;
let chief: User;
let lead: User;
let worker: User;
let keeper: User;
let namer: User;
let team: string;

beforeAll(async () => {
  app = await startApp();
  const quiet = ['core.user', 'core.principal', 'core.team', 'core.teamMember'].map((entity) => ({
    entity,
    read: 'all',
    create: false,
    update: 'none',
    delete: 'none',
  }));
  const grant = (entity: string, more: object = {}): object => ({
    entity,
    read: 'own',
    create: true,
    update: 'own',
    delete: 'own',
    ...more,
  });
  const set = (type: string, id: string, value: object) => ({ type, id, op: 'set', at: '', value });
  team = String(expectOk(await app.admin.post('/api/records/core.team', { name: 'Team' }), 201).body.data.id);
  expectOk(
    await applyChange(app.admin, [
      set('role', 'x.worker', { title: 'Worker', grants: [grant('contacts.company'), ...quiet] }),
      set('role', 'x.auditor', { title: 'Auditor', grants: [grant('contacts.company', { read: 'all' })] }),
      set('role', 'x.caller', { title: 'Caller', grants: [grant('contacts.contact', { read: 'all' })] }),
      set('role', 'x.namer', {
        title: 'Namer',
        grants: [grant('contacts.company'), grant('core.team', { readWhen: 'name == "Team"', create: false })],
      }),
      set('sharing-rule', 'x.ofTeam', {
        title: 'What the team and its members own is seen by namers',
        entity: 'contacts.company',
        access: 'read',
        to: { roles: ['x.namer'] },
        ownedBy: { teams: ['Team'] },
      }),
      set('role', 'x.field', { title: 'Field', grants: [] }),
      set('sharing-rule', 'x.ofField', {
        title: 'What the field owns is seen by workers',
        entity: 'contacts.company',
        access: 'read',
        to: { roles: ['x.worker'] },
        ownedBy: { roles: ['x.field'] },
      }),
    ]),
    200,
  );
  const member = (name: string): Promise<User> => app.member({ roles: ['x.worker'], name });
  boss = await member('Boss');
  chief = await member('Chief');
  lead = await member('Lead');
  worker = await member('Worker');
  keeper = await member('Keeper');
  namer = await app.member({ roles: ['x.namer'], name: 'Namer' });
  for (const [who, to] of [
    [worker, lead],
    [lead, chief],
  ] as const)
    expectOk(await app.admin.patch(`/api/users/${who.id}`, { reportsTo: to.id }), 200);
  for (const name of ['Alpha', 'Beta']) expectOk(await worker.post(companies, { name }), 201);
  expectOk(await lead.post(companies, { name: 'Gamma' }), 201);
  expectOk(await app.admin.post(companies, { name: 'Of the team', ownerId: team }), 201);
});
afterAll(() => app?.stop());

type Change = { id: string; roles?: string[]; reportsTo?: string | null; joins?: string[]; leaves?: string[] };
type Plan = { users?: Change[]; groups?: { id: string; parent?: string | null; deleted?: boolean }[] };

/** What would change, for all of the users that there are. */
async function planned(plan: Plan): Promise<Loose[]> {
  const { data } = expectOk(await app.admin.post('/api/users/plan/access', plan), 200).body;
  const { changes, users } = data as unknown as { changes: Loose[]; users: Loose };
  expect(users).toEqual({ examined: Number(users.total), total: expect.any(Number), further: 0 });
  return changes;
}

/** What would change of companies, by the user's name. */
async function foresee(plan: Plan): Promise<Record<string, Loose>> {
  const changes = (await planned(plan)).filter(({ entity }) => String(entity) === 'contacts.company');
  return Object.fromEntries(changes.map((change) => [String(change.user.title), change]));
}
const foreseeOf = (...users: Change[]): Promise<Record<string, Loose>> => foresee({ users });

const names = async (client: Client): Promise<string[]> =>
  (expectOk(await client.get(`${companies}?sort=name&limit=500`), 200).body.data as unknown as { name: string }[]).map(
    ({ name }) => name,
  );

/** What is foreseen is what is so afterwards, for everybody. */
async function expectForeseen(change: Change | Plan, make: () => Promise<unknown>): Promise<Record<string, Loose>> {
  const everybody = { Boss: boss, Chief: chief, Lead: lead, Worker: worker, Keeper: keeper, Namer: namer };
  const look = async (): Promise<[string, string[]][]> =>
    Promise.all(Object.entries(everybody).map(async ([who, client]) => [who, await names(client)]));
  const before = new Map(await look());
  const found = await foresee('id' in change ? { users: [change] } : change);
  expect(new Map(await look())).toEqual(before);
  await make();
  for (const [who, after] of await look()) {
    const was = before.get(who) ?? [];
    expect({ who, gained: Number(found[who]?.read.gained ?? 0), lost: Number(found[who]?.read.lost ?? 0) }).toEqual({
      who,
      gained: after.filter((name) => !was.includes(name)).length,
      lost: was.filter((name) => !after.includes(name)).length,
    });
  }
  return found;
}

test('another superior: the old chain loses, the new one gains, and nothing has happened yet', async () => {
  const found = await expectForeseen({ id: worker.id, reportsTo: boss.id }, async () =>
    expectOk(await app.admin.patch(`/api/users/${worker.id}`, { reportsTo: boss.id }), 200),
  );
  expect(Object.keys(found).sort()).toEqual(['Boss', 'Chief', 'Lead']);
  expect(found.Boss).toMatchObject({ read: { gained: 2, lost: 0 }, update: { gained: 2, lost: 0 } });
  const { samples } = found.Lead.read as unknown as { samples: { lost: { title: string }[] } };
  expect(samples.lost.map(({ title }) => title).sort()).toEqual(['Alpha', 'Beta']);
});

test('a role more: its records, fields and operations; a rule over owners tells those to whom it leads', async () => {
  const roles = ['x.worker', 'x.auditor'];
  const found = await expectForeseen({ id: keeper.id, roles }, async () =>
    expectOk(await app.admin.patch(`/api/users/${keeper.id}`, { roles }), 200),
  );
  expect(found.Keeper).toMatchObject({ read: { gained: 4, lost: 0 }, update: { gained: 0 } });
  const field = ['x.worker', 'x.field'];
  // The worker itself gains nothing by it; what it owns is seen by the others.
  const seen = await expectForeseen({ id: worker.id, roles: field }, async () =>
    expectOk(await app.admin.patch(`/api/users/${worker.id}`, { roles: field }), 200),
  );
  expect(Object.keys(seen).sort()).toEqual(['Chief', 'Lead']);
});

test('a team that is joined, and left again, or deleted', async () => {
  const joined = await expectForeseen({ id: lead.id, joins: [team] }, async () =>
    expectOk(await app.admin.post('/api/records/core.teamMember', { team, user: lead.id }), 201),
  );
  const found = await foreseeOf({ id: lead.id, leaves: [team] });
  expect(found.Lead).toMatchObject({ read: { gained: 0, lost: 1 }, update: { gained: 0, lost: 1 } });
  expect(found.Chief).toBeUndefined();
  // By the rule: what the lead owns.
  expect(joined.Namer.read).toMatchObject({ gained: 1, lost: 0 });
  const gone = { groups: [{ id: team, deleted: true }] };
  // The team itself, and who was in it, is no loss of access.
  expect((await planned(gone)).map(({ entity }) => String(entity))).toEqual(['contacts.company', 'contacts.company']);
  const lost = await expectForeseen(gone, async () =>
    expectOk(await app.admin.delete(`/api/records/core.team/${team}`), 204),
  );
  expect(lost.Lead).toMatchObject({ read: { gained: 0, lost: 1 }, update: { gained: 0, lost: 1 } });
  expect(lost.Namer).toMatchObject({ read: { gained: 0, lost: 2 }, update: { gained: 0, lost: 0 } });
  expectOk(await app.admin.post(`/api/records/core.team/${team}/restore`, {}), 200);
});

test('a territory that is joined opens what those below it own, as long as they are there', async () => {
  const made = async (values: object): Promise<string> =>
    String(expectOk(await app.admin.post('/api/records/core.territory', values), 201).body.data.id);
  const above = await made({ name: 'Above' });
  const below = await made({ name: 'Below', parent: above });
  expectOk(await app.admin.post(companies, { name: 'Of the territory', ownerId: below }), 201);
  await expectForeseen({ id: boss.id, joins: [above] }, async () =>
    expectOk(await app.admin.post('/api/records/core.territoryMember', { territory: above, user: boss.id }), 201),
  );
  expect((await foreseeOf({ id: boss.id, leaves: [above] })).Boss).toMatchObject({ read: { gained: 0, lost: 1 } });
  const at = `/api/records/core.territory/${below}`;
  for (const [parent, read] of [
    [null, { gained: 0, lost: 1 }],
    [above, { gained: 1, lost: 0 }],
  ] as const) {
    const found = await expectForeseen({ groups: [{ id: below, parent }] }, async () =>
      expectOk(await app.admin.patch(at, { parent }), 200),
    );
    expect(found).toEqual({ Boss: expect.objectContaining({ read: expect.objectContaining(read) }) });
  }
  const refused = async (group: object): Promise<string> =>
    String((await app.admin.post('/api/users/plan/access', { groups: [group] })).body.code);
  expect(await refused({ id: above, parent: below })).toBe('territory.cycle');
  expect(await refused({ id: above, deleted: true })).toBe('record.restricted');
  expect(await refused({ id: boss.id, deleted: true })).toBe('team.not_found');
  const lost = await expectForeseen({ groups: [{ id: below, deleted: true }] }, async () =>
    expectOk(await app.admin.delete(at), 204),
  );
  expect(Object.keys(lost)).toEqual(['Boss']);
});

test('nothing is seen outside: no epoch moves, nothing is logged, nobody has to sign in again', async () => {
  const state = async (): Promise<unknown> =>
    app.db.query(
      `select (select json_agg(c order by c.user_id) from trellis.credential c) as credentials,
        (select json_agg(r order by r.superior_id, r.user_id) from trellis.report r) as reports,
        (select json_agg(r order by r.user_id, r.role) from trellis.user_role r) as roles,
        (select count(*) from trellis.audit_entry) as audited, (select count(*) from trellis.history) as history,
        (select count(*) from trellis.outbox where topic <> 'job.changed') as events`,
    );
  const before = await state();
  await foreseeOf(
    { id: worker.id, reportsTo: null, roles: ['x.worker'] },
    { id: lead.id, leaves: [team], joins: [] },
    { id: chief.id, reportsTo: boss.id, roles: ['x.auditor'] },
  );
  expect(await state()).toEqual(before);
});

test('what is compared holds nobody up: the change is taken back by then, and nothing that was written is open', async () => {
  const other = new pg.Client({ connectionString: app.db.url });
  await other.connect();
  try {
    expectOk(await app.admin.post('/api/records/contacts.contact', { lastName: 'Called' }), 201);
    await other.query('begin');
    // Nothing that the change itself asks for.
    await other.query('lock table data.contacts__contact in access exclusive mode');
    const asked = app.admin.post('/api/users/plan/access', {
      users: [{ id: keeper.id, roles: ['x.worker', 'x.caller'] }],
    });
    const [seen] = await until(
      () =>
        app.db.query(
          `select a.backend_xid, exists (select from pg_locks w where w.relation = 'trellis.user_role'::regclass
              and w.mode = 'RowExclusiveLock') as stands
            from pg_locks l join pg_stat_activity a on a.pid = l.pid
            where l.relation = 'data.contacts__contact'::regclass and not l.granted`,
        ),
      ({ length }) => length > 0,
    );
    expect(seen).toEqual({ backend_xid: null, stands: false });
    await other.query('commit');
    const { changes } = expectOk(await asked, 200).body.data as unknown as { changes: Loose[] };
    expect(changes.map(({ user, entity }) => [user.title, entity])).toContainEqual(['Keeper', 'contacts.contact']);
  } finally {
    await other.end();
  }
});

test('what would be refused is refused by its name', async () => {
  const ask = async (client: Client, users: unknown): Promise<[number, string]> => {
    const { status, body } = await client.post('/api/users/plan/access', { users });
    return [status, String(body.code)];
  };
  expect(await ask(app.admin, [{ id: chief.id, reportsTo: lead.id }])).toEqual([422, 'user.reports_cycle']);
  expect(await ask(app.admin, [{ id: chief.id, roles: ['x.nobody'] }])).toEqual([422, 'role.unknown']);
  expect(await ask(app.admin, [{ id: chief.id, joins: ['nowhere'] }])).toEqual([404, 'team.not_found']);
  expect(await ask(app.admin, [{ id: 'nobody' }])).toEqual([404, 'user.not_found']);
  expect(await ask(app.admin, [{ id: chief.id, boss: lead.id }])).toEqual([422, 'request.invalid']);
  expect(await ask(app.admin, [])).toEqual([422, 'request.invalid']);
  const many = Array.from({ length: 51 }, () => lead.id);
  expect(await ask(app.admin, [{ id: chief.id, joins: many }])).toEqual([422, 'request.invalid']);
  expect((await ask(worker, [{ id: worker.id, roles: ['x.auditor'] }]))[0]).toBe(403);
});
