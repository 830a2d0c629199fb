import { ADMIN, signIn, startApp, type TestApp } from '../support/app.js';
import { openMailbox, type Mailbox } from '../support/mailbox.js';
import { settledPerson } from '../support/people.js';

let app: TestApp;
let mailbox: Mailbox;
beforeAll(async () => {
  mailbox = await openMailbox();
  app = await startApp({
    env: {
      TRELLIS_SMTP_URL: mailbox.url,
      TRELLIS_MAIL_FROM: 'Trellis <crm@example.com>',
      TRELLIS_PUBLIC_URL: 'http://crm.example.com',
    },
  });
});
afterAll(async () => {
  await app?.stop();
  await mailbox?.close();
});

let names = 0;
const password = 'a password of my own';

async function invite(): Promise<{ id: string; email: string; token: string; url: string }> {
  const email = `invited-${++names}@example.com`;
  const made = await app.admin.post('/api/users', { name: `Invited ${names}`, email, invite: true });
  expect([made.status, made.body.data.password]).toEqual([201, null]);
  const url = String(made.body.data.link.url);
  return { id: String(made.body.data.id), email, url, token: tokenIn(url) };
}

function tokenIn(text: string | undefined): string {
  const token = /http:\/\/crm\.example\.com\/choose-password#([\w-]{43})/.exec(text ?? '')?.[1];
  if (token === undefined) throw new Error(`No link in: ${text}`);
  return token;
}

const choose = (token: string, next = password) =>
  app.anonymous.post('/api/session/link/password', { token, password: next });

test('an invitation is mailed, lets choose a password, and counts once', async () => {
  const invited = await invite();
  const letter = await mailbox.letterTo(invited.email);
  expect(tokenIn(letter.text)).toBe(invited.token);
  expect((await app.anonymous.post('/api/session/link', { token: invited.token })).body.data).toEqual({
    kind: 'invite',
    name: `Invited ${names}`,
    email: invited.email,
  });
  expect((await choose(invited.token)).status).toBe(200);
  expect((await signIn(app.anonymous, invited.email, password)).mustChange).toBe(false);
  expect((await choose(invited.token, 'another password of mine')).body).toMatchObject({
    status: 404,
    code: 'link.invalid',
  });
});

test('of two who use one link at once, one gets it', async () => {
  const { token } = await invite();
  const both = await Promise.all([choose(token), choose(token, 'another password of mine')]);
  expect(both.map((answer) => answer.status).sort()).toEqual([200, 404]);
});

test('a password that will not do is refused by name and leaves the link as it is', async () => {
  const { token, email } = await invite();
  for (const [next, code] of [
    ['short', 'password.too_short'],
    ['Strawberry1987!', 'password.too_common'],
    [email, 'password.is_email'],
  ])
    expect((await choose(token, next)).body).toMatchObject({ status: 422, code });
  expect((await choose(token)).status).toBe(200);
});

test('before a password is chosen there is none to guess', async () => {
  const { email } = await invite();
  for (const guess of ['', 'null', password])
    expect((await app.anonymous.post('/api/session', { email, password: guess })).status).toBe(401);
});

test('links stand in the database as hashes, and in no audit', async () => {
  const { token } = await invite();
  const rows = await app.db.query('select * from trellis.sign_in_link');
  expect(JSON.stringify(rows)).not.toContain(token);
  expect((await app.admin.get('/api/audit?limit=200')).text).not.toContain(token);
});

