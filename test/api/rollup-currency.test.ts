import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Client, type Loose } from '../support/client.js';
import { makePlugin } from '../support/made-plugin.js';
import { applyChange } from '../support/studio.js';

/** Rollups of amounts say which currency they are in, at every door and for every reader. */
let app: TestApp;
/** Sees only parts of less than 100. */
let narrow: Client;
/** Does not see prices. */
let blind: Client;

const rollup = (x: object, of = 'parts'): object => ({ title: 'R', 'x-field': { kind: 'rollup', of, ...x } });
const link = (to: string, key: string): object => ({
  title: to,
  'x-field': { kind: 'link', to, onDelete: 'cascade', inverse: { key, title: key } },
});

beforeAll(async () => {
  const plugin = await makePlugin('cash', [
    {
      name: 'group',
      properties: {
        all: rollup({ fn: 'sum', field: 'total' }, 'wholes'),
        top: rollup({ fn: 'max', field: 'total' }, 'wholes'),
        mean: rollup({ fn: 'avg', field: 'total' }, 'wholes'),
      },
    },
    {
      name: 'whole',
      properties: {
        group: link('cash.group', 'wholes'),
        count: rollup({ fn: 'count' }),
        total: rollup({ fn: 'sum', field: 'price' }),
        least: rollup({ fn: 'min', field: 'price' }),
        most: rollup({ fn: 'max', field: 'price' }),
        mean: rollup({ fn: 'avg', field: 'price' }),
        taxed: {
          title: 'Taxed',
          'x-field': { kind: 'formula', returns: 'money', scale: 2, expression: 'total * 1.19' },
        },
        twice: { title: 'Twice', 'x-field': { kind: 'formula', returns: 'money', scale: 2, expression: 'taxed * 2' } },
      },
    },
    {
      name: 'part',
      properties: { price: { title: 'Price', 'x-field': { kind: 'money' } }, whole: link('cash.whole', 'parts') },
    },
  ]);
  app = await startApp({ plugins: [plugin] });
  const none = { create: false, update: 'none', delete: 'none', purge: false, import: false, export: true };
  const role = (id: string, value: object): object => ({ op: 'set', type: 'role', id, at: '', value });
  const all = { ...none, entity: '*', read: 'all' };
  expectOk(
    await applyChange(app.admin, [
      role('x.narrow', {
        title: 'N',
        grants: [all, { ...none, entity: 'cash.part', read: 'own', readWhen: 'price < 100' }],
      }),
      role('x.blind', {
        title: 'B',
        grants: [all],
        fields: [{ entity: 'cash.part', field: 'priceCurrency', access: 'none' }],
      }),
    ] as Record<string, unknown>[]),
  );
  narrow = await app.member({ roles: ['x.narrow'] });
  blind = await app.member({ roles: ['x.blind'] });
}, 120_000);
afterAll(() => app.stop());

async function make(entity: string, values: object = {}): Promise<string> {
  return String(
    expectOk(await app.admin.post(`/api/records/cash.${entity}`, { name: 'n', ...values }), 201).body.data.id,
  );
}
const part = (whole: string, price: number | null, priceCurrency?: string): Promise<string> =>
  make('part', { whole, price, ...(priceCurrency ? { priceCurrency } : {}) });
async function read(entity: string, id: string, client: Client = app.admin): Promise<Loose> {
  return expectOk(await client.get(`/api/records/cash.${entity}/${id}`)).body.data;
}
const list = async (query: string, client: Client = app.admin): Promise<Loose[]> =>
  expectOk(await client.get(`/api/records/cash.whole?${query}`)).body.data as unknown as Loose[];
const only = (id: string, more = ''): string => `filter=${encodeURIComponent(`id == '${id}'${more}`)}`;

test('beside each amount stands the currency that its parts share', async () => {
  const whole = await make('whole');
  await part(whole, 10, 'USD');
  await part(whole, 30, 'USD');
  expect(await read('whole', whole)).toMatchObject({
    total: 40,
    totalCurrency: 'USD',
    least: 10,
    leastCurrency: 'USD',
    most: 30,
    mostCurrency: 'USD',
    mean: 20,
    meanCurrency: 'USD',
    taxed: 47.6,
    twice: 95.2,
  });
});

