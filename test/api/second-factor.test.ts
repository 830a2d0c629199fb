import { generateSync } from 'otplib';
import { rotateSignInSecrets } from '../../core/identity/index.js';
import { DATABASE, loadSecrets, type Database, type Secrets } from '../../core/storage/index.js';
import { startApp, startNode, type TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import { cookieOf, settledPerson, type Person } from '../support/people.js';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app?.stop());

/** A code of this half minute, or of one after or before. */
function codeOf(secret: string, steps = 0): string {
  return generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + steps * 30 });
}

/** Switches codes on with the code of the half minute before, so that the present one is free. */
async function enrol(
  person: Pick<Person, 'client' | 'password'>,
): Promise<{ secret: string; recoveryCodes: string[] }> {
  const begun = await person.client.post('/api/session/totp', { password: person.password });
  expect(begun.status).toBe(200);
  const secret = String(begun.body.data.secret);
  const confirm = (): Promise<Answer> => person.client.post('/api/session/totp/confirm', { code: codeOf(secret, -1) });
  let confirmed = await confirm();
  // The present half minute may have ended on the way: that code is too old then.
  if (confirmed.status !== 200) confirmed = await confirm();
  expect(confirmed.status).toBe(200);
  return { secret, recoveryCodes: [...confirmed.body.data.recoveryCodes].map(String) };
}

function enter(person: Pick<Person, 'email' | 'password'>, totp?: string): Promise<Answer> {
  return app.anonymous.post('/api/session', { email: person.email, password: person.password, totp });
}

test('after the password a code is asked for, and lets in', async () => {
  const person = await settledPerson(app);
  const { secret } = await enrol(person);
  const first = await enter(person);
  expect([first.status, first.body.code, first.headers.get('set-cookie')]).toEqual([401, 'auth.totp_required', null]);
  expect((await enter(person, codeOf(secret))).status).toBe(200);
});

test('a code counts once, also where two try it at once', async () => {
  const person = await settledPerson(app);
  const { secret } = await enrol(person);
  const code = codeOf(secret);
  const both = await Promise.all([enter(person, code), enter(person, code)]);
  expect(both.map((answer) => answer.status).sort()).toEqual([200, 401]);
  expect((await enter(person, code)).body.code).toBe('auth.totp_failed');
});

test('a wrong code, and one of an hour ago, are refused', async () => {
  const person = await settledPerson(app);
  const { secret } = await enrol(person);
  const wrong = String((Number(codeOf(secret)) + 1) % 1_000_000).padStart(6, '0');
  for (const code of [wrong, codeOf(secret, -120), 'abcd', '']) {
    const answer = await enter(person, code);
    expect([code, answer.status]).toEqual([code, 401]);
  }
});

test('without the right password nobody learns whether a code would be asked for', async () => {
  const person = await settledPerson(app);
  await enrol(person);
  const answer = await enter({ email: person.email, password: 'a wrong password' });
  expect([answer.status, answer.body.code]).toEqual([401, 'auth.failed']);
});

test('guessing codes is limited like guessing passwords, and asking for the code does not reset the count', async () => {
  const person = await settledPerson(app);
  const { secret } = await enrol(person);
  const statuses: number[] = [];
  for (let i = 0; i < 12; i++) {
    await enter(person);
    statuses.push((await enter(person, String((Number(codeOf(secret)) + 7 + i) % 1_000_000).padStart(6, '0'))).status);
  }
  expect(statuses.slice(0, 9)).toEqual(Array(9).fill(401));
  expect(statuses.at(-1)).toBe(429);
  expect((await enter(person, codeOf(secret))).status).toBe(429);
});

test('a recovery code lets in once; new ones end the old', async () => {
  const person = await settledPerson(app);
  const { recoveryCodes } = await enrol(person);
  expect(new Set(recoveryCodes).size).toBe(10);
  expect((await enter(person, recoveryCodes[0].toUpperCase())).status).toBe(200);
  expect((await enter(person, recoveryCodes[0])).status).toBe(401);
  expect((await person.client.get('/api/session/totp')).body.data).toEqual({
    isOn: true,
    isRequired: false,
    recoveryCodes: 9,
  });
  const renewed = await person.client.post('/api/session/totp/recovery-codes', { password: person.password });
  expect(renewed.body.data.recoveryCodes.length).toBe(10);
  expect((await enter(person, recoveryCodes[1])).status).toBe(401);
  expect((await enter(person, String(renewed.body.data.recoveryCodes[0]))).status).toBe(200);
});

test('nothing of it stands in the database as it is: the secret is sealed, the codes are hashed', async () => {
  const person = await settledPerson(app);
  const { secret, recoveryCodes } = await enrol(person);
  const [row] = await app.db.query<{ sealed: string }>('select sealed from trellis.totp where user_id = $1', [
    person.id,
  ]);
  expect(row.sealed).toMatch(/^v1\./);
  expect(row.sealed).not.toContain(secret);
  const rows = await app.db.query<{ code_hash: Buffer }>(
    'select code_hash from trellis.recovery_code where user_id = $1',
    [person.id],
  );
  expect(rows.every(({ code_hash }) => code_hash.length === 32)).toBe(true);
  const audit = JSON.stringify((await app.admin.get('/api/audit?limit=200')).body);
  for (const text of [secret, ...recoveryCodes]) expect(audit).not.toContain(text);
});

