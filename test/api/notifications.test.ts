import { resolve } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, until, type Client } from '../support/client.js';
import { listenTo } from '../support/events.js';
import { cookieOf } from '../support/people.js';
import { openMailbox, type Mailbox } from '../support/mailbox.js';

let mailbox: Mailbox;
let app: TestApp;
/** `headersOfStream`: its session. */
type Member = Client & { readonly id: string; readonly headersOfStream: Record<string, string> };
let ann: Member;
let bob: Member;
beforeAll(async () => {
  mailbox = await openMailbox();
  app = await startApp({
    plugins: [resolve('test/fixtures/doors')],
    env: {
      TRELLIS_SMTP_URL: mailbox.url,
      TRELLIS_MAIL_FROM: 'crm@example.com',
      TRELLIS_PUBLIC_URL: 'https://crm.example.com',
    },
  });
  ann = await person('Ann');
  bob = await person('Bob');
});
afterAll(async () => {
  await app?.stop();
  await mailbox?.close();
});

const tickets = '/api/records/doors.ticket';
const ticket = async (name: string, owner: Member): Promise<string> =>
  String(expectOk(await app.admin.post(tickets, { name, ownerId: owner.id }), 201).body.data.id);
const tell = (id: string, users: Member[], word: string) =>
  app.admin.post('/api/actions/doors.tell', { ticket: id, users: users.map((user) => user.id), word }).then(expectOk);
const titles = async (client: Client, query = '') =>
  [...expectOk(await client.get(`/api/notifications${query}`)).body.data].map(({ title }) => String(title));
const unread = async (client: Client) => Number(expectOk(await client.get('/api/notifications')).body.unread);

test('a notification is shown with the record’s title as of now, and marked as read', async () => {
  const id = await ticket('Lamp', ann);
  const stream = await listenTo(app.url, ann.headersOfStream);
  await tell(id, [ann, ann], 'hello');
  await until(
    async () => stream.events.map(({ topic }) => topic),
    (topics) => topics.includes('notification.created'),
  );
  stream.close();
  expectOk(await app.admin.patch(`${tickets}/${id}`, { name: 'Desk lamp' }));
  const page = expectOk(await ann.get('/api/notifications'));
  expect(page.body.data[0 as never]).toMatchObject({
    kind: 'doors.told',
    title: expect.stringContaining(': hello about Desk lamp'),
    record: { entity: 'doors.ticket', id, title: 'Desk lamp' },
    readAt: null,
  });
  expect(page.body.unread).toBe(1);
  expect(
    expectOk(await ann.post('/api/notifications/read', { ids: [String(page.body.data[0 as never].id)] })).body.data
      .read,
  ).toBe(1);
  expect([await unread(ann), (await titles(ann, '?unread=true')).length, (await titles(ann)).length]).toEqual([
    0, 0, 1,
  ]);
});

test('the mail says what the reader may see, with a link from the configuration, once', async () => {
  const id = await ticket('Chair', ann);
  await tell(id, [ann], 'mailed');
  const { mail: letter } = await mailbox.next(({ mail }) => mail.subject?.endsWith('mailed about Chair') === true);
  expect(letter.subject).toMatch(/mailed about Chair$/);
  expect(letter.text).toContain(`Open (https://crm.example.com/records/doors.ticket/${id})`);
});