test('of nothing the currency is null; of several it is "mixed" and there is no amount, until one is left', async () => {
  const whole = await make('whole');
  expect(await read('whole', whole)).toMatchObject({ total: 0, totalCurrency: null, most: null, mostCurrency: null });
  await part(whole, 10, 'USD');
  const other = await part(whole, 5, 'CHF');
  const mixed = { total: null, totalCurrency: 'mixed', least: null, leastCurrency: 'mixed', meanCurrency: 'mixed' };
  expect(await read('whole', whole)).toMatchObject({ ...mixed, taxed: null });
  expectOk(await app.admin.patch(`/api/records/cash.part/${other}`, { price: null }));
  expect(await read('whole', whole)).toMatchObject({ total: 10, totalCurrency: 'USD', mean: 10 });
});

test('a total of totals leaves out those of nothing, and is mixed where one of them is', async () => {
  const group = await make('group');
  const [usd, empty, late] = [await make('whole', { group }), await make('whole', { group }), await make('whole')];
  await part(usd, 8, 'USD');
  const got = { all: 8, allCurrency: 'USD', top: 8, topCurrency: 'USD', mean: 8, meanCurrency: 'USD' };
  for (const client of [app.admin, narrow]) expect(await read('group', group, client)).toMatchObject(got);
  await part(late, 1, 'USD');
  const mixing = await part(late, 1, 'EUR');
  expectOk(await app.admin.patch(`/api/records/cash.whole/${late}`, { group }));
  const mixed = { all: null, allCurrency: 'mixed', top: null, topCurrency: 'mixed', mean: null, meanCurrency: 'mixed' };
  for (const client of [app.admin, narrow]) expect(await read('group', group, client)).toMatchObject(mixed);
  // Only what is mixed itself is left, then nothing of it.
  expectOk(await app.admin.delete(`/api/records/cash.whole/${usd}`), 204);
  expectOk(await app.admin.delete(`/api/records/cash.whole/${empty}`), 204);
  for (const client of [app.admin, narrow]) expect(await read('group', group, client)).toMatchObject(mixed);
  expectOk(await app.admin.delete(`/api/records/cash.part/${mixing}`), 204);
  for (const client of [app.admin, narrow])
    expect(await read('group', group, client)).toMatchObject({ all: 1, allCurrency: 'USD' });
  expectOk(await app.admin.delete(`/api/records/cash.whole/${late}`), 204);
  for (const client of [app.admin, narrow])
    expect(await read('group', group, client)).toMatchObject({
      all: 0,
      allCurrency: null,
      top: null,
      topCurrency: null,
    });
});

test('who does not see all parts gets amount and currency of those that it sees', async () => {
  const whole = await make('whole');
  await part(whole, 10, 'USD');
  const hidden = await part(whole, 500, 'CHF');
  expect(await read('whole', whole)).toMatchObject({ total: null, totalCurrency: 'mixed' });
  expect(await read('whole', whole, narrow)).toMatchObject({
    total: 10,
    totalCurrency: 'USD',
    most: 10,
    mostCurrency: 'USD',
    meanCurrency: 'USD',
  });
  const [listed] = await list(`${only(whole, " && totalCurrency == 'USD'")}&sort=-totalCurrency`, narrow);
  expect(listed).toMatchObject({ total: 10, totalCurrency: 'USD' });
  expect(await list(only(whole, " && totalCurrency == 'mixed'"), narrow)).toEqual([]);
  expect(await list(only(whole, " && totalCurrency == 'mixed'"))).toHaveLength(1);
  expectOk(await app.admin.delete(`/api/records/cash.part/${hidden}`), 204);
});

