import { expectOk, type Answer } from '../support/client.js';
import { entityOf, manifestOf, pluginStage, type PluginStage, type StagedApp } from '../support/plugin-stage.js';

let stage: PluginStage;
let app: StagedApp;

const choice = (...values: string[]) => ({
  title: 'Choice',
  'x-field': { kind: 'choice', options: values.map((value) => ({ value, title: value.toUpperCase() })) },
});
const files = {
  'shop/plugin.json': manifestOf('shop'),
  'shop/entities/order.json': entityOf('shop.order', {
    stage: { ...choice('new', 'paid', 'returned'), default: 'returned' },
    flags: {
      title: 'Flags',
      type: 'array',
      'x-field': { kind: 'multiChoice', options: choice('a', 'b')['x-field'].options },
    },
    seats: { title: 'Seats', type: 'integer', 'x-field': { kind: 'integer' } },
  }),
  'shop/record-types/retail.json': {
    entity: 'shop.order',
    title: 'Retail',
    default: true,
    options: { stage: ['new', 'paid'], flags: ['a'] },
    defaults: { seats: 2 },
  },
  'shop/record-types/wholesale.json': {
    entity: 'shop.order',
    title: 'Wholesale',
    order: 1,
    defaults: { stage: 'paid' },
  },
  'shop/forms/order.json': {
    entity: 'shop.order',
    title: 'Order',
    recordTypes: ['shop.retail'],
    tabs: [{ id: 'main', title: 'Main' }],
    sections: [{ id: 's', title: 'S', columns: 1, tab: 'main', fields: [{ field: 'name' }, { field: 'recordType' }] }],
  },
  'shop/i18n/zh-CN.json': { locale: 'zh-CN', messages: { 'record-type:shop.retail': { '/title': '零售' } } },
  'trade/plugin.json': manifestOf('trade', { requires: { core: '^0.1.0', shop: '^1.0.0' } }),
  'trade/changes/entity.shop.order.json': {
    target: { type: 'entity', id: 'shop.order' },
    operations: [
      { op: 'set', at: '/title', value: 'Deal' },
      {
        op: 'set',
        at: '/properties/trade_code',
        value: { title: 'Code', type: 'string', maxLength: 20, 'x-field': { kind: 'text' } },
      },
      {
        op: 'insert-before',
        at: '/properties/stage/x-field/options/sent',
        value: { value: 'sent', title: 'Sent' },
        before: 'paid',
      },
    ],
  },
  'trade/changes/record-type.shop.retail.json': {
    target: { type: 'record-type', id: 'shop.retail' },
    operations: [{ op: 'insert-before', at: '/options/stage/sent', value: 'sent', before: null }],
  },
};

beforeAll(async () => {
  stage = await pluginStage();
  await stage.lay(files);
  app = await stage.restart();
});
afterAll(() => stage.end());

const create = (values: object) => app.admin.post('/api/records/shop.order', { name: 'N', ...values });
const issues = ({ body }: Answer) => body.issues.map(({ path, code }) => `${String(path)} ${String(code)}`);

test('a new record takes the default type with its defaults, and no default that the type refuses', async () => {
  const { data } = expectOk(await create({}), 201).body;
  expect(data).toMatchObject({ recordType: 'shop.retail', seats: 2, stage: null });
});

test('a record of a named type takes the defaults of that one', async () => {
  const { data } = expectOk(await create({ recordType: 'shop.wholesale', seats: 9 }), 201).body;
  expect(data).toMatchObject({ recordType: 'shop.wholesale', seats: 9, stage: 'paid' });
});

test('an option that the type does not allow is refused, by the field', async () => {
  const refused = await create({ stage: 'returned', flags: ['a', 'b'] });
  expect([refused.status, issues(refused)]).toEqual([
    422,
    ['stage record.option_not_in_type', 'flags record.option_not_in_type'],
  ]);
  expect((await create({ recordType: 'shop.wholesale', stage: 'returned' })).status).toBe(201);
});

