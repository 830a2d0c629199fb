import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AUDIT_LOG } from '../../core/base/tokens.js';
import type { AuditLog } from '../../core/sdk/index.js';
import { DATABASE, type Database } from '../../core/storage/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, until, type Client, type Loose } from '../support/client.js';
import { makePlugin } from '../support/made-plugin.js';

let app: TestApp;
type Member = Client & { readonly id: string };
const own = { read: 'own', create: true, update: 'own', delete: 'own' };
const territories = '/api/records/core.territory';
const members = '/api/records/core.territoryMember';
const cases = '/api/records/area.case';
/** World → Europe → DACH, and Asia beside Europe. */
let world: string, europe: string, dach: string, asia: string;
/** One member of each. */
let boss: Member, european: Member, german: Member, asian: Member;

beforeAll(async () => {
  const text = { title: 'City', type: 'string', 'x-field': { kind: 'text' } };
  const dir = await makePlugin('area', [
    { name: 'case', properties: { city: text }, more: { ownership: 'principal' } },
    { name: 'note', properties: { city: text }, more: { ownership: 'principal' } },
  ]);
  const add = async (folder: string, name: string, document: object): Promise<void> => {
    await mkdir(join(dir, folder), { recursive: true });
    await writeFile(join(dir, folder, `${name}.json`), JSON.stringify(document));
  };
  const grants = ['area.case', 'area.note'].map((entity) => ({ entity, ...own, share: true }));
  const people = ['core.user', 'core.principal', 'core.territory', 'core.territoryMember'].map((entity) => ({
    entity,
    read: 'all',
    create: false,
    update: 'none',
    delete: 'none',
  }));
  await add('roles', 'worker', { title: 'Worker', grants: [...grants, ...people] });
  await add('roles', 'broad', {
    title: 'Broad',
    grants: [{ entity: '*', read: 'all', create: true, update: 'all', delete: 'all', purge: true, import: true }],
  });
  await add('sharing-rules', 'of-munich', {
    title: 'Cases in Munich',
    entity: 'area.case',
    access: 'edit',
    to: { territories: ['DACH'] },
    when: 'city == "Munich"',
  });
  await add('sharing-rules', 'of-europe', {
    title: 'Notes of Europe',
    entity: 'area.note',
    access: 'read',
    to: { territories: ['Asia', 'Atlantis'] },
    ownedBy: { territories: ['Europe'] },
  });
  app = await startApp({ plugins: [dir] });
  world = await territory('World', null);
  europe = await territory('Europe', world);
  dach = await territory('DACH', europe);
  asia = await territory('Asia', world);
  [boss, european] = [await worker(world), await worker(europe)];
  [german, asian] = [await worker(dach), await worker(asia)];
});
afterAll(() => app.stop());

async function territory(name: string, parent: string | null): Promise<string> {
  const made = await app.admin.post(territories, { name, parent });
  expectOk(made, 201);
  return String(made.body.data.id);
}
async function worker(...of: string[]): Promise<Member> {
  const made = await app.member({ roles: ['area.worker'] });
  for (const id of of) await joinTo(made, id);
  return made;
}
async function joinTo(user: Member, id: string): Promise<string> {
  const made = await app.admin.post(members, { territory: id, user: user.id });
  expectOk(made, 201);
  return String(made.body.data.id);
}
async function record(by: Client, values: object, at = cases): Promise<string> {
  const made = await by.post(at, { name: 'A case', ...values });
  expectOk(made, 201);
  return `${at}/${String(made.body.data.id)}`;
}
const seenBy = (at: string, ...who: Client[]): Promise<number[]> =>
  Promise.all(who.map(async (one) => (await one.get(at)).status));

