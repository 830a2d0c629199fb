import { resolve } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Answer, type Client, type Loose } from '../support/client.js';
import { applyChange } from '../support/studio.js';

let app: TestApp;
let id: string;
/** Instants between the changes. */
const at: string[] = [];

async function pause(): Promise<void> {
  await new Promise((done) => setTimeout(done, 15));
  at.push(new Date().toISOString());
  await new Promise((done) => setTimeout(done, 15));
}

const path = (): string => `/api/records/shop.order/${id}`;
const asOf = (n: number, more = '', as: Client = app.admin): Promise<Answer> =>
  as.get(`${path()}?asOf=${encodeURIComponent(at[n])}${more}`);
const then = async (n: number): Promise<Loose> => expectOk(await asOf(n)).body.data;

beforeAll(async () => {
  app = await startApp({ plugins: [resolve('test/fixtures/computed')] });
  const make = async (entity: string, values: unknown): Promise<string> =>
    String(expectOk(await app.admin.post(`/api/records/shop.${entity}`, values), 201).body.data.id);
  const [one, two] = [await make('customer', { name: 'One' }), await make('customer', { name: 'Two' })];
  await pause(); // 0: not yet
  id = await make('order', {
    name: 'o',
    amount: 100,
    gift: 'x',
    probability: 50,
    due: '2024-01-31',
    customer: one,
    apiKey: 'k',
    lines: [{ name: 'l' }],
  });
  await pause(); // 1: as created
  expectOk(await app.admin.patch(path(), { amount: 200, customer: two, due: null, apiKey: null }));
  await pause(); // 2
  expectOk(await app.admin.patch(path(), { amount: 300, due: '2025-01-31' }));
  expectOk(await app.admin.patch(`/api/records/shop.customer/${one}`, { name: 'One, renamed' }));
  await pause(); // 3
  expectOk(await app.admin.delete(path()), 204);
  await pause(); // 4: in the bin
  expectOk(await app.admin.post(`${path()}/restore`));
  await pause(); // 5
});

afterAll(() => app.stop());

it('folds changes back, field by field, and what is computed of them', async () => {
  expect(await then(1)).toMatchObject({
    amount: 100,
    due: '2024-01-31',
    expected: 50,
    nextDue: '2024-02-07',
    version: 1,
  });
  expect(await then(2)).toMatchObject({ amount: 200, due: null, expected: 100, nextDue: null, version: 2 });
  expect(await then(3)).toMatchObject({ amount: 300, due: '2025-01-31', version: 3 });
  expect(await then(5)).toMatchObject({ amount: 300, version: 5, deletedAt: null });
});

it('shows links of then by their titles of then, and of a secret only whether there was one', async () => {
  expect(await then(1)).toMatchObject({ customer: { title: 'One' }, apiKey: { set: true } });
  expect(await then(2)).toMatchObject({ customer: { title: 'Two' }, apiKey: null });
});

it('tells lines, totals and formulas over links', async () => {
  const { body } = expectOk(await asOf(1));
  expect(body).toMatchObject({ omitted: [], reasons: {}, data: { lines: [{ name: 'l' }], lineCount: 1 } });
  expect(expectOk(await asOf(1, '&fields=name,amount')).body.data).toEqual({ id, name: 'o', amount: 100 });
});

it.each([
  ['before it was made', 0],
  ['while it was deleted', 4],
])('is not there %s, which has its own code', async (_, n) => {
  const answer = await asOf(n);
  expect([answer.status, answer.body.code]).toEqual([404, 'record.not_then']);
});

it('tells nobody more of the past than of the present', async () => {
  const stranger = await app.member({ roles: ['core.member'] });
  const hidden = await asOf(1, '', stranger);
  expect([hidden.status, hidden.body.code]).toEqual([404, 'record.not_found']);
  const clerk = await app.member({ roles: ['shop.clerk'] });
  expect(Object.keys(expectOk(await asOf(1, '', clerk)).body.data)).not.toContain('hiddenRate');
});

it.each(['yesterday', '2024-01-01', '2024-13-01T00:00:00Z', ''])('refuses the instant %j', async (text) => {
  const answer = await app.admin.get(`${path()}?asOf=${text}`);
  expect([answer.status, answer.body.code]).toEqual([422, 'query.bad_as_of']);
});

it('is refused for lists by name', async () => {
  for (const answer of [
    await app.admin.get(`/api/records/shop.order?asOf=${at[1]}`),
    await app.admin.post('/api/records/shop.order/query', { asOf: at[1] }),
  ])
    expect([answer.status, answer.body.code]).toEqual([422, 'query.as_of_list']);
});

it('computes what is computed for everybody of what is hidden from the reader, as it does today', async () => {
  const field = (key: string, x: object) => ({
    op: 'set',
    type: 'entity',
    id: 'shop.order',
    at: `/properties/${key}`,
    value: { title: key, 'x-field': x },
  });
  const grant = { entity: '*', read: 'all', create: false, update: 'none', delete: 'none' };
  const operations = [
    field('x_cost', { kind: 'decimal' }),
    field('x_double', { kind: 'formula', returns: 'decimal', expression: 'x_cost * 2', systemComputed: true }),
    {
      op: 'set',
      type: 'role',
      id: 'x.viewer',
      at: '',
      value: {
        title: 'Viewer',
        grants: [{ ...grant, purge: false, import: false, export: false }],
        fields: [{ entity: 'shop.order', field: 'x_cost', access: 'none' }],
      },
    },
  ];
  expectOk(await applyChange(app.admin, operations));
  const viewer = await app.member({ roles: ['x.viewer'] });
  const made = expectOk(await app.admin.post('/api/records/shop.order', { name: 'c', gift: 'x', x_cost: 4 }), 201);
  const path = `/api/records/shop.order/${String(made.body.data.id)}`;
  const then = String(made.body.data.createdAt);
  expectOk(await app.admin.patch(path, { x_cost: 10 }));
  const past = expectOk(await viewer.get(`${path}?asOf=${then}`)).body.data;
  expect(past).toMatchObject({ x_double: 8 });
  expect(past).not.toHaveProperty('x_cost');
  expect(expectOk(await viewer.get(path)).body.data).toMatchObject({ x_double: 20 });
});

it('shows what a link to anything led to by its title of then, and no title to whom it is hidden', async () => {
  const role = {
    op: 'set',
    type: 'role',
    id: 'x.nameless',
    at: '',
    value: {
      title: 'Nameless',
      grants: [{ entity: '*', read: 'all', create: false, update: 'none', delete: 'none' }],
      fields: [{ entity: 'contacts.company', field: 'name', access: 'none' }],
    },
  };
  expectOk(await applyChange(app.admin, [role]));
  const nameless = await app.member({ roles: ['x.nameless'] });
  const company = expectOk(await app.admin.post('/api/records/contacts.company', { name: 'Before' }), 201).body.data;
  const regarding = { entity: 'contacts.company', id: company.id };
  const activity = { type: 'note', subject: 's', regarding };
  const made = expectOk(await app.admin.post('/api/records/contacts.activity', activity), 201).body.data;
  expectOk(await app.admin.patch(`/api/records/contacts.company/${String(company.id)}`, { name: 'After' }));
  const read = async (client: Client): Promise<Loose> =>
    expectOk(await client.get(`/api/records/contacts.activity/${String(made.id)}?asOf=${String(made.createdAt)}`)).body
      .data.regarding;
  expect(await read(app.admin)).toEqual({ ...regarding, title: 'Before' });
  expect(await read(nameless)).toEqual({ ...regarding, title: null });
});
