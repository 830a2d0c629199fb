import { resolve } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Answer, type Client, type Loose } from '../support/client.js';
import { applyChange } from '../support/studio.js';

let app: TestApp;

beforeAll(async () => {
  app = await startApp({ plugins: [resolve('test/fixtures/computed')] });
});

afterAll(() => app.stop());

async function create(values: Record<string, unknown>, as: Client = app.admin): Promise<Loose> {
  return expectOk(await as.post('/api/records/shop.order', { name: 'o', gift: 'x', ...values }), 201).body.data;
}

const patch = (id: unknown, values: unknown, as: Client = app.admin, query = ''): Promise<Answer> =>
  as.patch(`/api/records/shop.order/${String(id)}${query}`, values);

async function read(id: unknown, as: Client = app.admin): Promise<Loose> {
  return expectOk(await as.get(`/api/records/shop.order/${String(id)}`)).body.data;
}

const namesOf = (order: Loose): string[] => order.lines.map((line) => String(line.name));
const a = { name: 'a', quantity: 2, price: 10 };
const b = { name: 'b', quantity: 3, price: 5 };

it('creates lines with their record, in their order, and answers them with what they compute', async () => {
  const made = await create({ lines: [a, b] });
  expect(made.lines).toMatchObject([
    { name: 'a', quantity: 2, position: 1, subtotal: 20, version: 1 },
    { name: 'b', quantity: 3, position: 2, subtotal: 15 },
  ]);
  expect(Object.keys(made.lines.slice(0)[0])).not.toContain('order');
  expect(await read(made.id)).toMatchObject({ lines: made.lines });
});

it('takes the array of an answer back, changed: changes, adds, removes and orders', async () => {
  const made = await create({ lines: [a, b] });
  const [first, second] = made.lines as unknown as Loose[];
  const { body } = expectOk(
    await patch(made.id, {
      lines: [
        { ...second, quantity: 4 },
        { name: 'c', quantity: 1, price: 1 },
      ],
    }),
  );
  expect(body.data.lines).toMatchObject([
    { id: second.id, name: 'b', quantity: 4, position: 1, version: 2 },
    { name: 'c', position: 2 },
  ]);
  const gone = await app.admin.get(`/api/records/shop.orderLine/${String(first.id)}`);
  expect(gone.status).toBe(404);
  expect(body.data.version).toBe(2);
});

it('changes some lines and leaves the others by upsert and remove', async () => {
  const made = await create({ lines: [a, b] });
  const [first, second] = made.lines as unknown as Loose[];
  const changes = {
    upsert: [
      { id: second.id, name: 'bb' },
      { name: 'c', quantity: 1 },
    ],
    remove: [first.id],
  };
  const { body } = expectOk(await patch(made.id, { lines: changes }));
  expect(body.data.lines).toMatchObject([
    { id: second.id, name: 'bb', position: 2 },
    { name: 'c', position: 3 },
  ]);
});

it('leaves lines that do not change as they are', async () => {
  const made = await create({ lines: [a, b] });
  const { body } = expectOk(await patch(made.id, { lines: made.lines }));
  expect(body.data.lines.map((line) => Number(line.version))).toEqual([1, 1]);
});

it('tells findings of a line by its place, and writes nothing at all', async () => {
  const made = await create({ lines: [a] });
  const [first] = made.lines as unknown as Loose[];
  const answer = await patch(made.id, {
    note: 'changed',
    lines: [{ ...first, name: 'kept?' }, { quantity: 1 }, { name: 'x', quantity: -1, colour: 'red' }],
  });
  expect(answer.status).toBe(422);
  expect(
    answer.body.issues
      .map((issue) => `${String(issue.path)} ${String(issue.code)}`)
      .slice(0)
      .sort(),
  ).toEqual(['lines/1/name field.required', 'lines/2/colour field.unknown', 'lines/2/quantity field.too_small']);
  expect(await read(made.id)).toMatchObject({ note: null, version: 1, lines: [{ name: 'a' }] });
  const created = await app.admin.post('/api/records/shop.order', { name: 'o', gift: 'x', lines: [{ quantity: 1 }] });
  expect(created.body.issues).toMatchObject([{ path: 'lines/0/name', code: 'field.required' }]);
});

it('refuses the line of another record, an unknown one, one twice, and what is no line', async () => {
  const [one, other] = [await create({ lines: [a] }), await create({ lines: [b] })];
  const [foreign] = other.lines as unknown as Loose[];
  const refused = async (lines: unknown): Promise<string> => {
    const answer = await patch(one.id, { lines });
    return `${answer.status} ${String(answer.body.issues.slice(0)[0].path)} ${String(answer.body.issues.slice(0)[0].code)}`;
  };
  expect(await refused([{ id: foreign.id, name: 'stolen' }])).toBe('422 lines/0/id lines.not_found');
  expect(await refused({ remove: [foreign.id] })).toBe('422 lines/remove/0 lines.not_found');
  expect(await refused([{ id: foreign.id }, { id: foreign.id }])).toBe('422 lines lines.twice');
  expect(await refused('a')).toMatch(/^422 lines field\./);
  expect(await refused([{ name: 'x', order: other.id }])).toBe('422 lines/0/order lines.link');
  expect(namesOf(await read(other.id))).toEqual(['b']);
});

