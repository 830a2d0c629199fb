import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk } from '../support/client.js';

const url = '/api/plugins/settled/settings';
let app: TestApp;
beforeAll(async () => {
  app = await startApp({ plugins: [join(import.meta.dirname, '../fixtures/settled')] });
});
afterAll(() => app?.stop());

const make = async () => expectOk(await app.admin.post('/api/records/settled.item', { name: '1' }), 201).body.data;

test('what a plugin can do beyond records, and that it has settings, is told', async () => {
  const list = (await app.admin.get('/api/plugins')).body.data;
  expect(list.find(({ id }) => String(id) === 'settled')).toMatchObject({
    capabilities: ['network', 'files:read'],
    hasSettings: true,
    uninstall: 'keep',
  });
  expect(list.find(({ id }) => String(id) === 'contacts')).toMatchObject({ capabilities: [], hasSettings: false });
});

test('settings have defaults, can be changed, and count in hooks at once', async () => {
  expect((await app.admin.get(url)).body.data).toMatchObject({
    schema: { properties: { prefix: { title: 'Prefix' } } },
    values: { prefix: 'No. ', size: 'small', loud: false },
    set: [],
  });
  expect(await make()).toMatchObject({ name: 'No. 1' });
  const changed = expectOk(await app.admin.patch(url, { prefix: '#', limit: 3 }), 200);
  expect(changed.body.data).toMatchObject({
    values: { prefix: '#', size: 'small', limit: 3 },
    set: ['prefix', 'limit'],
  });
  const item = await make();
  expect(String(item.name)).toBe('#1');
  expect(JSON.parse(String(item.seen))).toEqual({ prefix: '#', size: 'small', limit: 3, loud: false });
  expect((await app.admin.get('/api/audit?kind=plugin.settingsChanged')).body.data.length).toBe(1);

  const back = expectOk(await app.admin.patch(url, { prefix: null }), 200);
  expect(back.body.data).toMatchObject({ values: { prefix: 'No. ' }, set: ['limit'] });
});

test('what the description does not allow is refused, all of it named, and changes nothing', async () => {
  const before = (await app.admin.get(url)).text;
  const refused = await app.admin.patch(url, { prefx: 'x', prefix: '!', size: 'huge', limit: 10 });
  expect(refused.body).toMatchObject({ status: 422, code: 'plugin.bad_settings' });
  expect(refused.body.issues).toMatchObject([
    { path: 'prefx', message: expect.stringContaining('Did you mean "prefix"?') as string },
    { path: 'size', message: 'Size must be one of small, large.' },
    { path: 'limit' },
  ]);
  for (const body of ['{"__proto__": {"loud": true}}', '{"constructor": "x"}', '[]', '"x"'])
    expect([400, 422]).toContain(
      (await app.admin.send('PATCH', url, body, { 'content-type': 'application/json' })).status,
    );
  expect((await app.admin.get(url)).text).toBe(before);
});

test('a plugin without settings says so; nobody but an administrator sees or changes any', async () => {
  expect((await app.admin.get('/api/plugins/contacts/settings')).body).toMatchObject({
    status: 404,
    code: 'plugin.no_settings',
  });
  expect((await app.admin.get('/api/plugins/setled/settings')).body).toMatchObject({
    status: 404,
    code: 'plugin.not_found',
  });
  const member = await app.member();
  expect((await member.get(url)).status).toBe(403);
  expect((await member.patch(url, { prefix: 'x' })).status).toBe(403);
  expect((await app.anonymous.patch(url, { prefix: 'x' })).status).toBe(401);
});

test('name and settings come in the language of the reader, values as they are, also while the plugin is off', async () => {
  const chinese = { 'accept-language': 'zh-CN' };
  const settled = async (headers = {}) =>
    (await app.admin.get('/api/plugins', headers)).body.data.find(({ id }) => String(id) === 'settled');
  expect(await settled(chinese)).toMatchObject({ title: '有设置的插件' });
  expect(await settled()).toMatchObject({ title: 'Settled' });
  expect(await settled(chinese)).not.toHaveProperty('texts');
  expect((await app.admin.get(url, chinese)).body.data).toMatchObject({
    schema: {
      properties: {
        prefix: { title: '前缀', description: '写在每个名称之前。', default: 'No. ' },
        size: { title: 'Size', enum: ['small', 'large'] },
      },
    },
  });
  expectOk(await app.admin.post('/api/plugins/settled/disable', {}), 200);
  expect(await settled(chinese)).toMatchObject({ title: '有设置的插件', state: 'disabled' });
  expectOk(await app.admin.post('/api/plugins/settled/enable', {}), 200);
});