describe('what a territory owns', () => {
  test('reaches its members and those of the territories above, nobody else', async () => {
    const ofDach = await record(app.admin, { ownerId: dach });
    const ofEurope = await record(app.admin, { ownerId: europe });
    expect(await seenBy(ofDach, german, european, asian)).toEqual([200, 200, 404]);
    expect(await seenBy(ofEurope, german, european, asian)).toEqual([404, 200, 404]);
    expectOk(await european.patch(ofDach, { city: 'Bern' }), 200);
    // Whoever works a territory makes records for it and those below, and for no other.
    await record(european, { ownerId: dach });
    expect((await german.post(cases, { name: 'X', ownerId: europe })).body.code).toBe('access.out_of_scope');
  });

  test('follows members and the tree from the next request on', async () => {
    const user = await worker();
    const alps = await territory('Alps', null);
    const owned = await record(app.admin, { ownerId: alps });
    expect(await seenBy(owned, user, boss)).toEqual([404, 404]);
    const membership = await joinTo(user, alps);
    expect(await seenBy(owned, user, boss)).toEqual([200, 404]);
    expectOk(await app.admin.patch(`${territories}/${alps}`, { parent: dach }), 200);
    expect(await seenBy(owned, user, boss)).toEqual([200, 200]);
    expectOk(await app.admin.patch(`${members}/${membership}`, { territory: asia }), 200);
    expect(await seenBy(owned, user, boss)).toEqual([404, 200]);
    expectOk(await app.admin.patch(`${members}/${membership}`, { territory: europe }), 200);
    expect(await seenBy(owned, user, boss)).toEqual([200, 200]);
    expectOk(await app.admin.delete(`${territories}/${alps}`), 204);
    expect(await seenBy(owned, user, boss)).toEqual([404, 404]);
    expectOk(await app.admin.post(`${territories}/${alps}/restore`, {}), 200);
    expect(await seenBy(owned, user, boss)).toEqual([200, 200]);
    expectOk(await app.admin.patch(`${territories}/${alps}`, { parent: null }), 200);
    expect(await seenBy(owned, user, boss)).toEqual([404, 404]);
  });

  test('is lost with the membership, and those of a territory go and come with it', async () => {
    const user = await worker();
    const land = await territory('Lowlands', europe);
    const owned = await record(app.admin, { ownerId: land });
    const membership = await joinTo(user, land);
    expectOk(await app.admin.delete(`${territories}/${land}`), 204);
    expectOk(await app.admin.post(`${territories}/${land}/restore`, {}), 200);
    expect(await seenBy(owned, user)).toEqual([200]);
    expectOk(await app.admin.delete(`${members}/${membership}`), 204);
    expect(await seenBy(owned, user)).toEqual([404]);
  });
});

test('a share with a territory reaches those above as well, and an explanation names it', async () => {
  const giver = await worker();
  const given = await record(giver, {});
  expectOk(await giver.post(`${given}/shares`, { principal: dach, level: 'read' }), 201);
  expect(await seenBy(given, european, asian)).toEqual([200, 404]);
  const why = await app.admin.get(`${given}/access?user=${european.id}`);
  const through = [{ type: 'territory', id: dach, title: 'DACH' }];
  expect(why.body.data.read).toMatchObject({ allowed: true, by: [{ kind: 'share', through }] });
  const owned = await record(app.admin, { ownerId: dach });
  const owner = await european.get(`${owned}/access`);
  expect(owner.body.data.update).toMatchObject({ allowed: true, by: [{ kind: 'ownership', through }] });
  // What is one's own needs no name.
  const self = await giver.get(`${given}/access`);
  expect(self.body.data.read.by).toEqual([{ kind: 'ownership' }]);
});

