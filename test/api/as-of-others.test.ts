import { resolve } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Answer, type Client, type Loose } from '../support/client.js';
import { applyChange, type StudioOperation } from '../support/studio.js';

// A record as of an instant with the other records that it shows something of: lines, links, totals.

let app: TestApp;

/** An instant after all that was done; what comes next is later. */
async function instant(): Promise<string> {
  const now = new Date();
  while (Date.now() <= now.getTime()) await new Promise((done) => setImmediate(done));
  return now.toISOString();
}

const make = async (entity: string, values: object): Promise<string> =>
  String(expectOk(await app.admin.post(`/api/records/${entity}`, values), 201).body.data.id);
const patch = async (entity: string, id: string, values: object): Promise<void> =>
  void expectOk(await app.admin.patch(`/api/records/${entity}/${id}`, values));
const remove = async (entity: string, id: string): Promise<void> =>
  void expectOk(await app.admin.delete(`/api/records/${entity}/${id}`), 204);
const ask = (entity: string, id: string, at: string, more = '', as: Client = app.admin): Promise<Answer> =>
  as.get(`/api/records/${entity}/${id}?asOf=${encodeURIComponent(at)}${more}`);
const read = async (entity: string, id: string, at: string, as?: Client): Promise<Loose> =>
  expectOk(await ask(entity, id, at, '', as)).body.data;
const linesOf = async (order: string, at: string): Promise<unknown[]> =>
  ((await read('shop.order', order, at)).lines as unknown as { name: string; quantity: number }[])
    .map(({ name, quantity }) => `${name} ${quantity}`)
    .sort();

beforeAll(async () => {
  app = await startApp({ plugins: [resolve('test/fixtures/computed')] });
});
afterAll(() => app.stop());

describe('lines', () => {
  let order: string;
  let other: string;
  let before: string;

  beforeAll(async () => {
    const lines = ['kept', 'changed', 'removed', 'moved', 'purged'].map((name, i) => ({
      name,
      quantity: i + 1,
      price: 10,
    }));
    order = await make('shop.order', { name: 'o', gift: 'x', lines });
    other = await make('shop.order', { name: 'p', gift: 'x' });
    before = await instant();
    const { data } = expectOk(await app.admin.get(`/api/records/shop.order/${order}`)).body;
    const ids = new Map((data.lines as unknown as { id: string; name: string }[]).map(({ id, name }) => [name, id]));
    const idOf = (name: string): string => ids.get(name) as string;
    await patch('shop.orderLine', idOf('changed'), { quantity: 20 });
    await remove('shop.orderLine', idOf('removed'));
    await patch('shop.orderLine', idOf('moved'), { order: other, quantity: 40 });
    await remove('shop.orderLine', idOf('purged'));
    expectOk(await app.admin.post(`/api/records/shop.orderLine/${idOf('purged')}/purge`), 204);
    await make('shop.orderLine', { name: 'added', quantity: 7, price: 10, order });
  });

  it('are those of then with their values of then, wherever they are today', async () => {
    expect(await linesOf(order, before)).toEqual(['changed 2', 'kept 1', 'moved 4', 'removed 3']);
    expect(await linesOf(other, before)).toEqual([]);
    const now = await instant();
    expect(await linesOf(order, now)).toEqual(['added 7', 'changed 20', 'kept 1']);
    expect(await linesOf(other, now)).toEqual(['moved 40']);
  });

  it('are counted and summed as they were, and formulas go by that', async () => {
    expect(await read('shop.order', order, before)).toMatchObject({ lineCount: 4, quantity: 10, perLine: 2.5 });
    expect(await read('shop.order', other, before)).toMatchObject({ lineCount: 0, quantity: 0, perLine: null });
    expect(await read('shop.order', order, await instant())).toMatchObject({ lineCount: 3, quantity: 28 });
    const [first] = (await read('shop.order', order, before)).lines as unknown as { name: string; subtotal: number }[];
    expect(first).toMatchObject({ name: 'kept', subtotal: 10, version: 1 });
  });

  it('can be asked for with some of their fields', async () => {
    const { data } = expectOk(await ask('shop.order', order, before, '&fields=lines.name')).body;
    expect(Object.keys((data.lines as unknown as object[])[0]).sort()).toEqual(['id', 'name']);
    expect(data).not.toHaveProperty('name');
  });
});

