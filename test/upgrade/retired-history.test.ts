import { entityOf, manifestOf, pluginStage, text, type PluginStage } from '../support/plugin-stage.js';

let stage: PluginStage;
beforeEach(async () => {
  stage = await pluginStage();
});
afterEach(() => stage?.end());

const price = { title: 'Price', type: 'number', 'x-field': { kind: 'money' } };
const company = { title: 'Buyer', 'x-field': { kind: 'link', to: 'contacts.company' } };
const role = (fields: object[]) => ({
  title: 'Clerk',
  grants: [
    { entity: 'shop.item', read: 'all', create: true, update: 'all', delete: 'none' },
    { entity: 'contacts.company', read: 'own', create: false, update: 'none', delete: 'none' },
  ],
  fields,
});
const fieldsOf = (changes: unknown): unknown[] =>
  (changes as { changes: { field: string }[] }[])
    .flatMap((entry) => entry.changes)
    .filter(({ field }) => field !== 'name');

test('what a field held that its plugin dropped stays in the history, under its last title, for whom could read it', async () => {
  await stage.lay({
    'shop/plugin.json': manifestOf('shop', { requires: { core: '^0.1.0', contacts: '*' } }),
    'shop/entities/item.json': entityOf('shop.item', {
      colour: text('Colour'),
      secret: text('Margin'),
      price,
      buyer: company,
    }),
    'shop/i18n/zh-CN.json': {
      locale: 'zh-CN',
      messages: { 'entity:shop.item': { '/properties/colour/title': '颜色' } },
    },
    'shop/roles/clerk.json': role([{ entity: 'shop.item', field: 'secret', access: 'none' }]),
  });
  const before = await stage.restart();
  const hidden = await before.admin.post('/api/records/contacts.company', { name: 'Hidden Ltd' });
  const made = await before.admin.post('/api/records/shop.item', {
    name: 'Chair',
    colour: 'red',
    secret: '12%',
    price: 4.5,
    buyer: hidden.body.data.id,
  });
  if (made.status !== 201) throw new Error(made.text + (await before.admin.get('/api/plugins')).text);
  const url = `/api/records/shop.item/${String(made.body.data.id)}`;
  expect((await before.admin.patch(url, { colour: 'blue', secret: '13%', price: 5, buyer: null })).status).toBe(200);

  await stage.lay({
    'shop/plugin.json': manifestOf('shop', { version: '1.1.0', requires: { core: '^0.1.0', contacts: '*' } }),
    'shop/entities/item.json': entityOf('shop.item', {}),
    'shop/i18n/zh-CN.json': { locale: 'zh-CN', messages: {} },
    'shop/roles/clerk.json': role([]),
  });
  const after = await stage.restart();
  const all = await after.admin.get(`${url}/history`);
  expect(fieldsOf(all.body.data)).toEqual(
    expect.arrayContaining([
      { field: 'colour', title: 'Colour', kind: 'text', retired: true, before: 'red', after: 'blue' },
      { field: 'secret', title: 'Margin', kind: 'text', retired: true, before: '12%', after: '13%' },
      { field: 'price', title: 'Price', kind: 'money', retired: true, before: 4.5, after: 5 },
      {
        field: 'buyer',
        title: 'Buyer',
        kind: 'link',
        to: ['contacts.company'],
        retired: true,
        before: String(hidden.body.data.id),
        after: null,
      },
    ]),
  );
  const chinese = await after.admin.get(`${url}/history`, { 'accept-language': 'zh-CN' });
  expect(JSON.stringify(chinese.body.data)).toContain('颜色');

  const clerk = await after.member({ roles: ['shop.clerk'] });
  const theirs = await clerk.get(`${url}/history`);
  expect(theirs.status).toBe(200);
  expect(theirs.text).toContain('"title":"Colour"');
  expect(theirs.text).not.toContain('12%');
  expect(theirs.text).not.toContain('Margin');
  expect(theirs.text).not.toContain(String(hidden.body.data.id));

  // Another plugin's words do not bring it back to life: the record itself still has no such field.
  expect((await after.admin.get(url)).body.data).not.toHaveProperty('colour');
});

test('a field that is marked retired in its definition keeps its history too', async () => {
  const lay = (version: string, x: object) =>
    stage.lay({
      'shop/plugin.json': manifestOf('shop', { version }),
      'shop/entities/item.json': entityOf('shop.item', { colour: text('Colour', x) }),
    });
  await lay('1.0.0', {});
  const before = await stage.restart();
  const made = await before.admin.post('/api/records/shop.item', { name: 'Chair', colour: 'red' });
  const url = `/api/records/shop.item/${String(made.body.data.id)}`;
  await before.admin.patch(url, { colour: 'blue' });
  await lay('1.1.0', { retired: true });
  const after = await stage.restart();
  expect(fieldsOf((await after.admin.get(`${url}/history`)).body.data)).toEqual([
    { field: 'colour', title: 'Colour', kind: 'text', retired: true, before: 'red', after: 'blue' },
  ]);
});
