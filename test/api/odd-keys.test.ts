import { startApp, type TestApp } from '../support/app.js';
import { expectOk } from '../support/client.js';
import { applyChange } from '../support/studio.js';

/** Field keys that statements might take for names of their own. */
const keys = ['r', 'p', 't', 'q', 'i', 'b', 'x1', 'x2', 'bad', 'previous', 'count', 'data', 'ids', 'input'];
const field = { 'x-field': { kind: 'integer' } };
let app: TestApp;
const url = '/api/records/x.odd';

beforeAll(async () => {
  app = await startApp();
  const document = {
    $schema: '../schemas/entity.schema.json',
    $id: 'x.odd',
    title: 'Odd',
    type: 'object',
    properties: {
      name: { title: 'Name', type: 'string', 'x-field': { kind: 'text' } },
      other: { title: 'Other', 'x-field': { kind: 'link', to: 'x.odd' } },
      ...Object.fromEntries(keys.map((key) => [key, { title: key, ...field }])),
    },
    'x-entity': { titleField: 'name' },
  };
  expectOk(await applyChange(app.admin, [{ type: 'entity', id: 'x.odd', op: 'set', at: '', value: document }]));
});
afterAll(() => app.stop());

test('fields may be called as statements call their own parts', async () => {
  const values = Object.fromEntries(keys.map((key, i) => [key, i]));
  const first = expectOk(await app.admin.post(url, { name: 'one', ...values }), 201).body.data;
  const second = expectOk(await app.admin.post(url, { name: 'two', ...values, other: first.id }), 201).body.data;
  expect(second).toMatchObject(values);
  expect(
    expectOk(await app.admin.patch(`${url}/${String(second.id)}`, { previous: 70, bad: 71 })).body.data,
  ).toMatchObject({ previous: 70, bad: 71 });
  const changed = [
    { id: first.id, previous: 80, bad: 81, other: second.id },
    { id: second.id, previous: 82, r: 83 },
  ];
  expectOk(await app.admin.post(`${url}/bulk?mode=update`, changed));
  const list = expectOk(await app.admin.get(`${url}?sort=name&fields=name,other.x2,other.r,${keys.join(',')}`));
  expect(list.body.data).toMatchObject([
    { name: 'one', previous: 80, bad: 81, other: { title: 'two', x2: values.x2, r: 83 } },
    { name: 'two', previous: 82, r: 83 },
  ]);
  const asOf = await app.admin.get(`${url}/${String(second.id)}?asOf=${new Date().toISOString()}`);
  expect(expectOk(asOf).body.data).toMatchObject({ previous: 82, r: 83 });
  expectOk(await app.admin.get(`${url}/${String(second.id)}/history`));
  expectOk(await app.admin.get(`${url}/export?format=ndjson`));
});

test.each([
  ['a field that is called as a measure', { groupBy: [{ field: 'count' }], measures: [{ fn: 'count' }] }],
  [
    'two periods of one field',
    {
      groupBy: [
        { field: 'createdAt', bucket: 'year' },
        { field: 'createdAt', bucket: 'month' },
      ],
      measures: [{ fn: 'count' }],
    },
  ],
  ['a measure twice', { groupBy: [], measures: [{ fn: 'count' }, { fn: 'count' }] }],
])('%s is refused by name', async (_, query) => {
  const answer = await app.admin.post(`${url}/aggregate`, query);
  expect([answer.status, answer.body.code]).toEqual([422, 'query.same_name']);
});
