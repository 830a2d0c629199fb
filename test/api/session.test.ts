import { DATABASE, type Database } from '../../core/storage/index.js';
import { ADMIN, signIn, startApp, type TestApp } from '../support/app.js';
import { expectOk, until, type Client } from '../support/client.js';

let app: TestApp;
let names = 0;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app?.stop());

interface NewUser {
  readonly id: string;
  readonly email: string;
  readonly oneTime: string;
}

async function newUser(roles: string[] = ['core.member']): Promise<NewUser> {
  const email = `person-${++names}@example.com`;
  const made = await app.admin.post('/api/users', { name: `Person ${names}`, email, roles });
  expect(made.status).toBe(201);
  return { id: String(made.body.data.id), email, oneTime: String(made.body.data.password) };
}

/** A user with a password of its own, signed in. */
async function settledUser(roles?: string[]): Promise<NewUser & { client: Client; password: string }> {
  const user = await newUser(roles);
  const first = await signIn(app.anonymous, user.email, user.oneTime);
  const password = 'a password of my own';
  expect((await first.client.post('/api/session/password', { current: user.oneTime, next: password })).status).toBe(
    200,
  );
  return { ...user, client: first.client, password };
}

test('health and readiness', async () => {
  for (const path of ['/api/health', '/api/ready']) {
    const answer = await app.anonymous.get(path);
    expect([answer.status, answer.text]).toEqual([200, '{"status":"ok"}']);
  }
});

test('signing in sets a cookie that scripts cannot read, and the session says who one is', async () => {
  const answer = await app.anonymous.post('/api/session', ADMIN);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('set-cookie')).toMatch(
    /^trellis_session=[\w-]{43}; Path=\/; Max-Age=1209600; HttpOnly; SameSite=Lax$/,
  );
  const { client } = await signIn(app.anonymous, ADMIN.email, ADMIN.password);
  const session = await client.get('/api/session');
  expect(session.body.data).toMatchObject({
    user: { email: ADMIN.email, name: 'Administrator' },
    roles: ['core.administrator'],
    mustChangePassword: false,
  });
});

test('nobody learns whether an account exists: same answer and same statements', async () => {
  const user = await newUser();
  const database = app.app.get<Database>(DATABASE);
  const { query, transaction } = database;
  let sent: string[] = [];
  // The queue and the audit's sealing ask the database now and then too, of their own tables.
  const note = (text: string): void =>
    void (/trellis\.(credential|session|sign_in_attempt)|data\./.test(text) && sent.push(text));
  database.query = (statement) => (note(statement.text), query.call(database, statement) as never);
  database.transaction = (work, options) =>
    transaction.call(
      database,
      (tx, opened) => work({ query: (text, values) => (note(text), tx.query(text, values)) }, opened),
      options,
    ) as never;
  const refusals = async (): Promise<number> => {
    const text = `select count(*)::int as n from trellis.audit_entry where kind = 'session.refused'`;
    const [row] = (await query.call(database, { text, values: [] })) as [{ n: number }];
    return row.n;
  };
  const attempt = async (
    email: string,
  ): Promise<{ status: number; body: unknown; sent: string[]; entries: number }> => {
    const before = await refusals();
    sent = [];
    const answer = await app.anonymous.post('/api/session', { email, password: 'wrong password' });
    return { status: answer.status, body: answer.body, sent, entries: (await refusals()) - before };
  };
  try {
    const nobody = await attempt('nobody@example.com');
    expect(await attempt(user.email)).toEqual(nobody);
    expect(nobody.sent.length).toBeGreaterThan(1);
    expect(nobody.entries).toBe(1);
  } finally {
    Object.assign(database, { query, transaction });
  }
});

test('each sign-in makes a new session, and the one the browser held ends', async () => {
  const { email, password } = await settledUser();
  const first = await app.anonymous.post('/api/session', { email, password });
  const cookie = String(first.headers.get('set-cookie')).split(';')[0];
  const second = await app.anonymous.post('/api/session', { email, password }, { cookie });
  expect(String(second.headers.get('set-cookie')).split(';')[0]).not.toBe(cookie);
  expect((await app.anonymous.get('/api/session', { cookie })).status).toBe(401);
});

test('a session id that the client made up is never taken over', async () => {
  const cookie = `trellis_session=${'A'.repeat(43)}`;
  const answer = await app.anonymous.post('/api/session', ADMIN, { cookie });
  expect(String(answer.headers.get('set-cookie'))).not.toContain('A'.repeat(43));
  expect((await app.anonymous.get('/api/session', { cookie })).status).toBe(401);
});

