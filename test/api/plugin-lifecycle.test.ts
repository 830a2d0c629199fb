import { expectOk } from '../support/client.js';
import { entityOf, manifestOf, pluginStage, text, type PluginStage, type StagedApp } from '../support/plugin-stage.js';

let stage: PluginStage;
beforeEach(async () => {
  stage = await pluginStage();
});
afterEach(() => stage?.end());

const lay = (more: object = {}) =>
  stage.lay({
    'shop/plugin.json': manifestOf('shop', {
      ...more,
      requires: { core: '^0.1.0', contacts: '*' },
    }),
    'shop/entities/item.json': entityOf('shop.item', {
      colour: text('Colour'),
      number: { title: 'Number', 'x-field': { kind: 'autoNumber' } },
      buyers: { title: 'Buyers', 'x-field': { kind: 'links', to: 'contacts.company' } },
    }),
    'shop/extends/contacts.company.json': {
      entity: 'contacts.company',
      properties: { shop_grade: text('Grade') },
    },
    'shop/roles/clerk.json': {
      title: 'Clerk',
      grants: [{ entity: 'shop.item', read: 'all', create: true, update: 'all', delete: 'all' }],
    },
  });
const infoOf = async (app: StagedApp) =>
  (await app.admin.get('/api/plugins')).body.data.find(({ id }) => String(id) === 'shop');

test('a description of settings that contradicts itself is named and left out', async () => {
  await lay({
    settings: {
      type: 'object',
      required: ['gone'],
      properties: { size: { type: 'integer', title: 'Size', default: 'x' } },
    },
  });
  expect(await infoOf(await stage.restart({}, { mayFail: true }))).toMatchObject({
    state: 'failed',
    problems: [{ pointer: '/settings/properties/size/default' }, { pointer: '/settings/required/0' }],
  });
});

test('an uninstalled plugin stays out over restarts; installed again, its data are there', async () => {
  await lay();
  const app = await stage.restart();
  const made = expectOk(await app.admin.post('/api/records/shop.item', { name: 'Chair' }), 201);
  const url = `/api/records/shop.item/${String(made.body.data.id)}`;
  const company = expectOk(
    await app.admin.post('/api/records/contacts.company', { name: 'Acme', shop_grade: 'A' }),
    201,
  );
  const companyUrl = `/api/records/contacts.company/${String(company.body.data.id)}`;
  expect((await app.admin.post('/api/plugins/contacts/uninstall')).body).toMatchObject({
    status: 409,
    code: 'plugin.required',
  });
  expect((await app.admin.post('/api/plugins/core/uninstall')).body).toMatchObject({
    status: 409,
    code: 'plugin.required',
  });

  const plan = await app.admin.post('/api/plugins/shop/uninstall?plan=true');
  expect(plan.body.data).toEqual({
    id: 'shop',
    policy: 'keep',
    entities: [{ entity: 'shop.item', table: 'shop__item', rows: 1 }],
    fields: [{ entity: 'contacts.company', field: 'shop_grade', rows: 1 }],
    requiredBy: [],
    confirm: null,
  });
  expect((await app.admin.get(url)).status).toBe(200);

  expect((await app.admin.post('/api/plugins/shop/uninstall')).body.data).toMatchObject({ state: 'uninstalled' });
  expect((await app.admin.get(url)).status).toBe(404);
  expect((await app.admin.get(companyUrl)).body.data).not.toHaveProperty('shop_grade');
  expect((await app.admin.post('/api/plugins/shop/enable')).body).toMatchObject({
    status: 409,
    code: 'plugin.uninstalled',
  });

  const later = await stage.restart();
  expect(await infoOf(later)).toMatchObject({ state: 'uninstalled' });
  expect((await later.admin.get(url)).status).toBe(404);
  expect((await later.admin.post('/api/plugins/shop/install')).body.data).toMatchObject({ state: 'enabled' });
  expect((await later.admin.get(url)).body.data).toMatchObject({ name: 'Chair' });
  expect((await later.admin.get(companyUrl)).body.data).toMatchObject({ shop_grade: 'A' });
});

test('a purge says what it drops, asks to be confirmed, and leaves nothing to whoever comes after under that name', async () => {
  await lay({
    uninstall: 'purge',
    settings: { type: 'object', properties: { limit: { type: 'integer', title: 'Limit' } } },
  });
  const app = await stage.restart();
  const company = expectOk(
    await app.admin.post('/api/records/contacts.company', { name: 'Acme', shop_grade: 'A' }),
    201,
  );
  const made = await app.admin.post('/api/records/shop.item', { name: 'Chair', buyers: [company.body.data.id] });
  const id = String(made.body.data.id);
  await app.admin.patch(`/api/records/shop.item/${id}`, { name: 'Stool' });
  const content = Buffer.from('a file of the chair');
  const file = await app.admin.upload('/api/files', {
    content,
    fileName: 'a.txt',
    fields: { entity: 'shop.item', id },
  });
  expect(file.status).toBe(201);
  const clerk = await app.member({ roles: ['shop.clerk'] });
  expect((await clerk.get('/api/records/shop.item')).status).toBe(200);
  await app.admin.patch('/api/plugins/shop/settings', { limit: 3 });

  const refused = await app.admin.post('/api/plugins/shop/uninstall');
  expect(refused.body).toMatchObject({ status: 422, code: 'plugin.confirm_required', params: { rows: 2 } });
  expect((await app.admin.post('/api/plugins/shop/uninstall', { confirm: 'contacts' })).status).toBe(422);
  expect((await app.admin.post('/api/plugins/shop/uninstall?plan=true')).body.data).toMatchObject({
    policy: 'purge',
    confirm: 'shop',
  });
  expect((await app.admin.post('/api/plugins/shop/uninstall', { confirm: 'shop' })).body.data).toMatchObject({
    state: 'uninstalled',
  });

  const left = await stage.base.db.query<{ name: string }>({
    text: `select relname::text as name from pg_class where relnamespace = to_regnamespace('data') and relname like 'shop%'
union all select attname::text from pg_attribute where attrelid = 'data.contacts__company'::regclass and attname like 'shop%' and not attisdropped
union all select record_id::text from trellis.history where record_id = $1
union all select id::text from data.core__attachment
union all select role from trellis.user_role where role like 'shop.%'`,
    values: [id],
  });
  expect(left).toEqual([]);

  await app.admin.post('/api/plugins/shop/install');
  expect((await app.admin.get('/api/records/shop.item')).body.data).toEqual([]);
  expect((await app.admin.get('/api/plugins/shop/settings')).body.data).toMatchObject({ set: [] });
  expect((await clerk.get('/api/records/shop.item')).status).toBe(404);
  const companyUrl = `/api/records/contacts.company/${String(company.body.data.id)}`;
  expect((await app.admin.get(companyUrl)).body.data).toMatchObject({ name: 'Acme', shop_grade: null });
  expect((await app.admin.get(`${companyUrl}/history`)).text).not.toContain('shop_grade');
  expect((await app.admin.post('/api/records/shop.item', { name: 'New' })).status).toBe(201);
});
