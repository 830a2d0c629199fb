import { ADMIN, signIn, startApp, type TestApp } from '../support/app.js';
import { until } from '../support/client.js';
import { listenTo, upToDate, type EventStream } from '../support/events.js';

const document = { entity: 'core.team', title: 'Teams', type: 'list', columns: [{ field: 'name' }] };
let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app?.stop());

const listen = async (headers: Record<string, string>): Promise<EventStream> => {
  const stream = await listenTo(app.url, headers);
  expect([stream.headers.get('content-type'), stream.headers.get('x-content-type-options')]).toEqual([
    'text/event-stream; charset=utf-8',
    'nosniff',
  ]);
  return stream;
};

async function cookieOf(email: string, password: string): Promise<string> {
  const answer = await app.anonymous.post('/api/session', { email, password });
  return String(answer.headers.get('set-cookie')).split(';')[0];
}

/** Waits until the stream has told of something whose JSON has the text in it. */
const told = (stream: EventStream, text: string) =>
  until(
    () => Promise.resolve(JSON.stringify(stream.events)),
    (events) => events.includes(text),
  );

test('changes are told to whom may see them, and to nobody else', async () => {
  const headers = await newMember();
  const member = app.anonymous.with(headers);
  const key = await app.anonymous
    .with({ cookie: await cookieOf(ADMIN.email, ADMIN.password) })
    .post('/api/api-keys', { name: 'listener' });
  const all = await listen({ authorization: `Bearer ${String(key.body.data.key)}` });
  const mine = await listen(headers);
  await upToDate(app.admin, [all, mine]);

  const hidden = await app.admin.post('/api/records/core.savedView', {
    name: 'Of the administrator',
    entity: 'core.team',
    document,
  });
  const own = await member.post('/api/records/core.savedView', {
    name: 'Of the member',
    entity: 'core.team',
    document,
  });
  const [hiddenId, ownId] = [String(hidden.body.data.id), String(own.body.data.id)];

  await told(all, ownId);
  await told(mine, ownId);
  expect(JSON.stringify(all.events)).toContain(hiddenId);
  expect(JSON.stringify(mine.events)).not.toContain(hiddenId);
  expect(mine.events.find((event) => JSON.stringify(event).includes(ownId))).toMatchObject({
    topic: 'record.changed',
    payload: { entity: 'core.savedView', operation: 'create' },
  });
  expect(JSON.stringify(mine.events)).not.toContain('job.changed');
  all.close();
  mine.close();
});

test('who owned a purged record learns that it is gone; who saw it by a condition, only that something is; others nothing', async () => {
  const [ownHeaders, otherHeaders] = [await newMember(), await newMember()];
  const [owner, other] = [app.anonymous.with(ownHeaders), app.anonymous.with(otherHeaders)];
  const viewOf = async (name: string, shared: boolean) =>
    String(
      (await owner.post('/api/records/core.savedView', { name, entity: 'core.team', document, shared })).body.data.id,
    );
  const contact = String((await owner.post('/api/records/contacts.company', { name: 'Gone Ltd' })).body.data.id);
  const view = await viewOf('Gone', true);
  for (const path of [`contacts.company/${contact}`, `core.savedView/${view}`])
    expect((await owner.delete(`/api/records/${path}`)).status).toBe(204);
  const [mine, theirs] = [await listen(ownHeaders), await listen(otherHeaders)];
  await upToDate(app.admin, [mine, theirs]);
  for (const path of [`contacts.company/${contact}`, `core.savedView/${view}`])
    expect((await app.admin.post(`/api/records/${path}/purge`)).status).toBe(204);

  await told(mine, contact);
  await told(mine, view);
  await told(theirs, '"operation":"purge"');
  expect(theirs.events.filter(({ topic }) => topic === 'record.changed')).toEqual([
    { topic: 'record.changed', payload: { entity: 'core.savedView', operation: 'purge', ids: [] } },
  ]);
  expect(mine.events.find((event) => JSON.stringify(event).includes(contact))).toEqual({
    topic: 'record.changed',
    payload: { entity: 'contacts.company', operation: 'purge', ids: [contact] },
  });
  expect((await other.get('/api/records/contacts.company')).status).toBe(200);
  mine.close();
  theirs.close();
});

test('a stream ends with its session', async () => {
  const { client } = await signIn(app.anonymous, ADMIN.email, ADMIN.password);
  const cookie = await cookieOf(ADMIN.email, ADMIN.password);
  const stream = await listen({ cookie });
  await upToDate(app.admin, [stream]);
  expect((await app.anonymous.with({ cookie }).delete('/api/session')).status).toBe(204);
  // The next event finds the session gone.
  await client.post('/api/records/core.team', { name: 'After the end' });
  await stream.ended;
  expect(JSON.stringify(stream.events)).not.toContain('After the end');
});

test('one user cannot hold streams without end', async () => {
  const { client } = await signIn(app.anonymous, ADMIN.email, ADMIN.password);
  const cookie = await cookieOf(ADMIN.email, ADMIN.password);
  const streams = await Promise.all(Array.from({ length: 12 }, () => listen({ cookie })));
  const answer = await client.get('/api/events');
  expect([answer.status, String(answer.body.code)]).toEqual([429, 'events.too_many']);
  for (const stream of streams) stream.close();
});

/** A member with a password of its own, signed in. */
async function newMember(): Promise<{ cookie: string }> {
  const email = `listener-${Math.random()}@example.com`;
  const made = await app.admin.post('/api/users', { name: 'Listener', email });
  const first = await signIn(app.anonymous, email, String(made.body.data.password));
  await first.client.post('/api/session/password', {
    current: String(made.body.data.password),
    next: 'a password of my own',
  });
  return { cookie: await cookieOf(email, 'a password of my own') };
}
