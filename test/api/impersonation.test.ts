import { verifyChain } from '../../core/audit/index.js';
import { sealEntries } from '../../core/audit/seal.js';
import { CONTEXTS } from '../../core/base/tokens.js';
import type { ContextFactory } from '../../core/sdk/index.js';
import { DATABASE, type Database } from '../../core/storage/index.js';
import { ADMIN, signIn, startApp, type TestApp } from '../support/app.js';
import { expectOk, until, type Answer, type Client } from '../support/client.js';
import { settledPerson, type Person } from '../support/people.js';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app?.stop());

/** Cookies by name, as a browser would keep them. */
function jarOf(answer: Answer): Record<string, string> {
  return Object.fromEntries(
    answer.headers.getSetCookie().map((line) => line.split(';')[0].split(/=(.*)/s).slice(0, 2)),
  );
}

const asCookie = (jar: Record<string, string>): Client =>
  app.anonymous.with({
    cookie: Object.entries(jar)
      .map(([name, value]) => `${name}=${value}`)
      .join('; '),
  });

const begin = (boss: Client, id: string, reason: unknown = 'Ticket 7: cannot see her own orders') =>
  boss.post(`/api/users/${id}/impersonation`, { reason });

async function act(
  boss: Person | null = null,
): Promise<{ boss: Person; user: Person; acting: Client; jar: Record<string, string> }> {
  const admin = boss ?? (await settledPerson(app, ['core.administrator']));
  const user = await settledPerson(app);
  const answer = await begin(admin.client, user.id);
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  const jar = jarOf(answer);
  return { boss: admin, user, acting: asCookie(jar), jar };
}

const audited = async (kind: string): Promise<Answer['body'][]> => [
  ...(await app.admin.get(`/api/audit?kind=${kind}&limit=500`)).body.data,
];

test('an administrator acts with the rights of the user and no others, and everybody can tell', async () => {
  const { boss, user, acting } = await act();
  const session = (await acting.get('/api/session')).body.data;
  expect(session).toMatchObject({
    user: { id: user.id },
    roles: ['core.member'],
    impersonation: { by: { id: boss.id } },
  });
  const left = Date.parse(String(session.impersonation.until)) - Date.now();
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(3_600_000);
  expect((await acting.get('/api/users')).status).toBe(403);
  expect((await user.client.get('/api/session')).body.data.impersonation).toBeNull();
  // The user sees it among the own sessions.
  const sessions = [...(await user.client.get('/api/sessions')).body.data];
  expect(sessions.map((each) => each.actedBy).filter(Boolean)).toEqual([expect.stringContaining('Someone')]);
});

test('history says who acted, of a record made, changed, deleted, and of many at once; and of others it says nothing', async () => {
  const { boss, user, acting } = await act();
  const path = '/api/records/contacts.company';
  const made = await acting.post(path, { name: 'Acted' });
  const id = String(made.body.data.id);
  expect(made.body.data.createdBy.id).toBe(user.id);
  await acting.patch(`${path}/${id}`, { name: 'Acted twice' });
  await user.client.patch(`${path}/${id}`, { name: 'By herself' });
  await acting.post(`${path}/bulk?mode=update`, [{ id, name: 'In bulk' }]);
  await acting.delete(`${path}/${id}`);
  const entries = [...(await app.admin.get(`${path}/${id}/history`)).body.data];
  expect(entries.map(({ operation, actor, actedBy }) => [operation, actor.id, actedBy?.id])).toEqual([
    ['delete', user.id, boss.id],
    ['update', user.id, boss.id],
    ['update', user.id, undefined],
    ['update', user.id, boss.id],
    ['create', user.id, boss.id],
  ]);
});

test('the audit of changes and exports names who acted', async () => {
  const { boss, user, acting } = await act();
  const path = '/api/records/contacts.company';
  const id = String((await acting.post(path, { name: 'Acted' })).body.data.id);
  const [change] = await until(
    async () => [...(await app.admin.get(`/api/audit?kind=records.changed&record=${id}`)).body.data],
    ({ length }) => length > 0,
  );
  expect([change.actor.id, change.payload.actedBy]).toEqual([user.id, boss.id]);
  expect((await acting.get(`${path}/export`)).status).toBe(200);
  expect((await audited('records.exported'))[0].payload).toMatchObject({ actedBy: boss.id });
});