test('with a one-time password nothing works but choosing a new one', async () => {
  const { email, oneTime } = await newUser();
  const { client, mustChange } = await signIn(app.anonymous, email, oneTime);
  expect(mustChange).toBe(true);
  for (const path of ['/api/catalog', '/api/records/core.user', '/api/api-keys', '/api/openapi.json']) {
    expect((await client.get(path)).body).toMatchObject({ status: 403, code: 'auth.password_change_required' });
  }
  for (const next of ['short', email, 'password123', oneTime])
    expect((await client.post('/api/session/password', { current: oneTime, next })).status).toBe(422);
  expect(
    (await client.post('/api/session/password', { current: 'not it at all', next: 'a password of my own' })).status,
  ).toBe(401);
  expect((await client.post('/api/session/password', { current: oneTime, next: 'a password of my own' })).status).toBe(
    200,
  );
  expect((await client.get('/api/catalog')).status).toBe(200);
});

test('a changed password ends all other sessions and the API keys at once', async () => {
  const user = await settledUser();
  const other = await signIn(app.anonymous, user.email, user.password);
  const made = await other.client.post('/api/api-keys', { name: 'script' });
  const byKey = app.anonymous.with({ authorization: `Bearer ${String(made.body.data.key)}` });
  expect((await byKey.get('/api/records/core.user')).status).toBe(200);
  expect((await other.client.get('/api/records/core.user')).status).toBe(200);
  expect(
    (await user.client.post('/api/session/password', { current: user.password, next: 'another password of mine' }))
      .status,
  ).toBe(200);
  for (const gone of [other.client, byKey]) expect((await gone.get('/api/records/core.user')).status).toBe(401);
  expect((await user.client.get('/api/records/core.user')).status).toBe(200);
});

test('signing out ends the session on the server', async () => {
  const { client } = await settledUser();
  expect((await client.get('/api/records/core.user')).status).toBe(200);
  const answer = await client.delete('/api/session');
  expect([answer.status, answer.headers.get('set-cookie')]).toEqual([204, expect.stringContaining('Max-Age=0')]);
  expect((await client.get('/api/records/core.user')).status).toBe(401);
  expect((await client.get('/api/session')).status).toBe(401);
});

test('a suspended user is out at once, by session and by key', async () => {
  const user = await settledUser();
  const key = String((await user.client.post('/api/api-keys', { name: 'script' })).body.data.key);
  const byKey = app.anonymous.with({ authorization: `Bearer ${key}` });
  expect((await byKey.get('/api/records/core.user')).status).toBe(200);
  expect((await app.admin.patch(`/api/users/${user.id}`, { active: false })).status).toBe(200);
  for (const client of [user.client, byKey]) {
    expect((await client.get('/api/records/core.user')).status).toBe(401);
    expect((await client.get('/api/session')).status).toBe(401);
  }
  expect((await app.anonymous.post('/api/session', { email: user.email, password: user.password })).body).toMatchObject(
    { code: 'auth.failed' },
  );
});

test('a lost role counts with the next request', async () => {
  const user = await settledUser(['core.administrator']);
  expect((await user.client.get('/api/users')).status).toBe(200);
  expect((await user.client.get('/api/records/core.user')).status).toBe(200);
  expect((await app.admin.patch(`/api/users/${user.id}`, { roles: ['core.member'] })).status).toBe(200);
  expect((await user.client.get('/api/users')).status).toBe(403);
  expect((await user.client.post('/api/records/core.team', { name: 'Mine' })).status).toBe(403);
});

test('the last administrator can neither be demoted nor suspended nor deleted', async () => {
  const admin = (await app.admin.get('/api/users')).body.data.find((user) => String(user.email) === ADMIN.email);
  const id = String(admin?.id);
  const others = (await app.admin.get('/api/users')).body.data.filter(
    (user) => String(user.id) !== id && user.roles.some((role) => String(role) === 'core.administrator'),
  );
  for (const other of others) await app.admin.patch(`/api/users/${String(other.id)}`, { roles: ['core.member'] });
  expect((await app.admin.patch(`/api/users/${id}`, { roles: ['core.member'] })).body).toMatchObject({
    status: 409,
    code: 'user.last_administrator',
  });
  expect((await app.admin.patch(`/api/users/${id}`, { active: false })).body).toMatchObject({
    status: 409,
    code: 'user.last_administrator',
  });
  expect((await app.admin.delete(`/api/records/core.user/${id}`)).body).toMatchObject({
    status: 409,
    code: 'user.last_administrator',
  });
  expect((await app.admin.get('/api/users')).status).toBe(200);
});