test('what a reader may not read does not exist for it: list, count, mail, event of others (abuse case 19)', async () => {
  const id = await ticket('Hidden plan', ann);
  const before = [await unread(bob), (await titles(bob)).length];
  const stream = await listenTo(app.url, bob.headersOfStream);
  await tell(id, [bob, ann], 'psst');
  // Ann’s mail of the same job comes after Bob’s would have.
  await mailbox.next(({ mail }) => (mail.subject === undefined ? false : /psst about Hidden plan/.test(mail.subject)));
  stream.close();
  expect([await unread(bob), (await titles(bob)).length]).toEqual(before);
  expect(mailbox.arrived.filter(({ to }) => to.includes('bob@example.com'))).toEqual([]);
  expect(JSON.stringify(stream.events)).not.toMatch(/Hidden|psst/);
  // It comes back with the right to read the record, and goes with it.
  expectOk(await app.admin.patch(`${tickets}/${id}`, { ownerId: bob.id }));
  expect(await titles(bob)).toEqual(expect.arrayContaining([expect.stringMatching(/psst about Hidden plan/)]));
  expect((await titles(ann)).join()).not.toContain('Hidden plan');
});

test('nobody sees or marks those of others', async () => {
  const id = await ticket('Mine', ann);
  await tell(id, [ann], 'private');
  const [mine] = [...expectOk(await ann.get('/api/notifications?unread=true')).body.data].map((one) => String(one.id));
  expect(expectOk(await bob.post('/api/notifications/read', { ids: [mine] })).body.data.read).toBe(0);
  expect((await app.anonymous.get('/api/notifications')).status).toBe(401);
  expect((await titles(ann, '?unread=true')).join()).toContain('private');
});

test('each user chooses where to be told of each kind', async () => {
  const listed = expectOk(await bob.get('/api/notifications/preferences', { 'accept-language': 'zh-CN' })).body.data;
  expect(listed.find(({ kind }) => String(kind) === 'core.record-assigned')).toMatchObject({
    title: '记录分配给我',
    channels: { app: true, mail: false },
  });
  expectOk(await bob.patch('/api/notifications/preferences', { 'doors.told': { app: false, mail: false } }));
  const id = await ticket('Silent', bob);
  await tell(id, [bob], 'unheard');
  expect((await titles(bob)).join()).not.toContain('unheard');
  expectOk(await bob.patch('/api/notifications/preferences', { 'doors.told': { app: null } }));
  await tell(id, [bob], 'heard');
  expect((await titles(bob)).join()).toContain('heard about Silent');
  const wrong = await bob.patch('/api/notifications/preferences', { 'doors.tld': { app: false } });
  expect(wrong.body).toMatchObject({ status: 422, code: 'notification.unknown_kind' });
  expect((await bob.patch('/api/notifications/preferences', { 'doors.told': { sms: true } })).status).toBe(422);
});

test('a record that becomes mine by another’s hand is told, one by my own hand is not', async () => {
  const id = await ticket('Handed over', ann);
  expectOk(await app.admin.patch(`${tickets}/${id}`, { ownerId: bob.id }));
  expect((await titles(bob))[0]).toMatch(/ assigned Handed over to you$/);
  const own = await ticket('By myself', bob);
  const before = (await titles(bob)).length;
  expectOk(await app.admin.patch(`${tickets}/${own}`, { name: 'Still mine' }));
  expect((await titles(bob)).length).toBe(before);
});

test('a heap of records is told in one word', async () => {
  const ids = [];
  for (let i = 0; i < 8; i++) ids.push(await ticket(`Heap ${i}`, ann));
  const before = (await titles(bob, '?limit=100')).length;
  const rows = ids.map((id) => ({ id, ownerId: bob.id }));
  expectOk(await app.admin.post(`${tickets}/bulk?mode=update&atomic=true`, rows));
  const after = await titles(bob, '?limit=100');
  expect([after.length, after[0]]).toEqual([before + 1, expect.stringMatching(/assigned several records to you$/)]);
});

async function person(name: string): Promise<Member> {
  const email = `${name.toLowerCase()}@example.com`;
  const password = 'a password of my own';
  const made = expectOk(await app.admin.post('/api/users', { name, email, password, roles: ['core.member'] }), 201);
  const headers = { cookie: cookieOf(expectOk(await app.anonymous.post('/api/session', { email, password }))) };
  return Object.assign(app.anonymous.with(headers), { id: String(made.body.data.id), headersOfStream: headers });
}
