import { resolve } from 'node:path';
import { CATALOG, type CatalogService } from '../../core/catalog/index.js';
import { CONTEXTS } from '../../core/base/tokens.js';
import { RECORDS, rotateSecrets, type Records } from '../../core/records/index.js';
import type { ContextFactory } from '../../core/sdk/index.js';
import { BACKUPS, DATABASE, loadSecrets, type Backups, type Database } from '../../core/storage/index.js';
import { startApp, testEnv, type TestApp } from '../support/app.js';
import { expectOk, type Loose } from '../support/client.js';
import { spawnServer } from '../support/spawn-app.js';
import { filesWith, tablesWith } from '../support/whole-search.js';

const plain = 'sk_live_Zwölf';
const first = 'first-secret-first-secret-first-secret';
const second = 'second-secret-second-secret-second-secret';
let app: TestApp;
let order: Loose;

beforeAll(async () => {
  app = await startApp({ plugins: [resolve('test/fixtures/computed')], env: { TRELLIS_SECRET: first } });
  order = expectOk(await app.admin.post('/api/records/shop.order', { name: 'o', apiKey: plain }), 201).body.data;
});

afterAll(() => app.stop());

const reveal = (id: unknown): Promise<string | null> => {
  const ctx = app.app.get<ContextFactory>(CONTEXTS).system('test');
  return app.app.get<Records>(RECORDS).reveal(ctx, { entity: 'shop.order', id: String(id), field: 'apiKey' });
};

it('answers a mask only, of a write, a read, a list and a dry run', async () => {
  expect(order.apiKey).toEqual({ set: true });
  const path = `/api/records/shop.order/${String(order.id)}`;
  const answers = [
    await app.admin.get(path),
    await app.admin.get('/api/records/shop.order'),
    await app.admin.patch(`${path}?dryRun=true`, { apiKey: 'another' }),
    await app.admin.patch(path, { note: 'n' }),
  ];
  for (const answer of answers) {
    expectOk(answer);
    expect(answer.text).toContain('"apiKey":{"set":true}');
    expect(answer.text).not.toMatch(/Zw|another|v1\./);
  }
});

it('stores ciphertext, and gives the text to plugin code, which history tells', async () => {
  const [row] = await app.db.query<{ api_key: string }>('select api_key from data.shop__order where id = $1', [
    String(order.id),
  ]);
  expect(row.api_key).toMatch(/^v1\.[0-9a-f]{12}\./);
  expect(await reveal(order.id)).toBe(plain);
  const { body } = expectOk(await app.admin.get(`/api/records/shop.order/${String(order.id)}/history`));
  expect(body.data.slice(0)[0]).toMatchObject({ operation: 'reveal', changes: [] });
});

it('is ciphertext in every table and in a dump (78)', async () => {
  await app.app.get<Backups>(BACKUPS).create();
  expect(await tablesWith(app.db, plain)).toEqual([]);
  expect(await filesWith(app.dataDir, plain)).toEqual([]);
});

it('is in no history, outbox, export or search, and compares with nothing but null', async () => {
  const path = `/api/records/shop.order/${String(order.id)}`;
  expectOk(await app.admin.patch(path, { apiKey: 'rotated-key' }));
  expect(await reveal(order.id)).toBe('rotated-key');
  const kept = await app.db.query(
    `select (select string_agg(previous::text, ' ') from trellis.history) || (select coalesce(string_agg(payload::text, ' '), '') from trellis.outbox) as text`,
  );
  expect(String((kept[0] as { text: string }).text)).not.toMatch(/rotated-key|Zw|v1\./);
  const { body } = expectOk(await app.admin.get(`${path}/history`));
  expect(body.data.find((entry) => entry.changes.length > 0)?.changes).toEqual([
    { field: 'apiKey', before: { set: true }, after: { set: true } },
  ]);
  for (const format of ['csv', 'ndjson']) {
    const { text } = await app.admin.get(`/api/records/shop.order/export?format=${format}`);
    expect(text).not.toMatch(/apiKey|v1\.|rotated/);
  }
  const list = (filter: string) => app.admin.get(`/api/records/shop.order?filter=${encodeURIComponent(filter)}`);
  expect(expectOk(await list('!ISBLANK(apiKey)')).body.data).toHaveLength(1);
  expect((await list("apiKey == 'rotated-key'")).status).toBe(422);
  expect((await app.admin.get('/api/records/shop.order?sort=apiKey')).status).toBe(422);
  const grouped = { groupBy: [{ field: 'apiKey' }], measures: [{ fn: 'count' }] };
  expect((await app.admin.post('/api/records/shop.order/aggregate', grouped)).status).toBe(422);
});