test('who may not read the currencies of the parts reads no total of them: it would tell whether they are several', async () => {
  const whole = await make('whole');
  await part(whole, 10, 'USD');
  const seen = await read('whole', whole, blind);
  for (const key of ['total', 'totalCurrency']) {
    expect(Object.keys(seen)).not.toContain(key);
    const asked = await blind.get(`/api/records/cash.whole?fields=${key}`);
    expect([asked.status, asked.body.code]).toEqual([422, 'query.unknown_field']);
  }
  const { body } = expectOk(await blind.get('/api/catalog/entities/cash.whole'));
  const fields = body.data.fields as unknown as Loose[];
  for (const key of ['total', 'taxed']) expect(fields.map((field) => String(field.key))).not.toContain(key);
});

describe('three wholes', () => {
  let ids: string[];
  const ours = (): string => `id in [${ids.map((id) => `'${id}'`).join(', ')}]`;
  const aggregate = (body: object, client: Client = app.admin) =>
    client.post('/api/records/cash.whole/aggregate', { filter: ours(), ...body });

  beforeAll(async () => {
    ids = [await make('whole'), await make('whole'), await make('whole')];
    await part(ids[0], 10, 'EUR');
    await part(ids[1], 5, 'CHF');
    await part(ids[2], 1, 'EUR');
    await part(ids[2], 1, 'CHF');
  });

  test('are sorted and filtered by the currency', async () => {
    const rows = await list(`filter=${encodeURIComponent(ours())}&sort=totalCurrency&fields=total,totalCurrency`);
    expect(rows.map((row) => row.totalCurrency)).toEqual(['CHF', 'EUR', 'mixed']);
    const first = await app.admin.get(
      `/api/records/cash.whole?filter=${encodeURIComponent(ours())}&sort=totalCurrency&limit=2`,
    );
    const { next } = expectOk(first).body.page as unknown as { next: string };
    const rest = await list(`filter=${encodeURIComponent(ours())}&sort=totalCurrency&limit=2&after=${next}`);
    expect(rest.map((row) => row.totalCurrency)).toEqual(['mixed']);
    expect(await list(`filter=${encodeURIComponent(`${ours()} && totalCurrency != 'EUR'`)}`)).toHaveLength(2);
  });

  test.each(['admin', 'narrow'])('are added up by currency only: %s', async (who) => {
    const client = who === 'admin' ? app.admin : narrow;
    for (const field of ['total', 'most', 'taxed', 'twice']) {
      const refused = await aggregate({ groupBy: [], measures: [{ fn: 'sum', field }] }, client);
      expect([refused.status, refused.body.code]).toEqual([422, 'query.mixed_currencies']);
    }
    const grouped = await aggregate(
      { groupBy: [{ field: 'totalCurrency' }], measures: [{ fn: 'sum', field: 'total' }, { fn: 'count' }] },
      client,
    );
    expect(expectOk(grouped).body.data).toEqual([
      { totalCurrency: 'CHF', sum_total: 5, count: 1 },
      { totalCurrency: 'EUR', sum_total: 10, count: 1 },
      { totalCurrency: 'mixed', sum_total: null, count: 1 },
    ]);
  });

  test('a single total that is of several currencies is refused rather than passed over', async () => {
    const filter = `id == '${ids[2]}'`;
    const refused = await aggregate({ filter, groupBy: [], measures: [{ fn: 'sum', field: 'total' }] });
    expect(refused.body.code).toBe('query.mixed_currencies');
    const one = await aggregate({
      filter: `id == '${ids[0]}'`,
      groupBy: [],
      measures: [{ fn: 'max', field: 'total' }],
    });
    expect(expectOk(one).body.data).toEqual([{ max_total: 10 }]);
  });

  test('the export has the currency beside the amount', async () => {
    const query = `format=csv&fields=total,totalCurrency&sort=totalCurrency&filter=${encodeURIComponent(ours())}`;
    const { status, text } = await app.admin.get(`/api/records/cash.whole/export?${query}`);
    expect(status).toBe(200);
    expect(
      text
        .replace(/^\uFEFF/, '')
        .trim()
        .split(/\r?\n/)
        .map((line) => line.slice(line.indexOf(',') + 1)),
    ).toEqual(['total,totalCurrency', '5,CHF', '10,EUR', ',mixed']);
  });
});

