import { resolve } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Answer, type Loose } from '../support/client.js';
import { applyChange } from '../support/studio.js';

let app: TestApp;
let acme: string;
let cheap: string;

beforeAll(async () => {
  app = await startApp({ plugins: [resolve('test/fixtures/computed')] });
  const make = async (entity: string, values: unknown): Promise<string> =>
    String(expectOk(await app.admin.post(`/api/records/shop.${entity}`, values), 201).body.data.id);
  acme = await make('customer', { name: 'Acme', region: await make('region', { name: 'N', discount: 0.9 }) });
  cheap = await make('customer', { name: 'Cheap', region: await make('region', { name: 'S', discount: 0.1 }) });
});

afterAll(() => app.stop());

const post = (values: Record<string, unknown>): Promise<Answer> =>
  app.admin.post('/api/records/shop.order', { name: 'o', ...values });
const patch = (order: Loose, values: unknown): Promise<Answer> =>
  app.admin.patch(`/api/records/shop.order/${String(order.id)}`, values);
const made = async (values: Record<string, unknown>): Promise<Loose> => expectOk(await post(values), 201).body.data;
const issues = (answer: Answer): string[] =>
  answer.body.issues?.map((issue) => `${String(issue.path)} ${String(issue.code)}`).slice(0) as string[];

describe('requireWhen', () => {
  it('asks for the field where it holds, beside the field', async () => {
    expect(issues(await post({ stage: 'lost' }))).toEqual(['lostReason record.required']);
    expectOk(await post({ stage: 'lost', lostReason: 'price' }), 201);
    expectOk(await post({ stage: 'open' }), 201);
  });

  it('asks when a change makes it hold, and when the field is emptied', async () => {
    const order = await made({ stage: 'open' });
    expect(issues(await patch(order, { stage: 'lost' }))).toEqual(['lostReason record.required']);
    expectOk(await patch(order, { stage: 'lost', lostReason: 'price' }));
    expect(issues(await patch(order, { lostReason: null }))).toEqual(['lostReason record.required']);
  });

  it('follows links, on the record as it would be written', async () => {
    expect(issues(await post({ customer: acme }))).toEqual(['vip record.required']);
    expectOk(await post({ customer: cheap }), 201);
    const order = await made({ customer: cheap });
    expect(issues(await patch(order, { customer: acme }))).toEqual(['vip record.required']);
    expectOk(await patch(order, { customer: acme, vip: 'yes' }));
  });

  it('holds nobody up over what was left open earlier and is not touched', async () => {
    const order = await made({ stage: 'open' });
    await app.db.query(`update data.shop__order set stage = 'lost' where id = $1`, [String(order.id)]);
    expectOk(await patch(order, { note: 'n' }));
  });

  it('holds in bulk too, for the rows that it concerns', async () => {
    const rows = [{ name: 'r', stage: 'lost' }, { name: 's', customer: acme }, { name: 't' }];
    const { text } = await app.admin.post('/api/records/shop.order/bulk?mode=create&atomic=false', rows);
    expect(text.match(/record\.required/g)).toHaveLength(2);
    expect(text).toContain('created');
  });
});

describe('readOnlyWhen', () => {
  it('is judged on the record as it stands', async () => {
    const won = await made({ stage: 'won', lines: [{ name: 'a', quantity: 1 }] });
    expect(issues(await patch(won, { note: 'late' }))).toEqual(['note field.read_only']);
    expect(issues(await patch(won, { note: 'late', stage: 'open' }))).toEqual(['note field.read_only']);
    expectOk(await patch(won, { stage: 'open' }));
    expectOk(await patch(won, { note: 'again' }));
  });

  it('lets the same value pass, and a new record be filled in', async () => {
    const won = await made({ stage: 'won', note: 'n', lines: [{ name: 'a', quantity: 1 }] });
    expectOk(await patch(won, { note: 'n' }));
  });
});

describe('showWhen', () => {
  it('asks for a required field only where it is shown', async () => {
    expectOk(await post({ amount: 100 }), 201);
    expect(issues(await post({ amount: 101 }))).toEqual(['gift field.required']);
    const order = await made({ amount: 500, gift: 'pen' });
    expect(issues(await patch(order, { gift: null }))).toEqual(['gift field.required']);
    expectOk(await patch(order, { gift: null, amount: 1 }));
  });
});

it('tells the catalog, so that the form behaves the same', async () => {
  const { body } = expectOk(await app.admin.get('/api/catalog'));
  const order = body.data.entities.find((entity) => String(entity.id) === 'shop.order') as unknown as Loose;
  const field = (key: string): unknown => order.fields.find((each) => String(each.key) === key);
  expect(field('lostReason')).toMatchObject({ requireWhen: "stage == 'lost'", showWhen: "stage == 'lost'" });
  expect(field('note')).toMatchObject({ readOnlyWhen: "stage == 'won'" });
  expect(field('expected')).toMatchObject({
    kind: 'formula',
    readOnly: true,
    returns: 'money',
    currencyField: 'amountCurrency',
    expression: 'amount * probability / 100',
    scale: 2,
  });
  expect(field('quantity')).toMatchObject({ kind: 'rollup', returns: 'decimal', readOnly: true });
  expect(field('lines')).toMatchObject({
    kind: 'lines',
    lines: { entity: 'shop.orderLine', link: 'order', position: 'position' },
  });
  expect(field('apiKey')).toMatchObject({ kind: 'secret', sortable: false });
});

it('tells nobody of a condition over what is hidden from them, on records behind links neither', async () => {
  const field = (key: string, x: object) => ({
    op: 'set',
    type: 'entity',
    id: 'shop.order',
    at: `/properties/${key}`,
    value: { title: key, type: 'string', 'x-field': { kind: 'text', ...x } },
  });
  const grant = { create: false, update: 'all', delete: 'none', purge: false, import: false, export: false };
  const hidden = [
    { entity: 'shop.region', field: 'secretRate', access: 'none' },
    { entity: 'shop.order', field: 'x_hidden', access: 'none' },
  ];
  const role = { title: 'Half', grants: [{ entity: '*', read: 'all', ...grant }], fields: hidden };
  const operations = [
    field('x_hidden', {}),
    field('x_locked', { readOnlyWhen: "x_hidden == 'locked'" }),
    field('x_asked', { requireWhen: "x_locked == 'ask' && x_hidden == 'locked'" }),
    field('x_far', { readOnlyWhen: 'customer.region.secretRate == 7' }),
    { op: 'set', type: 'role', id: 'x.half', at: '', value: role },
  ];
  expectOk(await applyChange(app.admin, operations));
  const half = await app.member({ roles: ['x.half'] });
  const order = await made({ x_hidden: 'locked' });
  const refused = await half.patch(`/api/records/shop.order/${String(order.id)}`, { x_locked: 'ask' });
  expect(issues(refused)).toEqual(['x_locked field.read_only', 'x_asked record.required']);
  expect(refused.text).not.toContain('x_hidden');
  const catalog = expectOk(await half.get('/api/catalog'));
  expect(catalog.text).toContain('x_far');
  expect(catalog.text).not.toMatch(/x_hidden|secretRate/);
  expect(expectOk(await app.admin.get('/api/catalog')).text).toMatch(/x_hidden[^]*secretRate/);
});
