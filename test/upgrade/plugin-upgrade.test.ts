import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { readConfig } from '../../core/base/config.js';
import { silentLog } from '../../core/base/log.js';
import { PLUGIN_HOST, type PluginHost } from '../../core/plugin-host/index.js';
import { startTrellis, type Running } from '../../core/start.js';
import { clients, testEnv, type TestApp } from '../support/app.js';
import { emptyDatabase, type EmptyDatabase } from '../support/empty-database.js';

let base: EmptyDatabase;
let dir: string;
let running: Running | null = null;
let admin: TestApp['admin'];

beforeEach(async () => {
  base = await emptyDatabase();
  dir = await mkdtemp(join(tmpdir(), 'trellis-upgrade-'));
});
afterEach(async () => {
  await running?.stop();
  running = null;
  await base.drop();
  await rm(dir, { recursive: true, force: true });
});

type Properties = Record<string, unknown>;
const text = (title: string) => ({ title, type: 'string', maxLength: 100, 'x-field': { kind: 'text' } });
const whole = (title: string) => ({ title, type: 'integer', 'x-field': { kind: 'integer' } });

/** Lays a version of the plugin on the disk. */
async function lay(version: string, properties: Properties): Promise<void> {
  const write = async (path: string, content: unknown): Promise<void> => {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), JSON.stringify(content));
  };
  await write('shop/plugin.json', { id: 'shop', version, title: 'Shop', requires: { core: '^0.1.0' } });
  await write('shop/entities/item.json', {
    $id: 'shop.item',
    title: 'Item',
    type: 'object',
    required: ['name'],
    properties: { name: text('Name'), ...properties },
    'x-entity': { titleField: 'name', titlePlural: 'Items', icon: 'box' },
  });
}

/** Starts anew on the same database, as after an upgrade. */
async function restart(): Promise<void> {
  await running?.stop();
  const config = readConfig(testEnv({ plugins: [dir] }, base.url, join(dir, '.data')), (path) => resolve(path));
  running = await startTrellis({ config, log: silentLog, announce: () => undefined });
  const { admin: client } = await clients(running.url.replace('localhost', '127.0.0.1').replace('[::1]', '127.0.0.1'));
  admin = client;
}

const nodes = () =>
  base.db.query<{ id: string; field: string; state: string }>({
    text: `select id, field, state from trellis.catalog_node where entity = 'shop.item' and field in ('size', 'colour', 'weight')`,
    values: [],
  });
const node = async (field: string) => (await nodes()).find((one) => one.field === field);
const infoOf = (id: string) =>
  running?.app
    .get<PluginHost>(PLUGIN_HOST)
    .list()
    .find((info) => info.id === id);

test('the next version upgrades the tables, retires what it drops and keeps the data', async () => {
  await lay('1.0.0', { size: whole('Size'), colour: text('Colour') });
  await restart();
  const made = await admin.post('/api/records/shop.item', { name: 'Chair', size: 4, colour: 'red' });
  const url = `/api/records/shop.item/${String(made.body.data.id)}`;
  const before = await node('colour');

  await lay('1.1.0', { size: whole('Size'), weight: whole('Weight') });
  await restart();
  const upgraded = await admin.get(url);
  expect(upgraded.body.data).toMatchObject({ name: 'Chair', size: 4, weight: null });
  expect(upgraded.body.data).not.toHaveProperty('colour');
  expect((await admin.patch(url, { weight: 9 })).body.data.weight).toBe(9);
  expect((await admin.patch(url, { colour: 'blue' })).status).toBe(422);
  expect(await node('colour')).toEqual({ ...before, state: 'retired' });
  expect(await base.db.query({ text: `select colour from data."shop__item"`, values: [] })).toEqual([
    { colour: 'red' },
  ]);

  await lay('1.2.0', { size: whole('Size'), colour: text('Colour'), weight: whole('Weight') });
  await restart();
  expect((await admin.get(url)).body.data).toMatchObject({ colour: 'red', weight: 9 });
  expect(await node('colour')).toEqual(before);
});

test('a version that changes the kind of a field converts its data', async () => {
  await lay('1.0.0', { size: whole('Size') });
  await restart();
  await admin.post('/api/records/shop.item', { name: 'Chair', size: 4 });
  await lay('2.0.0', { size: text('Size') });
  await restart();
  expect((await admin.get('/api/records/shop.item')).body.data[0 as never]).toMatchObject({ size: '4' });
});

test('a version whose kind cannot hold the data is named and left out, its tables untouched', async () => {
  await lay('1.0.0', { size: text('Size') });
  await restart();
  await admin.post('/api/records/shop.item', { name: 'Chair', size: 'large' });
  await lay('2.0.0', { size: whole('Size') });
  await restart();
  expect(infoOf('shop')).toMatchObject({
    state: 'failed',
    problems: [
      {
        file: expect.stringContaining('shop/entities/item.json') as string,
        pointer: '/properties/size',
        code: 'catalog.values_lost',
      },
    ],
  });
  expect(infoOf('contacts')?.state).toBe('enabled');
  expect((await admin.get('/api/records/contacts.company')).status).toBe(200);
  await lay('2.0.1', { size: text('Size') });
  await restart();
  expect((await admin.get('/api/records/shop.item')).body.data[0 as never]).toMatchObject({ size: 'large' });
});

test('a start on unchanged files applies nothing and keeps the epoch', async () => {
  await lay('1.0.0', { size: whole('Size') });
  await restart();
  const epoch = () => base.db.query({ text: 'select catalog_epoch from trellis.epoch', values: [] });
  const first = await epoch();
  await restart();
  expect(await epoch()).toEqual(first);
  expect(infoOf('shop')?.state).toBe('enabled');
});

test('two nodes that start at once on an empty database agree', async () => {
  await lay('1.0.0', { size: whole('Size') });
  const config = (data: string) =>
    readConfig(testEnv({ plugins: [dir], seed: 'demo' }, base.url, join(dir, data)), (path) => resolve(path));
  const start = (data: string) => startTrellis({ config: config(data), log: silentLog, announce: () => undefined });
  const both = await Promise.all([start('.a'), start('.b')]);
  const companies = await base.db.query<{ n: number }>({
    text: `select count(*)::int as n, count(distinct external_id)::int as d from data."contacts__company"`,
    values: [],
  });
  for (const one of both) await one.stop();
  expect(companies).toEqual([{ n: 40, d: 40 }]);
});