test('an open session alone switches nothing on or off: the password is asked for', async () => {
  const person = await settledPerson(app);
  expect((await person.client.post('/api/session/totp', { password: 'a wrong password' })).status).toBe(401);
  await enrol(person);
  expect((await person.client.post('/api/session/totp/end', { password: 'a wrong password' })).status).toBe(401);
  expect((await enter(person)).body.code).toBe('auth.totp_required');
  expect((await person.client.post('/api/session/totp/end', { password: person.password })).status).toBe(204);
  expect((await enter(person)).status).toBe(200);
  const key = await app.member();
  expect((await key.post('/api/session/totp', { password: person.password })).body.code).toBe('auth.session_required');
});

test('a second secret cannot replace one that counts', async () => {
  const person = await settledPerson(app);
  await enrol(person);
  expect((await person.client.post('/api/session/totp', { password: person.password })).body.code).toBe('totp.exists');
});

test('an administrator takes a lost factor off, which ends the sessions', async () => {
  const person = await settledPerson(app);
  await enrol(person);
  expect((await person.client.delete(`/api/users/${person.id}/totp`)).status).toBe(403);
  expect((await app.admin.delete(`/api/users/${person.id}/totp`)).status).toBe(204);
  expect((await person.client.get('/api/records/core.team')).status).toBe(401);
  expect((await enter(person)).status).toBe(200);
});

describe('where a role demands a second factor', () => {
  let node: Awaited<ReturnType<typeof startNode>>;
  let early: Person;
  let elsewhere: Client;
  beforeAll(async () => {
    node = await startNode(app);
    early = await settledPerson(app, ['core.administrator']);
    elsewhere = early.client.at(node.url);
    // Both nodes know the session before the policy changes.
    for (const client of [early.client, elsewhere])
      expect((await client.get('/api/records/core.team')).status).toBe(200);
    const changed = await app.admin.patch('/api/sign-in/policy', { secondFactorRoles: ['core.administrator'] });
    expect(changed.body.data).toMatchObject({ secondFactorRoles: ['core.administrator'] });
  });
  afterAll(async () => {
    await app.admin.patch('/api/sign-in/policy', { secondFactorRoles: [] });
    await node?.stop();
  });

  test('open sessions stop at the next request, on every node, until it is set up', async () => {
    for (const client of [elsewhere, early.client])
      for (const path of ['/api/records/core.team', '/api/users', '/api/catalog'])
        expect((await client.get(path)).body).toMatchObject({ status: 403, code: 'auth.second_factor_required' });
    expect((await early.client.get('/api/session')).body.data).toMatchObject({ mustSetUpSecondFactor: true });
    await enrol(early);
    for (const client of [early.client, elsewhere])
      expect((await client.get('/api/records/core.team')).status).toBe(200);
    expect((await early.client.post('/api/session/totp/end', { password: early.password })).body.code).toBe(
      'totp.required',
    );
  });

  test('whoever signs in without one can do nothing but set it up', async () => {
    const person = await settledPerson(app, ['core.administrator']);
    const answer = await enter(person);
    expect(answer.body.data).toMatchObject({ mustSetUpSecondFactor: true });
    const client = app.anonymous.with({ cookie: cookieOf(answer) });
    expect((await client.post('/api/records/core.team', { name: 'Not yet' })).status).toBe(403);
    expect((await client.post('/api/api-keys', { name: 'a way round' })).status).toBe(403);
    await enrol({ client, password: person.password });
    expect((await client.post('/api/records/core.team', { name: 'Now' })).status).toBe(201);
  });

  test('others are not bothered, and only administrators decide', async () => {
    const person = await settledPerson(app);
    expect((await person.client.get('/api/records/core.team')).status).toBe(200);
    expect((await person.client.patch('/api/sign-in/policy', { secondFactorRoles: [] })).status).toBe(403);
    expect((await app.admin.patch('/api/sign-in/policy', { secondFactorRoles: ['core.admin'] })).body).toMatchObject({
      status: 422,
      code: 'role.unknown',
    });
  });
});

test('secrets are sealed anew when the key of the workspace changes, and codes go on counting', async () => {
  const person = await settledPerson(app);
  const { secret } = await enrol(person);
  const [{ sealed }] = await app.db.query<{ sealed: string }>('select sealed from trellis.totp where user_id = $1', [
    person.id,
  ]);
  const config = { secret: null, oldSecret: null, dataDir: app.dataDir };
  const next = await loadSecrets({ ...config, secret: 'another secret of at least 32 characters' });
  const done = await rotateSignInSecrets(app.app.get<Database>(DATABASE), next);
  expect([done.failed, done.rotated >= 1]).toEqual([0, true]);
  const [after] = await app.db.query<{ sealed: string }>('select sealed from trellis.totp where user_id = $1', [
    person.id,
  ]);
  expect(after.sealed).not.toBe(sealed);
  expect(next.open(after.sealed, `totp:${person.id}`)).toBe(secret);
  // Back to the key that this server runs with.
  await rotateSignInSecrets(app.app.get<Database>(DATABASE), await backwards(next));
  expect((await enter(person, codeOf(secret))).status).toBe(200);
});

/** The key of this server as the present one, with the other still opening what it sealed. */
async function backwards(other: Secrets): Promise<Secrets> {
  const own = await loadSecrets({ secret: null, oldSecret: null, dataDir: app.dataDir });
  return { ...own, open: (text, context) => (own.isCurrent(text) ? own : other).open(text, context) };
}