test('shares that end together are entries of their own, written in one statement', async () => {
  const audit = app.app.get<AuditLog>(AUDIT_LOG);
  const { append } = audit;
  const lots: unknown[] = [];
  audit.append = (tx, entries) => (lots.push(entries), append.call(audit, tx, entries));
  try {
    const given = await record(app.admin, {});
    for (const principal of [dach, asia, boss.id])
      expectOk(await app.admin.post(`${given}/shares`, { principal, level: 'read' }), 201);
    lots.length = 0;
    const gone = expectOk(await app.admin.delete(given), 204);
    expect(lots).toEqual([[1, 2, 3].map(() => expect.objectContaining({ kind: 'record.shareEnded' }))]);
    const { data } = expectOk(await app.admin.get('/api/audit?kind=record.shareEnded&limit=500')).body;
    const told = data.filter(({ requestId }) => String(requestId) === gone.headers.get('x-request-id'));
    expect(new Set(told.map(({ payload }) => String(payload.principal)))).toEqual(new Set([dach, asia, boss.id]));
  } finally {
    audit.append = append;
  }
});

test('a rule by criteria assigns records to a territory, whatever it is called meanwhile', async () => {
  const munich = await record(app.admin, { city: 'Munich' });
  const tokyo = await record(app.admin, { city: 'Tokyo' });
  expect(await seenBy(munich, european, asian)).toEqual([200, 404]);
  expect(await seenBy(tokyo, european, asian)).toEqual([404, 404]);
  expectOk(await european.patch(munich, { name: 'Mine' }), 200);
  const why = await app.admin.get(`${munich}/access?user=${european.id}`);
  const rule = { kind: 'rule', id: 'area.of-munich', through: [{ type: 'territory', id: dach, title: 'DACH' }] };
  expect(why.body.data.read).toMatchObject({ by: [rule] });
  expectOk(await app.admin.patch(`${territories}/${dach}`, { name: 'Alpine' }), 200);
  expect(await seenBy(munich, european)).toEqual([404]);
  expectOk(await app.admin.patch(`${territories}/${dach}`, { name: 'DACH' }), 200);
  expect(await seenBy(munich, european)).toEqual([200]);
});

test('a rule by owner takes a territory with what is below, and not with what is above', async () => {
  const at = '/api/records/area.note';
  const [ofDach, ofGerman, ofBoss] = [
    await record(app.admin, { ownerId: dach }, at),
    await record(german, {}, at),
    await record(boss, {}, at),
  ];
  const seen = await Promise.all([ofDach, ofGerman, ofBoss].map((one) => seenBy(one, asian)));
  expect(seen).toEqual([[200], [200], [404]]);
});

test('a territory is no part of itself, by whatever door', async () => {
  const one = await territory('One', null);
  const two = await territory('Two', one);
  const three = await territory('Three', two);
  const bulk = (rows: object[]): ReturnType<Client['post']> =>
    app.admin.post(`${territories}/bulk?mode=update&key=id`, rows);
  for (const refused of [
    await app.admin.patch(`${territories}/${one}`, { parent: three }),
    await app.admin.patch(`${territories}/${one}`, { parent: one }),
    await bulk([{ id: one, parent: three }]),
    await bulk([
      { id: two, parent: three },
      { id: three, parent: two },
    ]),
  ]) {
    expect([refused.status, refused.body.code]).toEqual([422, 'territory.cycle']);
  }
  const user = await worker(three);
  expect(await seenBy(await record(app.admin, { ownerId: one }), user)).toEqual([404]);
  const used = await app.admin.delete(`${territories}/${one}`);
  expect([used.status, used.body.code]).toEqual([409, 'record.restricted']);
});

test('only administrators write territories and who works them', async () => {
  const broad = await app.member({ roles: ['area.broad'] });
  for (const by of [broad, await app.member()]) {
    expect((await by.get(`${territories}/${dach}`)).status).toBe(200);
    for (const refused of [
      await by.post(territories, { name: 'Mine' }),
      await by.patch(`${territories}/${dach}`, { parent: asia }),
      await by.post(members, { territory: dach, user: broad.id }),
    ])
      expect([refused.status, refused.body.code]).toEqual([403, 'access.denied']);
  }
});