it('judges rules over lines and rollups after the lines are written', async () => {
  const bare = await app.admin.post('/api/records/shop.order', { name: 'w', gift: 'x', stage: 'won' });
  expect(bare.body.issues).toMatchObject([{ code: 'rule.broken', params: { rule: 'needs-lines' } }]);
  const won = await create({ stage: 'won', lines: [a] });
  const emptied = await patch(won.id, { lines: [] });
  expect(emptied.body.issues).toMatchObject([{ code: 'rule.broken', params: { rule: 'needs-lines' } }]);
  expect(namesOf(await read(won.id))).toEqual(['a']);
});

it('writes nothing in a dry run, and answers what would stand', async () => {
  const made = await create({ lines: [a] });
  const { body } = expectOk(await patch(made.id, { lines: [b] }, app.admin, '?dryRun=true'));
  expect(namesOf(body.data)).toEqual(['b']);
  expect(namesOf(await read(made.id))).toEqual(['a']);
});

it('refuses a stale version of the record before any line is touched', async () => {
  const made = await create({ lines: [a] });
  expectOk(await patch(made.id, { note: 'n' }));
  const stale = await app.admin.patch(
    `/api/records/shop.order/${String(made.id)}`,
    { lines: [] },
    { 'if-match': '"1"' },
  );
  expect(stale.status).toBe(412);
  expect(namesOf(await read(made.id))).toEqual(['a']);
});

it('lets through only what the writer may do with lines themselves', async () => {
  const made = await create({ lines: [a] });
  const owner = await app.member({ roles: ['shop.owner'] });
  const own = await create({}, owner);
  const denied = await patch(own.id, { lines: [a] }, owner);
  expect([denied.status, denied.body.code]).toEqual([403, 'access.denied']);
  const clerk = await app.member({ roles: ['shop.clerk'] });
  expectOk(await patch(made.id, { lines: { upsert: [b], remove: [] } }, clerk));
  expect(namesOf(await read(made.id))).toEqual(['a', 'b']);
});

it('shows lines in a list only where they are asked for, with the fields asked for', async () => {
  const made = await create({ name: 'listed', lines: [a, b] });
  const list = async (query: string): Promise<Loose> => {
    const filter = encodeURIComponent(`id == '${String(made.id)}'`);
    return expectOk(await app.admin.get(`/api/records/shop.order?filter=${filter}${query}`)).body.data.slice(
      0,
    )[0] as Loose;
  };
  expect(Object.keys(await list(''))).not.toContain('lines');
  expect((await list('&fields=name,lines.name,lines.subtotal')).lines).toEqual([
    { id: expect.any(String), name: 'a', subtotal: 20 },
    { id: expect.any(String), name: 'b', subtotal: 15 },
  ]);
});

it('filters by lines: how many there are', async () => {
  const made = await create({ name: 'three', lines: [a, b, a] });
  const filter = encodeURIComponent('size(lines) == 3');
  const { body } = expectOk(await app.admin.get(`/api/records/shop.order?filter=${filter}&fields=id`));
  expect(body.data).toEqual([{ id: made.id }]);
});

it('takes lines in bulk, and refuses only the rows at fault', async () => {
  const rows = [
    { name: 'bulk 1', gift: 'x', lines: [a, b] },
    { name: 'bulk 2', gift: 'x', lines: [{ quantity: 1 }] },
    { name: 'bulk 3', gift: 'x', lines: [b] },
  ];
  const { body } = expectOk(await app.admin.post('/api/records/shop.order/bulk?mode=create&atomic=false', rows));
  const results = (body.data ?? body) as unknown as Loose;
  expect(JSON.stringify(results)).toContain('lines/0/name');
  const filter = encodeURIComponent("STARTS_WITH(name, 'bulk')");
  const { body: found } = expectOk(
    await app.admin.get(`/api/records/shop.order?filter=${filter}&sort=name&fields=name,lines.name`),
  );
  expect(found.data.map((row) => [String(row.name), namesOf(row)])).toEqual([
    ['bulk 1', ['a', 'b']],
    ['bulk 3', ['b']],
  ]);
});