describe('links to one record', () => {
  it('lead to the title and the values of then, also where the target is in the bin today', async () => {
    const region = await make('shop.region', { name: 'North', discount: 0.1 });
    const customer = await make('shop.customer', { name: 'Ada', region });
    const order = await make('shop.order', { name: 'o', gift: 'x', amount: 1000, probability: 50, customer });
    const before = await instant();
    await patch('shop.region', region, { discount: 0.5, name: 'South' });
    await patch('shop.customer', customer, { name: 'Grace' });
    const renamed = await instant();
    expect(await read('shop.order', order, before)).toMatchObject({ net: 450, customer: { title: 'Ada' } });
    expect(await read('shop.order', order, renamed)).toMatchObject({ net: 250, customer: { title: 'Grace' } });
    expect(await read('shop.customer', customer, before)).toMatchObject({ label: 'Ada / North', orderCount: 1 });
    await patch('shop.order', order, { customer: null });
    await remove('shop.customer', customer);
    expect(await read('shop.order', order, before)).toMatchObject({ net: 450, customer: { title: 'Ada' } });
    expect(await read('shop.order', order, await instant())).toMatchObject({ net: null, customer: null });
  });

  it('do not lead to what was in the bin then', async () => {
    const customer = await make('shop.customer', { name: 'Gone' });
    const order = await make('shop.order', { name: 'o', gift: 'x', amount: 10, customer });
    await patch('shop.order', order, { customer: null });
    await remove('shop.customer', customer);
    const binned = await instant();
    expectOk(await app.admin.post(`/api/records/shop.customer/${customer}/restore`));
    await patch('shop.order', order, { customer });
    expect(await read('shop.order', order, binned)).toMatchObject({ customer: null });
    expect(await read('shop.order', order, await instant())).toMatchObject({ customer: { title: 'Gone' } });
  });
});

it('counts in totals only what their filter held of then, and only what was not in the bin then', async () => {
  const customer = await make('shop.customer', { name: 'C' });
  const won = await make('shop.order', { name: 'o', gift: 'x', amount: 300, customer });
  await make('shop.order', { name: 'q', gift: 'x', amount: 50, customer });
  const lines = { lines: [{ name: 'l', quantity: 1 }] };
  const open = await instant();
  await patch('shop.order', won, { stage: 'won', ...lines });
  const after = await instant();
  await patch('shop.order', won, { amount: 900 });
  await remove('shop.order', won);
  expect(await read('shop.customer', customer, open)).toMatchObject({ orderCount: 2, wonAmount: 0, allOrders: 2 });
  expect(await read('shop.customer', customer, after)).toMatchObject({ orderCount: 2, wonAmount: 300 });
  expect(await read('shop.customer', customer, await instant())).toMatchObject({ orderCount: 1, wonAmount: 0 });
});

describe('what is hidden today', () => {
  const grant = {
    read: 'all',
    create: false,
    update: 'none',
    delete: 'none',
    purge: false,
    import: false,
    export: false,
  };
  const role = (id: string, grants: object[], fields: object[]): StudioOperation => ({
    op: 'set',
    type: 'role',
    id,
    at: '',
    value: { title: id, grants: grants.map((each) => ({ ...grant, ...each })), fields },
  });

  it('is hidden as of then: rows of others are no lines, count in no total, and lend no title', async () => {
    const wide = { entity: '*' };
    await applyChange(app.admin, [role('x.narrow', [wide, { entity: 'shop.order', read: 'own' }], [])]).then(expectOk);
    const narrow = await app.member({ roles: ['x.narrow'] });
    const customer = await make('shop.customer', { name: 'C' });
    const order = await make('shop.order', { name: 'secret', gift: 'x', amount: 1, customer });
    await make('shop.orderLine', { name: 'l', quantity: 1, order });
    const [line] = expectOk(await app.admin.get(`/api/records/shop.order/${order}`)).body.data
      .lines as unknown as Loose[];
    const before = await instant();
    await patch('shop.order', order, { name: 'renamed' });
    expect(await read('shop.customer', customer, before, narrow)).toMatchObject({ orderCount: 0, allOrders: 1 });
    expect(await read('shop.customer', customer, before)).toMatchObject({ orderCount: 1, allOrders: 1 });
    expect(await read('shop.orderLine', String(line.id), before, narrow)).toMatchObject({ name: 'l', order: null });
    expect((await ask('shop.order', order, before, '', narrow)).status).toBe(404);
  });

  it('is hidden as of then: fields of lines, and what is computed of them', async () => {
    const fields = [{ entity: 'shop.orderLine', field: 'quantity', access: 'none' }];
    await applyChange(app.admin, [role('x.noQuantity', [{ entity: '*' }], fields)]).then(expectOk);
    const blind = await app.member({ roles: ['x.noQuantity'] });
    const order = await make('shop.order', { name: 'o', gift: 'x', lines: [{ name: 'l', quantity: 3, price: 2 }] });
    const past = await read('shop.order', order, await instant(), blind);
    expect(past).toMatchObject({ lineCount: 1, lines: [{ name: 'l', price: 2 }] });
    expect(past).not.toHaveProperty('quantity');
    expect((past.lines as unknown as object[])[0]).not.toHaveProperty('quantity');
    expect((past.lines as unknown as object[])[0]).not.toHaveProperty('subtotal');
  });
});

