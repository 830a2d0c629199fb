import { startApp, type TestApp } from '../support/app.js';
import { settledPerson, type Person } from '../support/people.js';

let app: TestApp;
let boss: Person;
beforeAll(async () => {
  app = await startApp();
  boss = await settledPerson(app, ['core.administrator']);
});
afterAll(() => app?.stop());

async function newAccount(roles = ['core.member']) {
  const made = await boss.client.post('/api/service-accounts', { name: 'Nightly export', roles });
  expect(made.status).toBe(201);
  const id = String(made.body.data.id);
  const key = await boss.client.post(`/api/service-accounts/${id}/api-keys`, { name: 'first' });
  expect(key.status).toBe(201);
  return { id, byKey: app.anonymous.with({ authorization: `Bearer ${String(key.body.data.key)}` }) };
}

test('a service account acts by its key, within its roles', async () => {
  const { id, byKey } = await newAccount();
  expect((await byKey.get('/api/session')).body.data.user.id).toBe(id);
  expect((await byKey.get('/api/records/core.team')).status).toBe(200);
  expect((await byKey.get('/api/users')).status).toBe(403);
});

test('it has no other way in: no password, no link, no reset', async () => {
  const { id } = await newAccount();
  const row = (await app.admin.get('/api/users')).body.data.find((user) => String(user.id) === id);
  expect(row).toMatchObject({ kind: 'service', hasPassword: false });
  const email = String(row?.email);
  for (const password of ['', 'a password of my own'])
    expect((await app.anonymous.post('/api/session', { email, password })).status).toBe(401);
  expect((await app.admin.post(`/api/users/${id}/link`)).body.code).toBe('user.is_service');
  expect((await app.admin.post(`/api/users/${id}/reset-password`)).status).toBe(404);
});

test('its key ends with the account, and by an administrator', async () => {
  const { id, byKey } = await newAccount();
  await app.admin.patch(`/api/users/${id}`, { active: false });
  expect((await byKey.get('/api/records/core.team')).status).toBe(401);
  const other = await newAccount();
  const seen = (await app.admin.get(`/api/users/${other.id}/sessions`)).body.data;
  expect((await app.admin.delete(`/api/users/${other.id}/sessions/${String(seen.keys[0].id)}`)).status).toBe(204);
  expect((await other.byKey.get('/api/records/core.team')).status).toBe(401);
});

test('only a signed-in administrator makes accounts and their keys; nobody makes keys of a person', async () => {
  const { id } = await newAccount();
  const member = await settledPerson(app);
  expect((await member.client.post('/api/service-accounts', { name: 'x', roles: [] })).status).toBe(403);
  expect((await member.client.post(`/api/service-accounts/${id}/api-keys`, { name: 'x' })).status).toBe(403);
  // A stolen key must not make itself lasting.
  expect((await app.admin.post(`/api/service-accounts/${id}/api-keys`, { name: 'x' })).body.code).toBe(
    'auth.session_required',
  );
  expect((await boss.client.post(`/api/service-accounts/${member.id}/api-keys`, { name: 'x' })).body.code).toBe(
    'user.not_service',
  );
  expect((await boss.client.post('/api/service-accounts', { name: 'x', roles: ['core.boss'] })).body.code).toBe(
    'role.unknown',
  );
});
