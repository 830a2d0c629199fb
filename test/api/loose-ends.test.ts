import { startApp, type TestApp } from '../support/app.js';
import { expectOk, until, type Answer } from '../support/client.js';
import { applyChange, companyField } from '../support/studio.js';

let app: TestApp;
const company = '/api/records/contacts.company';
const refusals = (answer: Answer): string[] =>
  (answer.body.issues as unknown as { path: string; code: string }[]).map(({ path, code }) => `${path} ${code}`);

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

describe('a default', () => {
  const withDefault = (key: string, kind: string, standard: unknown, x: object = {}) => ({
    ...companyField(key),
    value: { title: key, default: standard, 'x-field': { kind, ...x } },
  });

  it.each([
    ['integer', 'three'],
    ['integer', 1.5],
    ['boolean', 'yes'],
    ['text', 5],
    ['date', 'tomorrow'],
    ['email', 'nobody'],
    ['money', '12'],
  ])('that a field of kind %s cannot hold is refused by name: %j', async (kind, standard) => {
    const answer = await applyChange(app.admin, [withDefault('x_standard', kind, standard)]);
    expect([answer.status, answer.body.code]).toEqual([422, 'change.refused']);
    expect(refusals(answer)).toContain('entity:contacts.company#/properties/x_standard/default definition.bad_default');
  });

  it('that fits is taken and given to new records', async () => {
    const fitting = [
      withDefault('x_three', 'integer', 3),
      withDefault('x_day', 'date', '2024-02-29'),
      withDefault('x_on', 'boolean', false),
      withDefault('x_price', 'money', 12.5),
    ];
    expectOk(await applyChange(app.admin, fitting), 200);
    expect(expectOk(await app.admin.post(company, { name: 'A' }), 201).body.data).toMatchObject({
      x_three: 3,
      x_day: '2024-02-29',
      x_on: false,
      x_price: 12.5,
    });
  });
});

describe('a currency', () => {
  it('that there is not is refused by name, when a record is made and when it is changed', async () => {
    const made = await app.admin.post(company, { name: 'A', annualRevenue: 5, annualRevenueCurrency: 'QQQ' });
    expect([made.status, refusals(made)]).toEqual([422, ['annualRevenueCurrency field.unknown_currency']]);
    const { id } = expectOk(await app.admin.post(company, { name: 'A', annualRevenueCurrency: 'CHF' }), 201).body.data;
    const changed = await app.admin.patch(`${company}/${String(id)}`, { annualRevenueCurrency: 'QQQ' });
    expect([changed.status, refusals(changed)]).toEqual([422, ['annualRevenueCurrency field.unknown_currency']]);
  });

  it('that stands in the records of currencies is taken', async () => {
    expectOk(await app.admin.post('/api/records/core.currency', { name: 'Points', code: 'PTS' }), 201);
    expectOk(await app.admin.post(company, { name: 'A', annualRevenue: 5, annualRevenueCurrency: 'PTS' }), 201);
  });
});

it('an import is told that a plain field is not matched by anything', async () => {
  const options = { mapping: [{ column: 'name', field: 'name', matchBy: 'externalId' }] };
  const answer = await app.admin.upload('/api/imports', {
    content: 'name\nAcme\n',
    fileName: 'a.csv',
    fields: { entity: 'contacts.company', options: JSON.stringify(options) },
  });
  expect([answer.status, answer.body.code]).toEqual([422, 'import.match_of_no_link']);
});

it.each([
  ['emptied', { op: 'set', at: '/grants', value: [] }],
  ['narrowed', { op: 'set', at: '/grants/*/update', value: 'own' }],
])('the rights of administrators are not %s: nobody could set them back', async (_, operation) => {
  const answer = await applyChange(app.admin, [{ type: 'role', id: 'core.administrator', ...operation }]);
  expect([answer.status, answer.body.code]).toEqual([422, 'change.refused']);
  expect(refusals(answer)).toEqual(['role:core.administrator#/grants role.locked_out']);
});

it('records that stand when a field begins to count get their numbers, oldest first, those in the bin too', async () => {
  const contact = '/api/records/contacts.contact';
  const rows = [3, 1, 2].map((n) => ({ lastName: `n${n}`, createdAt: `2020-01-0${n}T00:00:00.000Z` }));
  expectOk(await app.admin.post(`${contact}/bulk?mode=create&systemFields=true`, rows), 200);
  const { data } = expectOk(await app.admin.get(`${contact}?filter=lastName=='n2'`)).body;
  const [{ id }] = data as unknown as { id: string }[];
  expectOk(await app.admin.delete(`${contact}/${id}`), 204);
  const count = {
    op: 'set',
    type: 'entity',
    id: 'contacts.contact',
    at: '/properties/x_no',
    value: { title: 'No', 'x-field': { kind: 'autoNumber', format: 'C-{000}' } },
  };
  expectOk(await applyChange(app.admin, [count]), 200);
  const numbers = () =>
    app.db.query<{ last_name: string; no: string | null }>(
      `select last_name, x__no as no from data.contacts__contact where last_name like 'n_' order by last_name`,
    );
  const filled = await until(numbers, (found) => found.every(({ no }) => no !== null), 60_000);
  expect(filled.map(({ last_name, no }) => `${last_name} ${no}`)).toEqual(['n1 C-001', 'n2 C-002', 'n3 C-003']);
  expect(expectOk(await app.admin.post(contact, { lastName: 'next' }), 201).body.data.x_no).toBe('C-004');

  // Gone and made anew, it counts from the beginning, and nothing of the old task is left.
  const gone = [
    { op: 'unset', type: 'entity', id: 'contacts.contact', at: '/properties/x_no' },
    { op: 'purge', type: 'entity', id: 'contacts.contact', at: '/properties/x_no' },
  ];
  for (const operation of gone) expectOk(await applyChange(app.admin, [operation]), 200);
  expect(await app.db.query(`select key from trellis.storage_task where kind = 'fill-number'`)).toEqual([]);
  expectOk(await applyChange(app.admin, [count]), 200);
  const anew = await until(numbers, (found) => found.every(({ no }) => no !== null), 60_000);
  expect(anew.map(({ no }) => no)).toEqual(['C-001', 'C-002', 'C-003']);
});
