import { ADMIN, signIn, startApp, type TestApp } from '../support/app.js';
import { expectOk, type Client } from '../support/client.js';
import { settledPerson } from '../support/people.js';
import { applyChange } from '../support/studio.js';

/** A role that may write everything may not thereby make itself somebody else. */
let app: TestApp;
let broad: Client;

beforeAll(async () => {
  app = await startApp();
  const everything = {
    read: 'all',
    create: true,
    update: 'all',
    delete: 'all',
    purge: true,
    import: true,
    export: true,
  };
  const value = { title: 'Broad', grants: [{ entity: '*', ...everything }] };
  expectOk(await applyChange(app.admin, [{ type: 'role', id: 'x.broad', op: 'set', at: '', value }]));
  broad = await app.member({ roles: ['x.broad'] });
});
afterAll(() => app.stop());

const firstUser = async (): Promise<string> => String((await app.admin.get('/api/session')).body.data.user.id);

test('"*" lets nobody but administrators write users and teams', async () => {
  const user = await firstUser();
  const answers = [
    await broad.patch(`/api/records/core.user/${user}`, { email: 'own@example.com' }),
    await broad.post('/api/records/core.user/bulk?mode=update', [{ id: user, email: 'own@example.com' }]),
    await broad.post('/api/records/core.user', { name: 'New', email: 'new@example.com' }),
    await broad.post('/api/records/core.team', { name: 'Mine' }),
    await broad.post('/api/records/core.teamMember', { team: user, user }),
    await broad.delete(`/api/records/core.user/${user}`),
  ];
  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403]);
  expectOk(await broad.post('/api/records/contacts.company', { name: 'Fine' }), 201);
});

test('an API key does not change an address to sign in with, and a change is in the audit', async () => {
  const user = await firstUser();
  const refused = await app.admin.patch(`/api/records/core.user/${user}`, { email: 'key@example.com' });
  expect([refused.status, refused.body.code]).toEqual([403, 'auth.session_required']);
  const { client } = await signIn(app.anonymous, ADMIN.email, ADMIN.password);
  const other = expectOk(await client.post('/api/users', { name: 'Other', email: 'other@example.com' }), 201);
  const { id } = other.body.data;
  expectOk(await client.patch(`/api/records/core.user/${String(id)}`, { email: 'another@example.com' }));
  const { data } = (await client.get('/api/audit?kind=user.emailChanged')).body;
  expect(JSON.stringify(data)).toContain(String(id));
});

test('who may write users gets no account with roles that it has not itself, by no door', async () => {
  const people = { read: 'all', create: true, update: 'all', delete: 'all', import: true };
  const value = { title: 'People', grants: [{ entity: 'core.user', ...people }] };
  expectOk(await applyChange(app.admin, [{ type: 'role', id: 'x.people', op: 'set', at: '', value }]));
  const { client } = await settledPerson(app, ['core.member', 'x.people']);
  const member = await settledPerson(app);
  const email = 'taken-over@example.com';
  const user = await firstUser();
  const refused = await client.patch(`/api/records/core.user/${user}`, { email });
  expect([refused.status, refused.body.code]).toEqual([403, 'user.beyond_roles']);
  const rows = [{ id: user, email }];
  expect((await client.post('/api/records/core.user/bulk?mode=update', rows)).text).toContain('user.beyond_roles');
  expect((await client.patch(`/api/records/core.user/${user}`, { phone: '+1 415 555 0123' })).status).toBe(200);
  expectOk(await client.patch(`/api/records/core.user/${member.id}`, { email: 'renamed@example.com' }));
  expect((await signIn(app.anonymous, ADMIN.email, ADMIN.password)).client).toBeDefined();
});