describe('whoever comes in while others change', () => {
  /** Begins what `change` begins, holds it at its last step until `join` waits for it, and lets both go on. */
  async function whileItChanges(
    user: Client,
    change: () => Promise<unknown>,
    join: () => Promise<unknown>,
  ): Promise<void> {
    const db = app.app.get<Database>(DATABASE);
    const waiters = (what: string): Promise<unknown[]> => db.query({ text: waiting, values: [what] });
    const done: Promise<unknown>[] = [];
    let hasJoined = false;
    await db.transaction(async (tx) => {
      // Whoever changes a territory or team raises its members after it took the lock: here it stays.
      await tx.query('select 1 from trellis.credential where user_id = $1 for update', [boss.id]);
      done.push(change());
      await until(
        () => waiters('transactionid'),
        (rows) => rows.length > 0,
      );
      // What the user reads as soon as it is in, it is known by from then on.
      const reads = (): Promise<unknown> => user.get(cases).finally(() => (hasJoined = true));
      done.push(join().then(reads));
      await until(
        () => waiters('advisory'),
        (rows) => hasJoined || rows.length > 0,
      );
    });
    await Promise.all(done);
  }
  const waiting = `select pid from pg_locks where locktype = $1 and not granted
    and pid in (select pid from pg_stat_activity where datname = current_database())`;

  test('a territory that moves is worked by nobody of where it was', async () => {
    const [user, land] = [await worker(), await territory('Moving', world)];
    const owned = await record(app.admin, { ownerId: land });
    await whileItChanges(
      user,
      async () => expectOk(await app.admin.patch(`${territories}/${land}`, { parent: null }), 200),
      () => joinTo(user, world),
    );
    expect(await seenBy(owned, user, boss)).toEqual([404, 404]);
  });

  test.each([
    ['core.territory', 'core.territoryMember', 'territory', { territories: ['New name'] }],
    ['core.team', 'core.teamMember', 'team', { teams: ['New name'] }],
  ])('%s: a new name counts for its new members too', async (group, membership, key, to) => {
    const made = expectOk(await app.admin.post(`/api/records/${group}`, { name: 'Old name' }), 201).body.data;
    const at = `/api/records/${group}/${String(made.id)}`;
    const add = async (user: string): Promise<unknown> =>
      expectOk(await app.admin.post(`/api/records/${membership}`, { [key]: String(made.id), user }), 201);
    await add(boss.id);
    const [user, munich] = [await worker(), await record(app.admin, { city: `Town of a ${key}` })];
    const value = { title: 'R', entity: 'area.case', access: 'read', to, when: `city == "Town of a ${key}"` };
    await whileItChanges(
      user,
      async () => expectOk(await app.admin.patch(at, { name: 'New name' }), 200),
      () => add(user.id),
    );
    const operations = [{ op: 'set', type: 'sharing-rule', id: `x.of-${key}`, at: '', value }];
    expectOk(await app.admin.post('/api/catalog/apply', { reason: 'Test', operations }), 200);
    expect(await seenBy(munich, boss, user)).toEqual([200, 200]);
  });
});