it('gives each line its own history and version, and takes lines away and back with their record', async () => {
  const made = await create({ lines: [a] });
  const [line] = made.lines as unknown as Loose[];
  expectOk(await patch(made.id, { lines: [{ id: line.id, quantity: 9 }] }));
  const history = expectOk(await app.admin.get(`/api/records/shop.orderLine/${String(line.id)}/history`));
  expect(history.body.data).toMatchObject([{ changes: [{ field: 'quantity', before: 2, after: 9 }] }]);
  expectOk(await app.admin.delete(`/api/records/shop.order/${String(made.id)}`), 204);
  expect((await app.admin.get(`/api/records/shop.orderLine/${String(line.id)}`)).status).toBe(404);
  expectOk(await app.admin.post(`/api/records/shop.order/${String(made.id)}/restore`));
  expect(namesOf(await read(made.id))).toEqual(['a']);
});

it('brings back of records that were deleted at once the one that is asked for, with its lines', async () => {
  const pair = [await create({ lines: [a] }), await create({ lines: [b] })];
  const rows = pair.map(({ id }) => ({ id }));
  expectOk(await app.admin.post('/api/records/shop.order/bulk?mode=delete', rows));
  const at = ({ id }: Loose, line: Loose): Promise<number[]> =>
    Promise.all([`shop.order/${String(id)}`, `shop.orderLine/${String(line.id)}`].map((path) => statusOf(path)));
  const [[first], [second]] = pair.map(({ lines }) => lines as unknown as Loose[]);
  expectOk(await app.admin.post(`/api/records/shop.order/${String(pair[1].id)}/restore`));
  expect([await at(pair[0], first), await at(pair[1], second)]).toEqual([
    [404, 404],
    [200, 200],
  ]);
  expectOk(await app.admin.post(`/api/records/shop.order/${String(pair[0].id)}/restore`));
  expect(await at(pair[0], first)).toEqual([200, 200]);
});

const statusOf = async (path: string): Promise<number> => (await app.admin.get(`/api/records/${path}`)).status;

it('changes and takes away only lines that the writer could change and take away by themselves', async () => {
  const none = { create: false, update: 'none', delete: 'none', purge: false, import: false, export: false };
  const grants = [
    { ...none, entity: '*', read: 'all' },
    { ...none, entity: 'shop.order', read: 'all', update: 'all' },
    { ...none, entity: 'shop.orderLine', read: 'all', create: true, update: 'own', delete: 'own' },
  ];
  const role = { op: 'set', type: 'role', id: 'x.packer', at: '', value: { title: 'Packer', grants } };
  expectOk(await applyChange(app.admin, [role]));
  const packer = await app.member({ roles: ['x.packer'] });
  // Lines have no owner, so that "own" reaches none of them.
  const made = await create({ lines: [a, b] });
  const [first, second] = made.lines as unknown as Loose[];
  const codes = ({ status, body }: Answer): unknown => [status, body.issues?.map(({ path, code }) => [path, code])];
  const change = (id: unknown) => ({ lines: { upsert: [{ id, quantity: 7 }] } });
  const remove = (id: unknown) => ({ lines: { remove: [id] } });
  expect(codes(await patch(made.id, change(first.id), packer))).toEqual([422, [['lines/upsert/0', 'access.denied']]]);
  expect(codes(await patch(made.id, remove(first.id), packer))).toEqual([422, [['lines', 'access.denied']]]);
  expect(codes(await patch(made.id, { lines: [first] }, packer))).toEqual([422, [['lines', 'access.denied']]]);
  expectOk(await patch(made.id, { lines: [first, second, { name: 'c', quantity: 1, price: 1 }] }, packer));
  expectOk(await applyChange(app.admin, [{ ...role, at: '/grants/shop.orderLine/delete', value: 'none' }]));
  expect(codes(await patch(made.id, { lines: [] }, packer))).toEqual([403, undefined]);
  expect((await read(made.id)).lines).toMatchObject([{ name: 'a', quantity: 2 }, { name: 'b' }, { name: 'c' }]);
});

it('does not show lines to whom the link is hidden by which they are its', async () => {
  const all = { create: false, read: 'all', update: 'none', delete: 'none' };
  const grants = [
    { entity: 'shop.order', ...all },
    { entity: 'shop.orderLine', ...all },
  ];
  const fields = [{ entity: 'shop.orderLine', field: 'order', access: 'none' }];
  const role = { op: 'set', type: 'role', id: 'x.unlinked', at: '', value: { title: 'Unlinked', grants, fields } };
  expectOk(await applyChange(app.admin, [role]));
  const unlinked = await app.member({ roles: ['x.unlinked'] });
  const { id } = await create({ lines: [a] });
  expect(await read(id, unlinked)).not.toHaveProperty('lines');
  expectOk(await applyChange(app.admin, [{ ...role, at: '/fields', value: [] }]));
  expect(namesOf(await read(id, unlinked))).toEqual(['a']);
});