test('it is audited with the reason, and so is its end, after which the administrator is the administrator again', async () => {
  const { boss, user, acting, jar } = await act();
  const started = (await audited('impersonation.started')).find((entry) => entry.payload.user === (user.id as unknown));
  expect(started).toMatchObject({ actor: { id: boss.id }, payload: { reason: expect.stringContaining('Ticket 7') } });
  const ended = await acting.delete('/api/session/impersonation');
  expect(ended.body.data).toEqual({ goesBack: true });
  expect((await acting.get('/api/session')).status).toBe(401);
  const back = asCookie({ ...jar, ...jarOf(ended) });
  expect((await back.get('/api/session')).body.data).toMatchObject({ user: { id: boss.id }, impersonation: null });
  expect((await audited('impersonation.ended')).map((entry) => String(entry.payload.user))).toContain(user.id);
});

let shared: ReturnType<typeof act> | undefined;
test.each<[string, (client: Client, user: Person) => Promise<Answer>]>([
  [
    'the password',
    (client, user) => client.post('/api/session/password', { current: user.password, next: 'another one of mine' }),
  ],
  ['language and zone', (client) => client.patch('/api/session', { locale: 'zh-CN' })],
  ['a key', (client) => client.post('/api/api-keys', { name: 'x' })],
  ['a second factor', (client, user) => client.post('/api/session/totp', { password: user.password })],
  ['a passkey', (client, user) => client.post('/api/passkeys/options', { password: user.password })],
  ['the sessions', (client) => client.delete('/api/sessions/00000000-0000-0000-0000-000000000000')],
  ['all the other sessions', (client) => client.delete('/api/sessions')],
  ['signing out', (client) => client.delete('/api/session')],
  ['notifications', (client) => client.post('/api/notifications/read', {})],
  ['another impersonation', (client, user) => begin(client, user.id)],
])('whoever acts does not touch %s', async (_what, attempt) => {
  const { user, acting } = await (shared ??= act());
  const answer = await attempt(acting, user);
  expect([answer.status, answer.body.code]).toEqual([
    403,
    expect.stringMatching(/^(impersonation\.not_allowed|auth\.administrator_required)$/),
  ]);
});

test('nobody acts as an administrator, a program, somebody suspended, oneself or nobody; not without a reason; not by a key', async () => {
  const boss = await settledPerson(app, ['core.administrator']);
  const other = await settledPerson(app, ['core.administrator', 'core.member']);
  const gone = await settledPerson(app);
  await app.admin.patch(`/api/users/${gone.id}`, { active: false });
  const program = await boss.client.post('/api/service-accounts', { name: 'P', roles: ['core.member'] });
  for (const id of [other.id, boss.id, gone.id, String(program.body.data.id)])
    expect((await begin(boss.client, id)).body.code).toBe('impersonation.not_possible');
  const user = await settledPerson(app);
  expect((await begin(boss.client, 'nobody')).status).toBe(404);
  for (const reason of ['', '   ', 'x'.repeat(501)])
    expect((await begin(boss.client, user.id, reason)).body.code).toBe('impersonation.reason');
  expect((await begin(app.admin, user.id)).body.code).toBe('auth.session_required');
  expect((await begin(user.client, other.id)).body.code).toBe('auth.administrator_required');
});

test.each<[string, (both: { boss: Person; user: Person }) => Promise<unknown>]>([
  ['the user’s roles change', ({ user }) => app.admin.patch(`/api/users/${user.id}`, { roles: [] })],
  ['the user is suspended', ({ user }) => app.admin.patch(`/api/users/${user.id}`, { active: false })],
  [
    'the user becomes an administrator',
    ({ user }) => app.admin.patch(`/api/users/${user.id}`, { roles: ['core.administrator'] }),
  ],
  [
    'the administrator is none any more',
    ({ boss }) => app.admin.patch(`/api/users/${boss.id}`, { roles: ['core.member'] }),
  ],
  ['the administrator is suspended', ({ boss }) => app.admin.patch(`/api/users/${boss.id}`, { active: false })],
  ['the administrator signs out', ({ boss }) => boss.client.delete('/api/session')],
  [
    'the administrator changes the password',
    ({ boss }) => boss.client.post('/api/session/password', { current: boss.password, next: 'yet another of my own' }),
  ],
  ['it is switched off', () => app.admin.patch('/api/sign-in/policy', { impersonation: false })],
  [
    'its hour is over',
    ({ user }) =>
      app.db.query(`update trellis.session set expires_at = now() where user_id = $1 and acting_user is not null`, [
        user.id,
      ]),
  ],
])('it ends when %s: for reads and writes alike', async (_what, change) => {
  const both = await act();
  const made = await both.acting.post('/api/records/contacts.company', { name: 'Before' });
  expect(made.status).toBe(201);
  await change(both);
  expect((await both.acting.get(`/api/records/contacts.company/${String(made.body.data.id)}`)).status).toBe(401);
  expect((await both.acting.post('/api/records/contacts.company', { name: 'After' })).status).toBe(401);
  expect((await both.acting.get('/api/session')).status).toBe(401);
  await app.admin.patch('/api/sign-in/policy', { impersonation: true });
});