test('the audit tells who came and who went, once, and nothing where nobody did', async () => {
  const [user, land] = [await worker(), await territory('Told', null)];
  const told = async (answer: { headers: Headers }): Promise<Loose> => {
    const { data } = expectOk(await app.admin.get('/api/audit?kind=territory.membersChanged&limit=500')).body;
    const id = answer.headers.get('x-request-id');
    const found = data.filter(({ requestId }) => String(requestId) === id);
    return found.map(({ payload }) => payload) as unknown as Loose;
  };
  const epoch = async (): Promise<unknown> =>
    (await app.db.query(`select security_epoch from trellis.credential where user_id = '${user.id}'`))[0];
  const [here, there] = [land, asia].map((id) => ({ territory: id, member: user.id }));
  const made = expectOk(await app.admin.post(members, { territory: land, user: user.id }), 201);
  const at = `${members}/${String(made.body.data.id)}`;
  expect(await told(made)).toEqual([{ added: [here], removed: [] }]);
  const before = await epoch();
  expect(await told(expectOk(await app.admin.patch(at, { role: 'lead' }), 200))).toEqual([]);
  expect(await epoch()).toEqual(before);
  const moved = expectOk(await app.admin.patch(at, { territory: asia }), 200);
  expect(await told(moved)).toEqual([{ added: [there], removed: [here] }]);
  expectOk(await app.admin.patch(at, { territory: land }), 200);
  expect(await told(await app.admin.delete(`${territories}/${land}`))).toEqual([{ added: [], removed: [here] }]);
  const back = expectOk(await app.admin.post(`${territories}/${land}/restore`, {}), 200);
  expect(await told(back)).toEqual([{ added: [here], removed: [] }]);
  expect(await told(await app.admin.delete(at))).toEqual([{ added: [], removed: [here] }]);
  expect(await told(expectOk(await app.admin.post(`${at}/restore`, {}), 200))).toEqual([
    { added: [here], removed: [] },
  ]);
  expectOk(await app.admin.delete(at), 204);
  const gone = await epoch();
  expect(await told(expectOk(await app.admin.post(`${at}/purge`, {})))).toEqual([]);
  expect(await epoch()).toEqual(gone);
});

describe('a rule that names nobody', () => {
  const rule = (to: object): object => ({
    reason: 'Test',
    operations: [
      {
        op: 'set',
        type: 'sharing-rule',
        id: 'x.mine',
        at: '',
        value: { title: 'Mine', entity: 'area.case', access: 'read', to, when: 'city == "Bern"' },
      },
    ],
  });

  test.each([
    [{ territories: ['DACHE'] }, 'definition.unknown_territory', '/to/territories/0', 'Did you mean "DACH"?'],
    [{ teams: ['Nobodies'] }, 'definition.unknown_team', '/to/teams/0', 'unknown team "Nobodies"'],
    [{ roles: ['area.workers'] }, 'definition.unknown_role', '/to/roles/0', 'Did you mean "area.worker"?'],
    [{ roles: ['nowhere.reader'] }, 'definition.unknown_role', '/to/roles/0', 'unknown role'],
  ])('%j is refused by name when an administrator saves it', async (to, code, at, words) => {
    const planned = await app.admin.post('/api/catalog/plan', rule(to));
    expectOk(planned, 200);
    const problems = planned.body.data.problems as unknown as { code: string; at: string; message: string }[];
    expect(problems).toEqual([expect.objectContaining({ code, at })]);
    expect([planned.body.data.applicable, problems[0].message]).toEqual([false, expect.stringContaining(words)]);
    const applied = await app.admin.post('/api/catalog/apply', rule(to));
    expect([applied.status, applied.body.code]).toEqual([422, 'change.refused']);
  });

  test('stays where the territory goes later, and can be changed otherwise', async () => {
    const gone = await territory('Gone', null);
    expectOk(await app.admin.post('/api/catalog/apply', rule({ territories: ['Gone'] })), 200);
    expectOk(await app.admin.delete(`${territories}/${gone}`), 204);
    const title = { op: 'set', type: 'sharing-rule', id: 'x.mine', at: '/title', value: 'Still mine' };
    expectOk(await app.admin.post('/api/catalog/apply', { reason: 'Title', operations: [title] }), 200);
  });

  test('is a warning of the plugin that brings it', async () => {
    const listed = await app.admin.get('/api/plugins');
    const plugins = listed.body.data as unknown as { id: string; state: string; problems: []; warnings?: object[] }[];
    const area = plugins.find(({ id }) => id === 'area');
    expect([area?.state, area?.problems]).toEqual(['enabled', []]);
    expect(area?.warnings).toEqual([
      expect.objectContaining({
        file: expect.stringMatching(/sharing-rules\/of-europe\.json$/),
        pointer: '/to/territories/1',
        code: 'definition.unknown_territory',
      }),
    ]);
    expect(plugins.filter(({ id, warnings }) => id !== 'area' && warnings)).toEqual([]);
  });
});
