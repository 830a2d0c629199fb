import type { Tx } from '../../core/sdk/index.js';
import { DATABASE, type Database } from '../../core/storage/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk } from '../support/client.js';

let app: TestApp;
let sent: string[];

beforeAll(async () => {
  app = await startApp();
  sent = [];
  const db = app.app.get<Database>(DATABASE);
  const { query, transaction } = db;
  const note = (text: string): void => void (/\bdata\./.test(text) && sent.push(text));
  db.query = (statement) => {
    note(statement.text);
    return query.call(db, statement) as never;
  };
  db.transaction = (work, options) =>
    transaction.call(
      db,
      (tx: Tx, opened: Record<string, unknown>[]) =>
        work({ query: (text, values) => (note(text), tx.query(text, values)) }, opened),
      options,
    ) as never;
});

afterAll(() => app.stop());

const statementsOf = async (work: () => Promise<unknown>): Promise<number> => {
  sent.length = 0;
  await work();
  return sent.length;
};

test('every read is one statement: one record, a page with links and total, an aggregate, a search', async () => {
  const company = expectOk(await app.admin.post('/api/records/contacts.company', { name: 'Acme' }), 201).body.data;
  await app.admin.post('/api/records/contacts.contact', { lastName: 'Stone', company: company.id });
  const reads = [
    () => app.admin.get(`/api/records/contacts.company/${String(company.id)}`),
    () => app.admin.get('/api/records/contacts.contact?fields=fullName,company.name,companies,ownerId&count=exact'),
    () => app.admin.get('/api/records/contacts.contact?q=ston&sort=company.name'),
    () =>
      app.admin.post('/api/records/contacts.contact/aggregate', {
        groupBy: [{ field: 'company' }],
        measures: [{ fn: 'count' }],
      }),
  ];
  for (const read of reads) expect(await statementsOf(async () => expectOk(await read(), 200))).toBe(1);
});

test('a create without hooks is one statement beside those of its transaction', async () => {
  const create = () =>
    app.admin.post('/api/records/core.currency', { code: 'XTS', name: 'Test currency', symbol: 'X', decimals: 2 });
  expect(await statementsOf(async () => expectOk(await create(), 201))).toBe(1);
});

test('a bulk create of many rows is as many statements as one of two', async () => {
  const rows = (n: number, from: string) => Array.from({ length: n }, (_, i) => ({ name: `${from} ${i}` }));
  const bulk = (n: number, from: string) =>
    statementsOf(async () =>
      expectOk(await app.admin.post('/api/records/contacts.company/bulk?mode=create', rows(n, from)), 200),
    );
  expect(await bulk(150, 'many')).toBe(await bulk(2, 'few'));
});