test('its end is told also where nobody ended it: an hour over, the administrator signed out, rights changed; and the chain holds', async () => {
  const [over, out, changed, late] = [await act(), await act(), await act(), await act()];
  const at = new Date(Date.now() - 3_600_000).toISOString();
  await app.db.query('update trellis.session set expires_at = $2 where user_id = $1 and acting_user is not null', [
    over.user.id,
    at,
  ]);
  for (const { user } of [changed, late]) expectOk(await app.admin.patch(`/api/users/${user.id}`, { roles: [] }), 200);
  // It had ended before its hour was over, however late that is found.
  await app.db.query('update trellis.session set expires_at = $2 where user_id = $1 and acting_user is not null', [
    late.user.id,
    at,
  ]);
  const ctx = app.app.get<ContextFactory>(CONTEXTS).system('test');
  await ctx.jobs.enqueue(ctx, 'core.clean-sessions', null);
  expect((await out.boss.client.delete('/api/session')).status).toBe(204);
  const endOf = async ({ user }: { user: Person }) =>
    (await audited('impersonation.ended')).filter((entry) => String(entry.payload.user) === user.id);
  const [expired] = await until(
    () => endOf(over),
    ({ length }) => length > 0,
  );
  expect(expired).toMatchObject({ at, actor: { id: over.boss.id }, payload: { isExpired: true, isRevoked: false } });
  for (const one of [changed, late]) {
    const [revoked] = await until(
      () => endOf(one),
      ({ length }) => length > 0,
    );
    expect(revoked).toMatchObject({ actor: { id: one.boss.id }, payload: { isExpired: false, isRevoked: true } });
    expect(String(revoked.at) > at).toBe(true);
  }
  expect(await endOf(out)).toMatchObject([
    { actor: { id: out.boss.id }, payload: { isExpired: false, isRevoked: false } },
  ]);
  // Its hash is made by the database, as ours are.
  const database = app.app.get<Database>(DATABASE);
  const unsealed = "select 1 from trellis.audit_entry where kind = 'impersonation.ended' and seq is null";
  await until(
    async () => {
      await sealEntries(database);
      return app.db.query(unsealed);
    },
    ({ length }) => length === 0,
  );
  expect(await verifyChain(database)).toMatchObject({ ok: true, problem: null });
});

test('where it is switched off nobody begins; the rest of the policy stays', async () => {
  const boss = await settledPerson(app, ['core.administrator']);
  const user = await settledPerson(app);
  const policy = await app.admin.patch('/api/sign-in/policy', { impersonation: false });
  expect(policy.body.data).toEqual({ secondFactorRoles: [], impersonation: false });
  expect((await begin(boss.client, user.id)).body.code).toBe('impersonation.off');
  await app.admin.patch('/api/sign-in/policy', { impersonation: true });
});

test('the way back leads to nobody for whom has no session of its own, and takes nobody’s session away', async () => {
  const user = await settledPerson(app);
  const stranger = await user.client.delete('/api/session/impersonation');
  expect(stranger.body.data).toEqual({ goesBack: false });
  expect((await user.client.get('/api/session')).status).toBe(200);
  expect((await app.anonymous.delete('/api/session/impersonation')).body.data).toEqual({ goesBack: false });
  const { acting, boss, jar } = await act();
  // A page elsewhere ends nothing.
  const foreign = await acting.delete('/api/session/impersonation', { origin: 'https://evil.example' });
  expect(foreign.body.code).toBe('request.cross_origin');
  // Without the administrator’s own cookie the session ends, and nobody is signed in.
  const bare = asCookie({ trellis_session: jar.trellis_session });
  expect((await bare.delete('/api/session/impersonation')).body.data).toEqual({ goesBack: false });
  expect((await bare.get('/api/session')).status).toBe(401);
  expect((await boss.client.get('/api/session')).status).toBe(200);
});

test('the session of ADMIN itself is of no use to act as a second person at once in the same jar', async () => {
  const { client } = await signIn(app.anonymous, ADMIN.email, ADMIN.password);
  const [one, two] = [await settledPerson(app), await settledPerson(app)];
  const acting = asCookie(jarOf(await begin(client, one.id)));
  expect((await begin(acting, two.id)).status).toBe(403);
});