test('a forgotten password: the link comes by mail, ends all sessions and keys, and works on no other host', async () => {
  const person = await settledPerson(app);
  const key = String((await person.client.post('/api/api-keys', { name: 'script' })).body.data.key);
  const asked = await app.anonymous.post(
    '/api/session/reset',
    { email: ` ${person.email.toUpperCase()} ` },
    { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
  );
  expect([asked.status, asked.text]).toEqual([202, '']);
  const token = tokenIn((await mailbox.letterTo(person.email)).text);
  // Asking alone changes nothing.
  expect((await person.client.get('/api/records/core.team')).status).toBe(200);
  expect((await choose(token, 'another password of mine')).status).toBe(200);
  expect((await person.client.get('/api/records/core.team')).status).toBe(401);
  expect((await app.anonymous.with({ authorization: `Bearer ${key}` }).get('/api/records/core.team')).status).toBe(401);
  expect((await app.anonymous.post('/api/session', { email: person.email, password: person.password })).status).toBe(
    401,
  );
  expect((await signIn(app.anonymous, person.email, 'another password of mine')).mustChange).toBe(false);
});

test('asking for a reset answers the same for everybody, and writes to those who are there only', async () => {
  const suspended = await settledPerson(app);
  await app.admin.patch(`/api/users/${suspended.id}`, { active: false });
  const person = await settledPerson(app);
  const lookalike = person.email.replace('someone', 'sömeone');
  const answers = [];
  for (const email of ['nobody@example.com', suspended.email, lookalike, person.email])
    answers.push(await app.anonymous.post('/api/session/reset', { email }));
  expect(new Set(answers.map((answer) => `${answer.status} ${answer.text}`))).toEqual(new Set(['202 ']));
  await mailbox.letterTo(person.email);
  const count = await app.db.query<{ n: number }>(
    'select count(*)::integer as n from trellis.sign_in_link where user_id = any($1::uuid[])',
    [[suspended.id, person.id]],
  );
  expect(count[0].n).toBe(1);
  const written = mailbox.letters.flatMap((letter) => letter.to?.map((to) => to.address) ?? []);
  for (const email of ['nobody@example.com', suspended.email, lookalike]) expect(written).not.toContain(email);
});

test('mails to one account are limited, silently; asking from one address is limited aloud', async () => {
  const person = await settledPerson(app);
  const statuses: number[] = [];
  for (let i = 0; i < 5; i++)
    statuses.push((await app.anonymous.post('/api/session/reset', { email: person.email })).status);
  expect(statuses).toEqual(Array(5).fill(202));
  const jobs = await app.db.query<{ n: number }>(
    `select count(*)::integer as n from trellis.sign_in_attempt where attempts >= 5`,
  );
  expect(jobs[0].n).toBeGreaterThan(0);
  await mailbox.letterTo(person.email, 3);
  const marker = await settledPerson(app);
  await app.anonymous.post('/api/session/reset', { email: marker.email });
  await mailbox.letterTo(marker.email);
  expect(mailbox.letters.filter((letter) => letter.to?.[0]?.address === person.email).length).toBe(3);
  for (let i = 0; i < 25; i++)
    statuses.push((await app.anonymous.post('/api/session/reset', { email: `nobody-${i}@example.com` })).status);
  expect(statuses.at(-1)).toBe(429);
});

test('a link does not count after its time, for a suspended user, or after the address has changed', async () => {
  const late = await invite();
  await app.db.query(`update trellis.sign_in_link set expires_at = now() - interval '1 second' where user_id = $1`, [
    late.id,
  ]);
  const suspended = await invite();
  await app.admin.patch(`/api/users/${suspended.id}`, { active: false });
  const moved = await invite();
  const { client } = await signIn(app.anonymous, ADMIN.email, ADMIN.password);
  expect((await client.patch(`/api/users/${moved.id}`, { email: `moved-${names}@example.com` })).status).toBeLessThan(
    300,
  );
  for (const { token } of [late, suspended, moved]) {
    expect((await app.anonymous.post('/api/session/link', { token })).body.code).toBe('link.invalid');
    expect((await choose(token)).body.code).toBe('link.invalid');
  }
});

test('an administrator makes a link anew, and the one before ends; nobody else makes any', async () => {
  const invited = await invite();
  const again = await app.admin.post(`/api/users/${invited.id}/link`);
  expect([again.status, again.body.data]).toMatchObject([201, { kind: 'invite', isMailed: true }]);
  expect((await choose(invited.token)).status).toBe(404);
  expect((await choose(tokenIn(String(again.body.data.url)))).status).toBe(200);
  expect((await app.admin.post(`/api/users/${invited.id}/link`)).body.data).toMatchObject({ kind: 'reset' });
  const member = await app.member();
  expect((await member.post(`/api/users/${invited.id}/link`)).status).toBe(403);
});
