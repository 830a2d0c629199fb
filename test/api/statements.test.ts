import type { Tx } from '../../core/sdk/index.js';
import { DATABASE, type Database } from '../../core/storage/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk } from '../support/client.js';

let app: TestApp;
let sent: string[];
/** Transactions with an opening and a commit of their own. */
let opened = 0;

beforeAll(async () => {
  app = await startApp();
  sent = [];
  const db = app.app.get<Database>(DATABASE);
  const { query, queryAfter, transaction } = db;
  const note = (text: string): void => void (/\bdata\./.test(text) && sent.push(text));
  db.query = (statement) => {
    note(statement.text);
    return query.call(db, statement) as never;
  };
  db.queryAfter = (first, statement) => {
    note(statement.text);
    return queryAfter.call(db, first, statement) as never;
  };
  db.transaction = (work, options) => {
    if (options?.opening !== undefined) opened++;
    return transaction.call(
      db,
      (tx: Tx, opened: Record<string, unknown>[]) =>
        work({ query: (text, values) => (note(text), tx.query(text, values)) }, opened),
      options,
    ) as never;
  };
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
  // What PostgreSQL knows of common words is asked once in ten minutes.
  await app.admin.get('/api/records/contacts.contact?q=ston');
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

test('a create without hooks is one statement and one round trip, and opens no transaction beside it', async () => {
  const create = () =>
    app.admin.post('/api/records/core.currency', { code: 'XTS', name: 'Test currency', symbol: 'X', decimals: 2 });
  opened = 0;
  expect(await statementsOf(async () => expectOk(await create(), 201))).toBe(1);
  expect(opened).toBe(0);
});

test('a bulk create of many rows is as many statements as one of two', async () => {
  const rows = (n: number, from: string) => Array.from({ length: n }, (_, i) => ({ name: `${from} ${i}` }));
  const bulk = (n: number, from: string) =>
    statementsOf(async () =>
      expectOk(await app.admin.post('/api/records/contacts.company/bulk?mode=create', rows(n, from)), 200),
    );
  expect(await bulk(150, 'many')).toBe(await bulk(2, 'few'));
});

test('an update that no hook or rule cares for is one statement; the answer, version and history are those of the long way', async () => {
  const company = expectOk(
    await app.admin.post('/api/records/contacts.company', { name: 'Acme', description: 'old' }),
    201,
  ).body.data;
  const path = `/api/records/contacts.company/${String(company.id)}`;
  let answer = await app.admin.get(path);
  expect(
    await statementsOf(async () => (answer = expectOk(await app.admin.patch(path, { description: 'new' }), 200))),
  ).toBe(1);
  expect(answer.body.data).toMatchObject({ description: 'new', name: 'Acme', version: 2 });
  const history = expectOk(await app.admin.get(`${path}/history`), 200).body.data;
  expect(history[0 as never]).toMatchObject({
    version: 2,
    operation: 'update',
    changes: [{ field: 'description', before: 'old', after: 'new' }],
  });
});

test('the short way of an update keeps its refusals', async () => {
  const company = expectOk(await app.admin.post('/api/records/contacts.company', { name: 'Acme' }), 201).body.data;
  const path = `/api/records/contacts.company/${String(company.id)}`;
  const other = await app.member();
  expect((await other.patch(path, { description: 'mine' })).status).toBe(404);
  expect((await app.admin.patch(path, { description: 'x' }, { 'if-match': '"7"' })).status).toBe(412);
  expect((await app.admin.patch(path, { description: 5 })).status).toBe(422);
  const same = expectOk(await app.admin.patch(path, { description: null }), 200);
  expect(same.body.data).toMatchObject({ version: 1 });
});
