import { resolve } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Client, type Loose } from '../support/client.js';

let app: TestApp;
let acme: string;

beforeAll(async () => {
  app = await startApp({ plugins: [resolve('test/fixtures/computed')] });
  acme = String(expectOk(await app.admin.post('/api/records/shop.customer', { name: 'Acme' }), 201).body.data.id);
});

afterAll(() => app.stop());

const order = async (values: Record<string, unknown>, as: Client = app.admin): Promise<Loose> =>
  expectOk(await as.post('/api/records/shop.order', { name: 'o', gift: 'x', ...values }), 201).body.data;
const customer = async (as: Client = app.admin): Promise<Loose> =>
  expectOk(await as.get(`/api/records/shop.customer/${acme}`)).body.data;

it('reads what is kept, like any number or date: in records, formulas, filters, sorts and aggregates', async () => {
  const lines = [
    { name: 'a', quantity: 2, price: 10 },
    { name: 'b', quantity: 4, price: 7.5 },
  ];
  const made = await order({ name: 'rolled', lines });
  expect(made).toMatchObject({ lineCount: 2, quantity: 6, average: 3, most: 10, perLine: 3 });
  const filter = encodeURIComponent('quantity > 5 && perLine == 3');
  const { body } = expectOk(
    await app.admin.get(`/api/records/shop.order?filter=${filter}&sort=-most&fields=name,quantity`),
  );
  expect(body.data).toEqual([{ id: made.id, name: 'rolled', quantity: 6 }]);
  const measures = [
    { fn: 'sum', field: 'quantity' },
    { fn: 'max', field: 'most' },
  ];
  const sums = expectOk(
    await app.admin.post('/api/records/shop.order/aggregate', { groupBy: [{ field: 'lineCount' }], measures }),
  );
  expect(sums.body.data).toEqual([{ lineCount: 2, sum_quantity: 6, max_most: 10 }]);
});

it('shows to who sees only some of the children what these give, and to all what is system-computed', async () => {
  const owner = await app.member({ roles: ['shop.owner'] });
  const line = { name: 'l', quantity: 1 };
  await order({ customer: acme, amount: 100, stage: 'won', lines: [line] });
  await order({ customer: acme, amount: 50 });
  const own = await order({ amount: 7, stage: 'open' }, owner);
  expectOk(
    await app.admin.patch(`/api/records/shop.order/${String(own.id)}`, { customer: acme, lines: [line], stage: 'won' }),
  );
  expect(await customer()).toMatchObject({ orderCount: 3, wonAmount: 107, allOrders: 3 });
  expect(await customer(owner)).toMatchObject({ orderCount: 1, wonAmount: 7, allOrders: 3 });
  const stranger = await app.member({ roles: ['shop.owner'] });
  expect(await customer(stranger)).toMatchObject({ orderCount: 0, wonAmount: 0, allOrders: 3 });
  const found = async (filter: string, as: Client): Promise<number> =>
    expectOk(await as.get(`/api/records/shop.customer?filter=${encodeURIComponent(filter)}&sort=-wonAmount`)).body.data
      .length;
  expect([await found('orderCount == 3', owner), await found('orderCount == 1', owner)]).toEqual([0, 1]);
  expect(await found('orderCount == 3', app.admin)).toBe(1);
});

it('does not exist for who may not read what it is computed of', async () => {
  const roles = ['shop.blind'];
  const blind = await app.member({ roles });
  const seen = await customer(blind);
  expect(Object.keys(seen)).toContain('orderCount');
  expect(Object.keys(seen)).not.toContain('wonAmount');
});

it('gives hooks formulas as they will stand, those over links too', async () => {
  const region = expectOk(await app.admin.post('/api/records/shop.region', { name: 'R', discount: 0.5 }), 201).body
    .data;
  const linked = expectOk(await app.admin.post('/api/records/shop.customer', { name: 'L', region: region.id }), 201)
    .body.data;
  const made = await order({ name: 'hooked', amount: 100, probability: 50, customer: linked.id, vip: 'v' });
  expect(made.note).toBe('expected 50, net 25, before null');
  const { body } = expectOk(await app.admin.patch(`/api/records/shop.order/${String(made.id)}`, { amount: 200 }));
  expect(body.data.note).toBe('expected 100, net 50, before 25');
});