describe('links to several records', () => {
  const contacts = 'contacts.contact';
  let contact: string;
  const ids: string[] = [];
  const at: string[] = [];
  const titles = async (n: number): Promise<unknown[]> =>
    ((await read(contacts, contact, at[n])).companies as unknown as { title: string; label: string | null }[])
      .map(({ title, label }) => `${title} ${label}`)
      .sort();

  beforeAll(async () => {
    for (const name of ['A', 'B', 'C']) ids.push(await make('contacts.company', { name }));
    contact = await make(contacts, { lastName: 'L', companies: [{ id: ids[0], label: 'advisor' }, { id: ids[1] }] });
    at.push(await instant());
    await patch(contacts, contact, { companies: { add: [ids[2]], remove: [ids[0]] } });
    at.push(await instant());
    await patch(contacts, contact, { companies: [{ id: ids[2] }, { id: ids[1], label: 'advisor' }] });
    await patch('contacts.company', ids[0], { name: 'A, renamed' });
    at.push(await instant());
  });

  it('are those of then, with labels and titles of then', async () => {
    expect(await titles(0)).toEqual(['A advisor', 'B null']);
    expect(await titles(1)).toEqual(['B null', 'C null']);
    expect(await titles(2)).toEqual(['B advisor', 'C null']);
  });

  it('stand in the history, without what is written again as it stood', async () => {
    const { data } = expectOk(await app.admin.get(`/api/records/${contacts}/${contact}/history`)).body;
    const [second, first] = data as unknown as { changes: { field: string; before: unknown; after: unknown }[] }[];
    expect(first.changes).toEqual([
      {
        field: 'companies',
        before: expect.arrayContaining([
          { id: ids[0], label: 'advisor' },
          { id: ids[1], label: null },
        ]),
        after: expect.arrayContaining([
          { id: ids[1], label: null },
          { id: ids[2], label: null },
        ]),
      },
    ]);
    expect(second.changes).toHaveLength(1);
    const [{ count }] = await app.db.query<{ count: string }>(
      `select count(*) from trellis.history where record_id = $1 and previous::text like '%' || $2 || '%' and version = 3`,
      [contact, ids[2]],
    );
    expect(Number(count)).toBe(0);
  });

  it('do not name to anybody what is hidden from it', async () => {
    const value = {
      title: 'x',
      grants: [
        {
          entity: contacts,
          read: 'all',
          create: false,
          update: 'none',
          delete: 'none',
          purge: false,
          import: false,
          export: false,
        },
      ],
    };
    expectOk(await applyChange(app.admin, [{ op: 'set', type: 'role', id: 'x.contactsOnly', at: '', value }]));
    const reader = await app.member({ roles: ['x.contactsOnly'] });
    const { data } = expectOk(await reader.get(`/api/records/${contacts}/${contact}/history`)).body;
    for (const id of ids) expect(JSON.stringify(data)).not.toContain(id);
    expect((await read(contacts, contact, at[0], reader)).companies).toEqual([]);
  });

  it('are left out where history did not follow them yet, by name and reason', async () => {
    await app.db.query(`update trellis.migration set applied_at = now() where id = '0015-links-history'`);
    const { body } = expectOk(await ask(contacts, contact, at[0]));
    expect(body).toMatchObject({ omitted: ['companies'], reasons: { companies: 'links' } });
    expect(body.data).not.toHaveProperty('companies');
    const asked = await ask(contacts, contact, at[0], '&fields=companies');
    expect([asked.status, asked.body.code]).toEqual([422, 'query.as_of_field']);
  });
});

it('tells what would take too many records by name, and the rest', async () => {
  const order = await make('shop.order', { name: 'big', gift: 'x' });
  const rows = Array.from({ length: 2001 }, (_, i) => ({ name: `l${i}`, quantity: 1, order }));
  expectOk(await app.admin.post('/api/records/shop.orderLine/bulk?mode=create', rows));
  const { body } = expectOk(await ask('shop.order', order, await instant()));
  expect(body.reasons).toMatchObject({ lines: 'tooMany', lineCount: 'tooMany', perLine: 'tooMany' });
  expect(body.data).toMatchObject({ name: 'big' });
});
