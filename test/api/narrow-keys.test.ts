import { ADMIN, signIn, startApp, type TestApp } from '../support/app.js';
import type { Client } from '../support/client.js';

let app: TestApp;
let boss: Client;
beforeAll(async () => {
  app = await startApp();
  boss = (await signIn(app.anonymous, ADMIN.email, ADMIN.password)).client;
});
afterAll(() => app?.stop());

async function keyWith(scopes: readonly string[]): Promise<Client> {
  const made = await boss.post('/api/api-keys', { name: scopes.join(), scopes });
  expect(made.status).toBe(201);
  return app.anonymous.with({ authorization: `Bearer ${String(made.body.data.key)}` });
}

test.each(['/api/sessions', '/api/api-keys', '/api/notifications', '/api/notifications/preferences'])(
  'a key of one entity sees nothing of its user’s %s; one that reads everything does',
  async (path) => {
    const narrow = await (await keyWith(['core.team:write'])).get(path);
    expect([narrow.status, narrow.body.code]).toEqual([403, 'auth.scope']);
    expect((await (await keyWith(['read'])).get(path)).status).toBe(200);
  },
);

test('a key that reads marks nothing as read and changes no preference', async () => {
  const reader = await keyWith(['read']);
  for (const sent of [
    await reader.post('/api/notifications/read', {}),
    await reader.patch('/api/notifications/preferences', {}),
  ])
    expect([sent.status, sent.body.code]).toEqual([403, 'auth.scope']);
  expect((await (await keyWith(['write'])).post('/api/notifications/read', {})).status).toBe(200);
});

test('of imports a key sees and stops those of its entities', async () => {
  const upload = await app.admin.upload('/api/imports', {
    fileName: 'teams.csv',
    content: 'name\nNorth\n',
    fields: { entity: 'core.team' },
  });
  expect(upload.status).toBe(201);
  const path = `/api/imports/${String(upload.body.data.id)}`;
  const seen = async (client: Client) => [
    (await client.get('/api/imports')).body.data.length,
    (await client.get(path)).status,
    (await client.post(`${path}/cancel`)).status,
  ];
  expect(await seen(await keyWith(['core.currency:write']))).toEqual([0, 404, 404]);
  expect(await seen(await keyWith(['read']))).toEqual([1, 200, 403]);
  expect(await seen(await keyWith(['core.team:write']))).toEqual([1, 200, 202]);
});

test('a narrowed key of an administrator is told what it may do itself, and nothing of what others may', async () => {
  const narrow = await keyWith(['core.team:read']);
  const team = String((await boss.post('/api/records/core.team', { name: 'Asked about' })).body.data.id);
  const path = `/api/records/core.team/${team}/access`;
  const { id } = await app.member();
  expect((await boss.get(`${path}?user=${id}`)).status).toBe(200);
  const others = await narrow.get(`${path}?user=${id}`);
  expect([others.status, others.body.code]).toEqual([403, 'access.denied']);
  const { data } = (await narrow.get(path)).body;
  expect(['read', 'update', 'delete', 'purge', 'share'].map((operation) => data[operation].allowed)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
  expect(data.fields.name).toBe('read');
});

test.each(['/api/users/%00', '/api/session/oidc/%00', '/api/records/core.team/%00', '/api/actions/%00'])(
  '%s is nowhere, and the database is not asked',
  async (path) => {
    for (const answer of [await app.admin.get(path), await app.admin.patch(path, {}), await app.admin.post(path, {})])
      expect([404, 405]).toContain(answer.status);
    expect(JSON.stringify((await app.admin.get(path)).body)).not.toContain('database');
  },
);