test('a change of the field, or of the type alone, is held to it; other changes are not', async () => {
  const { id } = expectOk(await create({ recordType: 'shop.wholesale', stage: 'returned' }), 201).body.data;
  const patch = (values: object) => app.admin.patch(`/api/records/shop.order/${String(id)}`, values);
  expect(issues(await patch({ recordType: 'shop.retail' }))).toEqual(['stage record.option_not_in_type']);
  expectOk(await patch({ recordType: 'shop.retail', stage: 'new' }), 200);
  expect(issues(await patch({ stage: 'returned' }))).toEqual(['stage record.option_not_in_type']);
  expectOk(await patch({ name: 'Other' }), 200);
});

test('a type that is none is refused', async () => {
  expect((await create({ recordType: 'shop.retial' })).status).toBe(422);
});

test('records are filtered, grouped and imported by type', async () => {
  const filter = encodeURIComponent("recordType == 'shop.wholesale'");
  const found = expectOk(await app.admin.get(`/api/records/shop.order?filter=${filter}&fields=recordType`), 200).body;
  expect(new Set(found.data.map(({ recordType }) => recordType))).toEqual(new Set(['shop.wholesale']));
  const groups = await app.admin.post('/api/records/shop.order/aggregate', {
    groupBy: [{ field: 'recordType' }],
    measures: [{ fn: 'count' }],
  });
  expectOk(groups, 200);
  const bulk = await app.admin.post('/api/records/shop.order/bulk?mode=create', [
    { name: 'B', recordType: 'shop.retail', stage: 'returned' },
    { name: 'C', recordType: 'shop.wholesale', stage: 'returned' },
  ]);
  expect(bulk.text).toContain('record.option_not_in_type');
});

test('the browser gets the types, in its language, and the forms with tabs', async () => {
  const catalog = expectOk(await app.admin.get('/api/catalog?locale=zh-CN'), 200).body as unknown as {
    data?: unknown;
  };
  const { entities, forms } = (catalog.data ?? catalog) as {
    entities: {
      id: string;
      recordTypes?: { title: string }[];
      fields: { key: string; title: string; options?: { title: string }[] }[];
    }[];
    forms: { id: string; tabs?: unknown; recordTypes?: unknown }[];
  };
  const order = entities.find(({ id }) => id === 'shop.order');
  expect(order?.recordTypes).toMatchObject([
    { id: 'shop.retail', title: '零售', default: true, options: { stage: ['new', 'paid', 'sent'], flags: ['a'] } },
    { id: 'shop.wholesale', title: 'Wholesale', default: false },
  ]);
  const field = order?.fields.find(({ key }) => key === 'recordType');
  expect([field?.title, field?.options?.map(({ title }) => title)]).toEqual(['记录类型', ['零售', 'Wholesale']]);
  expect(forms.find(({ id }) => id === 'shop.order')).toMatchObject({
    tabs: [{ id: 'main' }],
    recordTypes: ['shop.retail'],
  });
});

test("a plugin re-shapes another's entity by files: title, option, a field of its own", async () => {
  const { data } = expectOk(await create({ stage: 'sent', trade_code: 'T-1' }), 201).body;
  expect(data).toMatchObject({ stage: 'sent', trade_code: 'T-1' });
  const found = await app.admin.get(`/api/records/shop.order?filter=${encodeURIComponent("trade_code == 'T-1'")}`);
  expect(expectOk(found, 200).body.data.length).toBe(1);
});

test('a plugin whose change has no place is left out by name, with the place in its file', async () => {
  await stage.lay({
    'trade/changes/entity.shop.order.json': {
      target: { type: 'entity', id: 'shop.order' },
      operations: [
        ...files['trade/changes/entity.shop.order.json'].operations,
        { op: 'set', at: '/properties/saets/title', value: 'Chairs' },
      ],
    },
  });
  app = await stage.restart({}, { mayFail: true });
  const { data } = expectOk(await app.admin.get('/api/plugins'), 200).body as unknown as {
    data: { id: string; state: string; problems: { file: string; pointer: string; message: string }[] }[];
  };
  const trade = data.find(({ id }) => id === 'trade');
  expect(trade?.problems).toMatchObject([
    {
      file: expect.stringContaining('trade/changes/entity.shop.order.json') as string,
      pointer: '/operations/3/at',
      message: expect.stringContaining('Did you mean "seats"?') as string,
    },
  ]);
  expect(data.find(({ id }) => id === 'shop')?.problems).toEqual([]);
});