test('the currency is computed: it is described as read only, and refused where it is written', async () => {
  const { body } = expectOk(await app.admin.get('/api/catalog/entities/cash.whole'));
  const fields = body.data.fields as unknown as Loose[];
  const of = (key: string) => fields.find((field) => String(field.key) === key);
  expect(of('total')).toMatchObject({ returns: 'money', currencyField: 'totalCurrency' });
  expect(of('taxed')).toMatchObject({ currencyField: 'totalCurrency' });
  expect(of('twice')).toMatchObject({ currencyField: 'totalCurrency' });
  expect(of('totalCurrency')).toMatchObject({ kind: 'currency', readOnly: true });
  expect(of('count')).not.toHaveProperty('currencyField');
  const refused = await app.admin.post('/api/records/cash.whole', { name: 'x', totalCurrency: 'EUR' });
  expect([refused.status, refused.body.issues]).toMatchObject([422, [{ code: 'field.read_only' }]]);
});

test('who has a field of the key that the currency would take keeps it; the totals stay right and a plan says so', async () => {
  const at = (entity: string, key: string): object => ({
    op: 'set',
    type: 'entity',
    id: `cash.${entity}`,
    at: `/properties/${key}`,
  });
  const operations = [
    { ...at('whole', 'x_sum'), value: rollup({ fn: 'sum', field: 'price' }) },
    { ...at('whole', 'x_sumCurrency'), value: { title: 'C', 'x-field': { kind: 'text' } } },
    { ...at('group', 'x_all'), value: rollup({ fn: 'sum', field: 'x_sum' }, 'wholes') },
  ] as Record<string, unknown>[];
  const plan = expectOk(await app.admin.post('/api/catalog/plan', { reason: 'test', operations })).body.data;
  expect(plan.warnings).toMatchObject([
    { code: 'catalog.currency_taken', params: { entity: 'cash.whole', field: 'x_sum' } },
  ]);
  expectOk(await applyChange(app.admin, operations));
  const group = await make('group');
  const whole = await make('whole', { group, x_sumCurrency: 'mine' });
  await part(whole, 10, 'USD');
  const fields = expectOk(await app.admin.get('/api/catalog/entities/cash.whole')).body.data
    .fields as unknown as Loose[];
  expect(fields.find(({ key }) => String(key) === 'x_sum')).not.toHaveProperty('currencyField');
  for (const client of [app.admin, narrow]) {
    expect(await read('whole', whole, client)).toMatchObject({ x_sum: 10, x_sumCurrency: 'mine' });
    expect(await read('group', group, client)).toMatchObject({ x_all: 10, x_allCurrency: 'USD' });
  }
  await part(await make('whole', { group, x_sumCurrency: 'mine' }), 10, 'EUR');
  for (const client of [app.admin, narrow])
    expect(await read('group', group, client)).toMatchObject({ x_all: null, x_allCurrency: 'mixed' });
});

test('the history of an amount that became a rollup is that of the amount, not of its currency', async () => {
  const at = '/properties/x_made';
  const made = (value: object): Promise<unknown> =>
    applyChange(app.admin, [{ op: 'set', type: 'entity', id: 'cash.whole', at, value }]).then((answer) =>
      expectOk(answer),
    );
  await made({ title: 'M', 'x-field': { kind: 'money' } });
  const whole = await make('whole', { x_made: 1 });
  expectOk(await app.admin.patch(`/api/records/cash.whole/${whole}`, { x_made: 2 }));
  await made(rollup({ fn: 'sum', field: 'price' }));
  const { body } = expectOk(await app.admin.get(`/api/records/cash.whole/${whole}/history`));
  const changes = (body.data as unknown as { changes: Loose[] }[]).flatMap((entry) => entry.changes);
  expect(changes.map(({ field, before }) => [field, before])).toEqual([['x_made', 1]]);
});
