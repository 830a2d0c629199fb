import { signIn, startApp, startNode, type TestApp } from '../support/app.js';
import type { Client } from '../support/client.js';
import { settledPerson } from '../support/people.js';

let app: TestApp;
let node: Awaited<ReturnType<typeof startNode>>;
beforeAll(async () => {
  app = await startApp();
  node = await startNode(app);
});
afterAll(async () => {
  await node?.stop();
  await app?.stop();
});

const path = '/api/records/core.team';

/** Somebody whose session and key both nodes have served, so that both hold them in memory. */
async function known(roles?: string[]) {
  const person = await settledPerson(app, roles);
  const made = await person.client.post('/api/api-keys', { name: 'script' });
  const byKey = app.anonymous.with({ authorization: `Bearer ${String(made.body.data.key)}` });
  const everywhere: Client[] = [person.client, byKey].flatMap((client) => [client, client.at(node.url)]);
  for (const client of everywhere) expect((await client.get(path)).status).toBe(200);
  return { ...person, everywhere };
}

const statuses = async (clients: readonly Client[]): Promise<number[]> =>
  Promise.all(clients.map(async (client) => (await client.get(path)).status));

test('suspension ends sessions and keys on the other node with the next request', async () => {
  const person = await known();
  expect((await app.admin.patch(`/api/users/${person.id}`, { active: false })).status).toBe(200);
  expect(await statuses(person.everywhere)).toEqual([401, 401, 401, 401]);
  // Let in again, one signs in anew; what was ended stays so.
  await app.admin.patch(`/api/users/${person.id}`, { active: true });
  expect(await statuses(person.everywhere)).toEqual([401, 401, 401, 401]);
  const { client } = await signIn(app.anonymous, person.email, person.password);
  expect((await client.at(node.url).get(path)).status).toBe(200);
});

test('a lost role counts on the other node with the next request, reading and writing', async () => {
  const person = await known(['core.administrator']);
  const elsewhere = person.everywhere[1];
  expect((await elsewhere.post(path, { name: 'While it may' })).status).toBe(201);
  await app.admin.patch(`/api/users/${person.id}`, { roles: ['core.member'] });
  expect((await elsewhere.post(path, { name: 'No more' })).status).toBe(403);
  expect((await elsewhere.get('/api/users')).status).toBe(403);
});

test('a changed password ends the other sessions and the keys on the other node', async () => {
  const person = await known();
  const change = { current: person.password, next: 'another password of mine' };
  expect((await person.client.post('/api/session/password', change)).status).toBe(200);
  expect(await statuses(person.everywhere)).toEqual([200, 200, 401, 401]);
});

test('an administrator sees the sessions and keys of a user and ends one, on every node', async () => {
  const person = await known();
  const seen = (await app.admin.get(`/api/users/${person.id}/sessions`)).body.data;
  expect([seen.sessions.length, seen.keys.length]).toEqual([1, 1]);
  const ended = await app.admin.delete(`/api/users/${person.id}/sessions/${String(seen.keys[0].id)}`);
  expect(ended.status).toBe(204);
  expect(await statuses(person.everywhere)).toEqual([200, 200, 401, 401]);
  expect((await app.admin.delete(`/api/users/${person.id}/sessions`)).status).toBe(204);
  expect(await statuses(person.everywhere)).toEqual([401, 401, 401, 401]);
});

test('sessions of others are the administrators’ business alone, and end by their own user’s address only', async () => {
  const person = await known();
  const stranger = await known();
  const id = String((await app.admin.get(`/api/users/${person.id}/sessions`)).body.data.sessions[0].id);
  for (const answer of [
    await stranger.client.get(`/api/users/${person.id}/sessions`),
    await stranger.client.delete(`/api/users/${person.id}/sessions`),
    await stranger.client.delete(`/api/users/${person.id}/sessions/${id}`),
  ])
    expect(answer.status).toBe(403);
  expect((await app.admin.delete(`/api/users/${stranger.id}/sessions/${id}`)).status).toBe(404);
  expect(await statuses(person.everywhere)).toEqual([200, 200, 200, 200]);
});
