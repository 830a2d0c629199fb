import { DATABASE, type Database } from '../../core/storage/index.js';
import type { Tx } from '../../core/sdk/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, until } from '../support/client.js';

let app: TestApp;
let db: Database;
let path: string;

beforeAll(async () => {
  app = await startApp();
  db = app.app.get<Database>(DATABASE);
  const { data } = expectOk(await app.admin.post('/api/records/contacts.company', { name: 'Acme' }), 201).body;
  path = `/api/records/contacts.company/${String(data.id)}`;
});

afterAll(() => app.stop());

/** Who waits for an advisory lock of this database; the other databases of the server are other tests'. */
const waiting = `select pid from pg_locks where locktype = 'advisory' and not granted
  and database = (select oid from pg_database where datname = current_database())`;

/** Runs `change` as a catalog apply would: alone, while the request waits for the shared lock. */
async function whileItWaits<T>(request: () => Promise<T>, change: (tx: Tx) => Promise<unknown>): Promise<T> {
  let answer: Promise<T> | null = null;
  await db.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtext('trellis.catalog'))`);
    answer = request();
    await until(
      () => db.query({ text: `select 1 where exists (${waiting})`, values: [] }),
      (rows) => rows.length > 0,
    );
    await change(tx);
  });
  return answer as unknown as Promise<T>;
}

const count = async (code: string): Promise<number> => {
  const [row] = await db.query<{ n: number }>({
    text: 'select count(*)::integer as n from data.core__currency where code = $1',
    values: [code],
  });
  return row.n;
};
const currency = (code: string) => ({ code, name: 'Test currency', symbol: 'X', decimals: 2 });
const newEpoch = (tx: Tx) => tx.query('update trellis.epoch set catalog_epoch = catalog_epoch + 1');

test('a write that waited for an apply is made anew for the new catalog, and written once', async () => {
  const { queryAfter } = db;
  let sent = 0;
  db.queryAfter = (first, statement) => (sent++, queryAfter.call(db, first, statement) as never);
  try {
    const answer = await whileItWaits(() => app.admin.post('/api/records/core.currency', currency('XTA')), newEpoch);
    expectOk(answer, 201);
    expect(sent).toBe(2);
    expect(await count('XTA')).toBe(1);
    sent = 0;
    const patched = await whileItWaits(() => app.admin.patch(path, { description: 'waited' }), newEpoch);
    expect(expectOk(patched, 200).body.data).toMatchObject({ description: 'waited', version: 2 });
    expect(sent).toBe(2);
  } finally {
    db.queryAfter = queryAfter;
  }
});

test('a write whose column went while it waited is a finding, not a fault', async () => {
  const answer = await whileItWaits(
    () => app.admin.post('/api/records/core.currency', currency('XTB')),
    async (tx) => {
      await tx.query('alter table data.core__currency rename column symbol to gone');
      await newEpoch(tx);
    },
  );
  // The catalog in this test did not change with the table: the long way meets the same column, and says so.
  expect(answer.status).toBe(500);
  await db.query({ text: 'alter table data.core__currency rename column gone to symbol', values: [] });
  expect(await count('XTB')).toBe(0);
  expectOk(await app.admin.post('/api/records/core.currency', currency('XTB')), 201);
});

test('who was locked out while the write waited writes nothing', async () => {
  const admin = await app.member({ roles: ['core.administrator'] });
  const answer = await whileItWaits(
    () => admin.post('/api/records/core.currency', currency('XTC')),
    (tx) =>
      tx.query('update trellis.credential set active = false, security_epoch = security_epoch + 1 where user_id = $1', [
        admin.id,
      ]),
  );
  expect(answer.status).toBe(401);
  expect(await count('XTC')).toBe(0);
});

test('a write whose connection is cut while it waits answers 503 and leaves nothing', async () => {
  const answer = await whileItWaits(
    () => app.admin.post('/api/records/core.currency', currency('XTD')),
    (tx) => tx.query(`select pg_terminate_backend(pid) from (${waiting}) w`),
  );
  expect(answer.status).toBe(503);
  expect(await count('XTD')).toBe(0);
  expectOk(await app.admin.post('/api/records/core.currency', currency('XTD')), 201);
});

test('of many changes that saw the same version one is taken', async () => {
  const { etag } = { etag: (await app.admin.get(path)).headers.get('etag') as string };
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, i) => app.admin.patch(path, { description: `by ${i}` }, { 'if-match': etag })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(11).fill(412)]);
});

test('a change to what stands already answers with the record as it is, and leaves no trace', async () => {
  const before = expectOk(await app.admin.get(path), 200).body.data;
  const history = (): Promise<number> =>
    app.admin.get(`${path}/history`).then((answer) => (answer.body.data as unknown as unknown[]).length);
  const entries = await history();
  const same = expectOk(await app.admin.patch(path, { description: before.description }), 200);
  expect(same.body.data).toEqual(before);
  expect(same.headers.get('etag')).toBe(`"${String(before.version)}"`);
  expect(await history()).toBe(entries);
});
