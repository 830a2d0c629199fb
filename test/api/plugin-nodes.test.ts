import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clients, testEnv } from '../support/app.js';
import { Client, until } from '../support/client.js';
import { emptyDatabase, type EmptyDatabase } from '../support/empty-database.js';
import { entityOf, manifestOf, text } from '../support/plugin-stage.js';
import { spawnServer, type ServerProcess } from '../support/spawn-app.js';

let base: EmptyDatabase;
let dir: string;
const servers: ServerProcess[] = [];
beforeAll(async () => {
  base = await emptyDatabase();
  dir = await mkdtemp(join(tmpdir(), 'trellis-nodes-'));
});
afterAll(async () => {
  for (const server of servers) await server.end('SIGTERM');
  await base?.drop();
  await rm(dir, { recursive: true, force: true });
});

/** A server with files of its own, on the one database. */
async function node(name: string, version: string, fields: object): Promise<ServerProcess> {
  const shop = join(dir, name, 'shop');
  await mkdir(join(shop, 'entities'), { recursive: true });
  await writeFile(join(shop, 'plugin.json'), JSON.stringify(manifestOf('shop', { version })));
  await writeFile(join(shop, 'entities/item.json'), JSON.stringify(entityOf('shop.item', { ...fields })));
  const env = testEnv({ plugins: [join(dir, name)] }, base.url, join(dir, name, '.data'));
  const server = await spawnServer(env);
  servers.push(server);
  return server;
}

const readiness = async (server: ServerProcess) => {
  const { status, body } = await new Client(server.url).get('/api/ready');
  return { status, code: String(body.code), detail: String(body.detail) };
};

test('a node with other plugin files than the catalog is not ready, names the plugin, and neither reads nor writes', async () => {
  const first = await node('a', '1.0.0', { colour: text('Colour') });
  const before = await clients(first.url);
  expect((await before.admin.post('/api/records/shop.item', { name: 'Old', colour: 'red' })).status).toBe(201);
  expect((await readiness(first)).status).toBe(200);

  const second = await node('b', '1.1.0', { colour: text('Colour'), weight: text('Weight') });
  expect((await readiness(second)).status).toBe(200);
  const stale = await until(
    () => readiness(first),
    ({ status }) => status === 503,
  );
  expect(stale).toMatchObject({
    code: 'plugin.out_of_step',
    detail: expect.stringMatching(/"shop" is applied at 1\.1\.0, but this node has 1\.0\.0/) as string,
  });
  expect((await new Client(first.url).get('/api/health')).status).toBe(200);
  expect((await before.admin.post('/api/records/shop.item', { name: 'Lost' })).status).toBe(503);
  expect((await before.admin.get('/api/records/shop.item')).status).toBe(503);
  expect((await before.anonymous.post('/api/session', { email: 'a@example.com', password: 'x' })).status).toBe(503);

  const { admin } = await clients(second.url);
  expect((await admin.post('/api/records/shop.item', { name: 'New', weight: '2 kg' })).status).toBe(201);
  expect((await admin.get('/api/records/shop.item?count=exact')).body.page).toMatchObject({ count: 2 });

  // Older files do not take the newer ones back while others run them.
  const third = await node('c', '1.0.0', { colour: text('Colour') });
  expect(await readiness(third)).toMatchObject({ status: 503, code: 'plugin.out_of_step' });
  expect((await readiness(second)).status).toBe(200);
  expect((await admin.get('/api/records/shop.item?fields=weight')).status).toBe(200);

  // Alone, they do: going back is the operator's choice.
  for (const server of servers.splice(0)) await server.end('SIGTERM');
  const back = await node('c', '1.0.0', { colour: text('Colour') });
  expect((await readiness(back)).status).toBe(200);
});
