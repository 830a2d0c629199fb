import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';

interface Info {
  id: string;
  title: string;
  state: string;
  problems: { file: string; pointer: string; code: string; message: string }[];
}

const fixtures = join(import.meta.dirname, '../fixtures/plugins');
let app: TestApp;

beforeAll(async () => {
  app = await startApp({ plugins: [fixtures] });
});
afterAll(() => app.stop());

async function plugins(): Promise<Map<string, Info>> {
  const answer = await app.admin.get('/api/plugins');
  return new Map((answer.body.data as unknown as Info[]).map((info) => [info.id, info]));
}

test('sound plugins run while every broken one is named', async () => {
  const found = await plugins();
  const running = [...found.values()].filter((info) => info.state === 'enabled').map((info) => info.id);
  expect(running.sort()).toEqual(['contacts', 'core', 'good']);
  expect(found.get('core')?.title).toBe('Core');
  for (const info of found.values())
    if (info.state === 'failed') expect([info.id, info.problems.length > 0]).toEqual([info.id, true]);
  expect(found.get('throwing')?.problems).toEqual([
    expect.objectContaining({ file: 'plugins/throwing/index.js', code: 'plugin.code_failed' }),
  ]);
  expect(found.get('needs-broken')?.problems[0]?.code).toBe('plugin.requires_broken');
});

test('entities of a broken plugin do not exist', async () => {
  expect((await app.admin.get('/api/records/throwing.thing')).status).toBe(404);
  expect((await app.admin.get('/api/records/unknown-kind.order')).status).toBe(404);
});

test('a plugin extends another one, runs its hooks, seeds its base records and translates', async () => {
  const company = await app.admin.post('/api/records/contacts.company', { name: 'Extended', good_score: 7 });
  expect(company.status).toBe(201);
  expect(company.body.data.good_score).toBe(7);
  const thing = await app.admin.post('/api/records/good.thing', { name: 'quiet', company: company.body.data.id });
  expect(thing.body.data.shout).toBe('QUIET');
  const seeded = await app.admin.get(`/api/records/good.thing?filter=${encodeURIComponent("externalId == 'first'")}`);
  expect(seeded.body.data).toHaveLength(1);
  const catalog = await app.admin.get('/api/catalog?locale=zh-CN');
  const entities = (
    catalog.body as unknown as {
      data: { entities: { id: string; title: string; fields: { key: string; title: string }[] }[] };
    }
  ).data.entities;
  expect(entities.find((entity) => entity.id === 'good.thing')?.title).toBe('东西');
  expect(
    entities.find((entity) => entity.id === 'contacts.company')?.fields.find((field) => field.key === 'good_score')
      ?.title,
  ).toBe('好评分');
});

test('a disabled plugin is gone at once, and back with its data', async () => {
  const made = await app.admin.post('/api/records/good.thing', { name: 'kept' });
  const id = String(made.body.data.id);
  expect((await app.admin.post('/api/plugins/good/disable', {})).status).toBe(200);
  expect((await plugins()).get('good')?.state).toBe('disabled');
  expect((await app.admin.get(`/api/records/good.thing/${id}`)).status).toBe(404);
  expect((await app.admin.post('/api/records/contacts.company', { name: 'No score', good_score: 1 })).status).toBe(422);
  expect((await app.admin.post('/api/plugins/good/enable', {})).status).toBe(200);
  const back = await app.admin.get(`/api/records/good.thing/${id}`);
  expect(back.body.data).toMatchObject({ name: 'kept', shout: 'KEPT' });
  expect((await app.admin.post('/api/records/good.thing', { name: 'loud' })).body.data.shout).toBe('LOUD');
});

test('what others need cannot be disabled, what is broken cannot be enabled, what is not there is suggested', async () => {
  const required = await app.admin.post('/api/plugins/contacts/disable', {});
  expect([required.status, required.body.code]).toEqual([409, 'plugin.required']);
  expect(required.body.detail).toContain('Good');
  expect((await app.admin.post('/api/plugins/core/disable', {})).status).toBe(409);
  const failed = await app.admin.post('/api/plugins/throwing/enable', {});
  expect([failed.status, failed.body.code]).toEqual([409, 'plugin.broken']);
  const missing = await app.admin.post('/api/plugins/contcats/enable', {});
  expect([missing.status, missing.body.code]).toEqual([404, 'plugin.not_found']);
  expect(missing.body.detail).toContain('Did you mean "contacts"?');
});

test('a member neither sees plugins nor switches them', async () => {
  const member = await app.member();
  expect((await member.post('/api/plugins/good/disable', {})).status).toBe(403);
});