test('a member manages neither users nor roles, by no door', async () => {
  const member = await app.member();
  const admin = (await app.admin.get('/api/users')).body.data.find((user) => String(user.email) === ADMIN.email);
  expect((await member.get('/api/users')).status).toBe(403);
  expect(
    (await member.post('/api/users', { name: 'X', email: 'x@example.com', roles: ['core.administrator'] })).status,
  ).toBe(403);
  expect((await member.patch(`/api/users/${member.id}`, { roles: ['core.administrator'] })).status).toBe(403);
  expect((await member.post(`/api/users/${String(admin?.id)}/reset-password`)).status).toBe(403);
  expect([403, 404]).toContain(
    (await member.patch(`/api/records/core.user/${String(admin?.id)}`, { email: 'taken@example.com' })).status,
  );
});

test('an API key acts within its scopes and makes no further keys', async () => {
  const { client } = await settledUser(['core.administrator']);
  const made = await client.post('/api/api-keys', { name: 'reader', scopes: ['read'] });
  const reader = app.anonymous.with({ authorization: `Bearer ${String(made.body.data.key)}` });
  expect((await reader.get('/api/records/core.team')).status).toBe(200);
  expect((await reader.post('/api/records/core.team', { name: 'No' })).status).toBe(403);
  expect((await reader.get('/api/users')).status).toBe(403);
  expect((await reader.post('/api/api-keys', { name: 'more' })).body).toMatchObject({
    status: 403,
    code: 'auth.session_required',
  });
  expect((await client.post('/api/api-keys', { name: 'x', scopes: ['core.temm:read'] })).body).toMatchObject({
    status: 422,
    detail: expect.stringContaining('Did you mean "core.team"?'),
  });
  expect((await client.delete(`/api/api-keys/${String(made.body.data.id)}`)).status).toBe(204);
  expect((await reader.get('/api/records/core.team')).status).toBe(401);
});

test('an expired key is refused', async () => {
  const { client } = await settledUser();
  const keyOf = async (name: string) => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const { id, key } = expectOk(await client.post('/api/api-keys', { name, expiresAt }), 201).body.data;
    return { id: String(id), holder: app.anonymous.with({ authorization: `Bearer ${String(key)}` }) };
  };
  expect((await (await keyOf('long')).holder.get('/api/records/core.team')).status).toBe(200);
  const { id, holder: brief } = await keyOf('brief');
  // Shortened before its first use: as it was then, its end is remembered with it.
  await app.db.query(`update trellis.api_key set expires_at = now() + interval '2 seconds' where id = '${id}'`);
  await until(
    () => brief.get('/api/records/core.team'),
    ({ status }) => status === 401,
  );
  expect((await client.post('/api/api-keys', { name: 'past', expiresAt: '2020-01-01T00:00:00Z' })).status).toBe(422);
});

test('a reset password ends what was open and must be changed', async () => {
  const user = await settledUser();
  const reset = await app.admin.post(`/api/users/${user.id}/reset-password`);
  expect((await user.client.get('/api/records/core.team')).status).toBe(401);
  const again = await signIn(app.anonymous, user.email, String(reset.body.data.password));
  expect(again.mustChange).toBe(true);
});

test('one ends one’s own sessions and nobody else’s', async () => {
  const user = await settledUser();
  const other = await signIn(app.anonymous, user.email, user.password);
  const sessions = (await user.client.get('/api/sessions')).body.data;
  expect(sessions.length).toBe(2);
  const target = sessions.find((session) => String(session.current) === 'false');
  const stranger = await settledUser();
  expect((await stranger.client.delete(`/api/sessions/${String(target?.id)}`)).status).toBe(404);
  expect((await user.client.delete(`/api/sessions/${String(target?.id)}`)).status).toBe(204);
  expect((await other.client.get('/api/session')).status).toBe(401);
});

test('one signs out everywhere else at once; keys stay', async () => {
  const user = await settledUser();
  const key = expectOk(await user.client.post('/api/api-keys', { name: 'mine' }), 201).body.data;
  const [one, two] = [
    await signIn(app.anonymous, user.email, user.password),
    await signIn(app.anonymous, user.email, user.password),
  ];
  const stranger = await settledUser();
  expect(
    (await app.anonymous.with({ authorization: `Bearer ${String(key.key)}` }).delete('/api/sessions')).status,
  ).toBe(403);
  expect(expectOk(await user.client.delete('/api/sessions'), 200).body.data).toEqual({ endedSessions: 2 });
  const states = [
    one.client,
    two.client,
    user.client,
    stranger.client,
    app.anonymous.with({ authorization: `Bearer ${String(key.key)}` }),
  ];
  expect(await Promise.all(states.map(async (by) => (await by.get('/api/session')).status))).toEqual([
    401, 401, 200, 200, 200,
  ]);
});