it('is emptied by null, kept where others of the batch change theirs, and takes no mask', async () => {
  const [one, two] = await Promise.all(
    ['1', '2'].map(
      async (name) =>
        expectOk(await app.admin.post('/api/records/shop.order', { name, apiKey: `key ${name}` }), 201).body.data,
    ),
  );
  const rows = [
    { id: one.id, apiKey: 'new key' },
    { id: two.id, note: 'n' },
  ];
  expectOk(await app.admin.post('/api/records/shop.order/bulk?mode=update', rows));
  expect([await reveal(one.id), await reveal(two.id)]).toEqual(['new key', 'key 2']);
  expectOk(await app.admin.patch(`/api/records/shop.order/${String(one.id)}`, { apiKey: null }));
  expect(await reveal(one.id)).toBeNull();
  const mask = await app.admin.patch(`/api/records/shop.order/${String(two.id)}`, { apiKey: { set: true } });
  expect(mask.body.issues).toMatchObject([{ path: 'apiKey', code: 'field.type' }]);
});

it('is encrypted anew with another key, as long as the old one is at hand', async () => {
  const db = app.app.get<Database>(DATABASE);
  const catalog = app.app.get<CatalogService>(CATALOG).current;
  const config = (secret: string, oldSecret: string | null) => ({ secret, oldSecret, dataDir: app.dataDir });
  const before = await app.db.query<{ n: number }>('select sum(version)::int as n from data.shop__order');
  const without = await rotateSecrets({ db, catalog, secrets: await loadSecrets(config(second, null)) });
  expect(without.rotated).toBe(0);
  expect(without.failed).toBeGreaterThan(0);
  const secrets = await loadSecrets(config(second, first));
  const done = await rotateSecrets({ db, catalog, secrets });
  expect(done).toEqual({ rotated: without.failed, failed: 0 });
  expect(await rotateSecrets({ db, catalog, secrets })).toEqual({ rotated: 0, failed: 0 });
  await expect(reveal(order.id)).rejects.toMatchObject({ code: 'secret.key_unknown' });
  const back = await loadSecrets(config(first, second));
  expect((await rotateSecrets({ db, catalog, secrets: back })).failed).toBe(0);
  expect(await reveal(order.id)).toBe('rotated-key');
  expect(await app.db.query('select sum(version)::int as n from data.shop__order')).toEqual(before);
});

it('is in no line of a log, though every statement is logged and writes fail (78)', async () => {
  const env = { TRELLIS_SECRET: first, TRELLIS_LOG_LEVEL: 'debug', TRELLIS_SLOW_QUERY_MS: '0' };
  const options = { plugins: [resolve('test/fixtures/computed')], env };
  const node = await spawnServer(testEnv(options, app.db.url, app.dataDir));
  const said = 'sk_live_Logzeile';
  try {
    const at = app.admin.at(node.url);
    expectOk(await at.post('/api/records/shop.order', { name: 'logged', apiKey: said }), 201);
    expect((await at.post('/api/records/shop.order', { name: null, apiKey: said })).status).toBe(422);
    expect((await at.post('/api/records/shop.order', { name: 'x', apiKey: { set: said } })).status).toBe(422);
    await at.post('/api/records/shop.order/bulk?mode=create', [{ name: 'y', apiKey: said }, { apiKey: [said] }]);
    await at.get(`/api/records/shop.order?filter=${encodeURIComponent(`apiKey == "${said}"`)}`);
  } finally {
    await node.end('SIGTERM');
  }
  expect(node.said()).toMatch(/slow statement[\s\S]*shop__order|shop__order[\s\S]*slow statement/);
  expect(node.said()).not.toContain('Logzeile');
  expect(await tablesWith(app.db, said)).toEqual([]);
});
