import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Loose } from '../support/client.js';

let app: TestApp;
let other: string;

beforeAll(async () => {
  app = await startApp();
  const made = await app.admin.post('/api/records/contacts.company', { name: 'Target' });
  other = String(expectOk(made, 201).body.data.id);
});
afterAll(() => app.stop());

interface KindCase {
  readonly kind: string;
  readonly x?: object;
  readonly more?: object;
  readonly value: unknown;
  /** CEL that finds the record; `f` stands for the field. */
  readonly filter?: string;
  /** What is read, where it is not what was written. */
  readonly read?: (value: Loose) => unknown;
}

const options = [
  { value: 'gold', title: 'Gold', color: 'amber' },
  { value: 'silver', title: 'Silver' },
];
const cases: readonly KindCase[] = [
  { kind: 'text', value: 'abc', filter: `f == 'abc'` },
  { kind: 'longText', value: 'long\ntext', filter: `f.contains('text')` },
  { kind: 'richText', value: '<p>rich</p>' },
  { kind: 'choice', x: { options }, value: 'gold', filter: `f == 'gold'` },
  { kind: 'multiChoice', x: { options }, value: ['gold', 'silver'], filter: `'silver' in f` },
  { kind: 'boolean', value: true, filter: 'f == true' },
  { kind: 'integer', value: 7, filter: 'f > 6' },
  { kind: 'decimal', value: 1.5, filter: 'f > 1.4', read: (value) => Number(value) === 1.5 },
  { kind: 'money', value: 12.5, filter: 'f >= 12.5', read: (value) => Number(value) === 12.5 },
  { kind: 'percent', value: 40, filter: 'f < 41', read: (value) => Number(value) === 40 },
  { kind: 'date', value: '2026-01-31', filter: `f == DATE(2026, 1, 31)` },
  { kind: 'dateTime', value: '2026-01-31T10:00:00.000Z' },
  { kind: 'duration', value: 90 },
  { kind: 'email', value: 'a@example.com', filter: `f == 'a@example.com'` },
  { kind: 'phone', value: '+4930123456' },
  { kind: 'url', value: 'https://example.com/' },
  { kind: 'address', value: { city: 'Berlin' }, filter: `f.city == 'Berlin'` },
  { kind: 'geo', value: { latitude: 52.5, longitude: 13.4 } },
  { kind: 'color', value: '#aabbcc' },
  { kind: 'rating', value: 4, filter: 'f == 4' },
  { kind: 'tags', value: ['a', 'b'], filter: `'a' in f` },
  { kind: 'json', value: { a: [1] } },
  {
    kind: 'link',
    x: { to: 'contacts.company' },
    value: 'other',
    filter: `f.name == 'Target'`,
    read: (value) => value.title,
  },
  {
    kind: 'links',
    x: { to: 'contacts.company' },
    value: { add: ['other'] },
    read: (value) => value.map(({ title }) => title),
  },
  {
    kind: 'anyLink',
    x: { to: ['contacts.company', 'contacts.contact'] },
    value: { entity: 'contacts.company', id: 'other' },
    read: (value) => value.title,
  },
  { kind: 'user', value: null },
];
const filled = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).replaceAll('"other"', JSON.stringify(other))) as unknown;

test.each(cases)('a field of kind $kind can be added, written, read and filtered at once', async (one) => {
  const key = `x_${one.kind}`;
  const property = { title: one.kind, ...one.more, 'x-field': { kind: one.kind, ...one.x } };
  const operations = [{ type: 'entity', id: 'contacts.company', op: 'set', at: `/properties/${key}`, value: property }];
  expectOk(await app.admin.post('/api/catalog/apply', { reason: `adds ${one.kind}`, operations }), 200);
  const value = filled(one.value);
  const made = expectOk(await app.admin.post('/api/records/contacts.company', { name: one.kind, [key]: value }), 201);
  const id = String(made.body.data.id);
  const read = expectOk(await app.admin.get(`/api/records/contacts.company/${id}`), 200).body.data[key];
  if (one.read) expect([true, 'Target', ['Target']]).toContainEqual(one.read(read));
  else expect(read).toEqual(value);
  if (one.filter) {
    const filter = encodeURIComponent(one.filter.replace(/\bf\b/g, key));
    const found = expectOk(await app.admin.get(`/api/records/contacts.company?filter=${filter}`), 200);
    expect(found.body.data.map((row) => row.id)).toEqual([id]);
  }
  const catalog = await app.admin.get('/api/catalog/entities/contacts.company');
  expect(catalog.body.data.fields.find((field) => String(field.key) === key)).toMatchObject({
    title: one.kind,
    kind: one.kind,
  });
});