test('addresses are one whatever their case, and nobody takes another’s', async () => {
  const user = await settledUser();
  expect(
    (await app.anonymous.post('/api/session', { email: ` ${user.email.toUpperCase()} `, password: user.password }))
      .status,
  ).toBe(200);
  expect([409, 422]).toContain(
    (await app.admin.post('/api/users', { name: 'Twin', email: user.email.toUpperCase() })).status,
  );
});

test('sign-ins, keys and roles stand in the audit, readable by administrators only', async () => {
  const user = await settledUser();
  await app.anonymous.post('/api/session', { email: user.email, password: 'wrong password' });
  const made = await user.client.post('/api/api-keys', { name: 'audited' });
  const entries = (await app.admin.get('/api/audit?limit=200')).body.data;
  const kinds = new Set(
    entries
      .filter((entry) => JSON.stringify(entry).includes(user.id) || JSON.stringify(entry).includes(user.email))
      .map((entry) => String(entry.kind)),
  );
  expect([...kinds]).toEqual(
    expect.arrayContaining([
      'user.created',
      'session.started',
      'session.refused',
      'password.changed',
      'apiKey.created',
    ]),
  );
  const text = JSON.stringify(entries);
  for (const secret of [user.password, user.oneTime, String(made.body.data.key), 'wrong password'])
    expect(text).not.toContain(secret);
  expect((await user.client.get('/api/audit')).status).toBe(403);
  const page = await app.admin.get('/api/audit?limit=2');
  const next = await app.admin.get(`/api/audit?limit=2&after=${String(page.body.page.next)}`);
  expect(next.body.data.map((entry) => String(entry.id))).not.toEqual(page.body.data.map((entry) => String(entry.id)));
});

test('guessing is slowed down by account and address, and a header of the client does not help', async () => {
  const user = await settledUser();
  const statuses: number[] = [];
  for (let i = 0; i < 12; i++) {
    const answer = await app.anonymous.post(
      '/api/session',
      { email: user.email, password: `guess number ${i}` },
      { 'x-forwarded-for': `203.0.113.${i}`, 'x-real-ip': `203.0.113.${i}` },
    );
    statuses.push(answer.status);
    if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(1);
  }
  expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
  expect(statuses.slice(10)).toEqual([429, 429]);
  expect((await app.anonymous.post('/api/session', { email: user.email, password: user.password })).status).toBe(429);
  // Others from the same address are not locked out.
  expect((await app.anonymous.post('/api/session', ADMIN)).status).toBe(200);
});

test('one chooses one’s own language and time zone, whatever one may do with user records', async () => {
  const user = await settledUser();
  const changed = await user.client.patch('/api/session', { locale: 'zh-CN', zone: 'Asia/Shanghai' });
  expect([changed.status, changed.body.data]).toMatchObject([200, { locale: 'zh-CN', zone: 'Asia/Shanghai' }]);
  expect((await user.client.get('/api/session')).body.data).toMatchObject({
    user: { locale: 'zh-CN', zone: 'Asia/Shanghai' },
    locale: 'zh-CN',
    zone: 'Asia/Shanghai',
  });
  const back = await user.client.patch('/api/session', { zone: null });
  expect(back.body.data).toMatchObject({ user: { locale: 'zh-CN', zone: null }, zone: 'UTC' });
});

test('a language or time zone that does not exist is refused by name, through every door', async () => {
  const user = await settledUser();
  const zone = await user.client.patch('/api/session', { zone: 'Mars/Olympus' });
  expect([zone.status, zone.body]).toMatchObject([
    422,
    { code: 'user.zone', issues: [{ path: 'zone', code: 'user.zone', params: { zone: 'Mars/Olympus' } }] },
  ]);
  const locale = await user.client.patch('/api/session', { locale: 'tlh' });
  expect([locale.status, locale.body.issues?.[0]?.path]).toEqual([422, 'locale']);
  expect((await user.client.patch('/api/session', { theme: 'dark' })).status).toBe(422);
  expect((await app.admin.patch(`/api/users/${user.id}`, { zone: '+02:00' })).body.code).toBe('user.zone');
});

test('an API key does not change preferences', async () => {
  const answer = await app.admin.patch('/api/session', { zone: 'UTC' });
  expect([answer.status, answer.body.code]).toEqual([403, 'auth.session_required']);
});
