import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Answer, type Loose } from '../support/client.js';

let app: TestApp;
const path = '/api/records/contacts.company';

beforeAll(async () => {
  app = await startApp();
});

afterAll(() => app.stop());

const upsert = (rows: unknown[]) => app.admin.post(`${path}/bulk?mode=upsert&key=externalId&revive=true`, rows);
const bin = async (): Promise<string[]> =>
  (await app.admin.get(`${path}?deleted=only&fields=externalId`)).body.data.map((row) => String(row.externalId));

async function deleted(externalId: string, values: object = {}): Promise<string> {
  const row = { externalId, name: `Company ${externalId}`, ...values };
  const { data } = expectOk(await app.admin.post(path, row), 201).body;
  await app.admin.delete(`${path}/${String(data.id)}`);
  return String(data.id);
}

test('an upsert that revives a record reports it as updated, changed or not', async () => {
  const [same, other] = [await deleted('r-1'), await deleted('r-2')];
  const answer = await upsert([{ externalId: 'r-1' }, { externalId: 'r-2', name: 'Renamed' }]);
  expect(answer.body.data).toMatchObject([
    { row: 0, status: 'updated', id: same },
    { row: 1, status: 'updated', id: other },
  ]);
  expect(answer.body.summary).toMatchObject({ updated: 2, unchanged: 0 });
  expect(expectOk(await app.admin.get(`${path}/${other}`), 200).body.data).toMatchObject({ name: 'Renamed' });
  const again = await upsert([{ externalId: 'r-1' }]);
  expect(again.body.data).toMatchObject([{ status: 'unchanged' }]);
});

test('a row that is refused leaves its record in the recycle bin, and the others are written', async () => {
  await deleted('r-3');
  const answer = await upsert([
    { externalId: 'r-3', name: '' },
    { externalId: 'r-4', name: 'New' },
  ]);
  expect(answer.body.data).toMatchObject([{ status: 'refused', issues: [{ path: 'name' }] }, { status: 'created' }]);
  expect(await bin()).toEqual(['r-3']);
});

test('without revive the record stays where it is', async () => {
  const answer = await app.admin.post(`${path}/bulk?mode=upsert&key=externalId`, [{ externalId: 'r-3', name: 'X' }]);
  expect(answer.body.data).toMatchObject([{ status: 'refused', issues: [{ code: 'record.deleted' }] }]);
  expect(await bin()).toEqual(['r-3']);
});

test('records that were deleted together are revived by a row each', async () => {
  const ids = [];
  for (const externalId of ['r-5', 'r-6'])
    ids.push(String(expectOk(await app.admin.post(path, { externalId, name: externalId }), 201).body.data.id));
  const gone = ids.map((id) => ({ id }));
  expect((await app.admin.post(`${path}/bulk?mode=delete`, gone)).body.summary).toMatchObject({ deleted: 2 });
  const answer = await upsert([{ externalId: 'r-5' }, { externalId: 'r-6' }]);
  expect(answer.body.data.map((row) => row.status)).toEqual(['updated', 'updated']);
  expect(await bin()).toEqual(['r-3']);
});

test('a bulk of rows that are named is told as one by filter is, in its transaction', async () => {
  const told = async (kind: string, { headers }: Answer): Promise<Loose[]> => {
    const entries = expectOk(await app.admin.get(`/api/audit?kind=${kind}`)).body.data;
    return entries.filter(({ requestId }) => String(requestId) === headers.get('x-request-id'));
  };
  const what = { entity: 'contacts.company', filter: null, q: null, fields: ['name', 'website'] };
  const rows = [{ name: 'Row 1', website: 'https://example.com' }, { name: 'Row 2', nothing: 1 }, { name: 'Row 3' }];
  const made = expectOk(await app.admin.post(`${path}/bulk?mode=create`, rows));
  const [entry] = await told('records.bulk', made);
  expect(entry.payload).toEqual({ ...what, operation: 'create', matched: 3, changed: 2, refused: 1 });
  const ids = made.body.data.flatMap(({ id }) => (id ? [{ id: String(id) }] : []));
  const drop = async (): Promise<Answer> =>
    expectOk(await app.admin.post(`${path}/bulk?mode=delete`, ids, { 'idempotency-key': 'rows-1' }));
  const [gone, again] = [await drop(), await drop()];
  const [deleted] = await told('records.bulk', gone);
  expect(deleted.payload).toEqual({ ...what, fields: [], operation: 'delete', matched: 2, changed: 2, refused: 0 });
  expect((await told('records.bulk', again)).length).toBe(0);
  // One that is refused as a whole has changed nothing, and leaves nothing.
  const refused = await app.admin.post(`${path}/bulk?mode=create&atomic=true`, rows);
  expect([refused.status, (await told('records.bulk', refused)).length]).toEqual([422, 0]);
});
