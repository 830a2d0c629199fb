import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Answer, type Client } from '../support/client.js';
import { companyField } from '../support/studio.js';

let app: TestApp;
let other: Client;

beforeAll(async () => {
  app = await startApp();
  other = await app.member({ roles: ['core.administrator'], name: 'Other Administrator' });
});
afterAll(() => app.stop());

const create = async (reason: string) =>
  expectOk(await app.admin.post('/api/catalog/drafts', { reason, operations: [companyField('x_draft')] }), 201).body
    .data;
const save = (client: Client, id: unknown, body: object): Promise<Answer> =>
  client.patch(`/api/catalog/drafts/${String(id)}`, body);

test('a draft that somebody saved since is not overwritten by who saw the earlier one, unless they open it again', async () => {
  const { id, at } = await create('mine');
  const theirs = expectOk(await save(other, id, { reason: 'theirs', seen: at }), 200).body.data;
  const late = await save(app.admin, id, { reason: 'mine again', seen: at });
  expect([late.status, late.body.code, late.body.detail]).toEqual([
    409,
    'change.draft_changed',
    expect.stringContaining('Other Administrator'),
  ]);
  expect((await app.admin.get(`/api/catalog/changes/${String(id)}`)).body.data).toMatchObject({ reason: 'theirs' });
  expectOk(await save(app.admin, id, { reason: 'mine again', seen: theirs.at }), 200);
});

test('of two who save the same draft at once one is told', async () => {
  const { id, at } = await create('twice');
  const answers = await Promise.all([app.admin, other].map((client) => save(client, id, { reason: 'now', seen: at })));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
});

test('what is applied in the place of a draft is refused where the draft was saved since, thrown away or applied', async () => {
  const { id, at } = await create('apply');
  const input = { reason: 'apply', operations: [companyField('x_draft')], draft: id };
  expectOk(await save(other, id, { reason: 'apply, and more', seen: at }), 200);
  const late = await app.admin.post('/api/catalog/apply', { ...input, draftSeen: at });
  expect([late.status, late.body.code]).toEqual([409, 'change.draft_changed']);
  const { at: now } = (await app.admin.get(`/api/catalog/changes/${String(id)}`)).body.data;
  const done = expectOk(await app.admin.post('/api/catalog/apply', { ...input, draftSeen: now }), 200).body.data;
  expect(done).toMatchObject({ id, state: 'applied' });
  expect((await save(other, id, { reason: 'late', seen: now })).body.code).toBe('change.not_a_draft');
  const gone = await create('gone');
  expectOk(await other.delete(`/api/catalog/drafts/${String(gone.id)}`), 204);
  expect((await save(app.admin, gone.id, { reason: 'late', seen: gone.at })).body.code).toBe('change.not_found');
});

test('an instant that is none is refused as such', async () => {
  const { id } = await create('odd');
  expect((await save(app.admin, id, { reason: 'odd', seen: 'yesterday' })).body).toMatchObject({
    status: 422,
    code: 'change.bad_seen',
  });
});
