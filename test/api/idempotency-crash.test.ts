import { expectOk } from '../support/client.js';
import { spawnApp, type SpawnedApp } from '../support/spawn-app.js';

let app: SpawnedApp;

beforeAll(async () => {
  app = await spawnApp();
});

afterAll(() => app.stop());

const rows = Array.from({ length: 30_000 }, (_, i) => ({ name: `Company ${i}` }));
const send = () =>
  app.admin.post('/api/records/contacts.company/bulk?mode=create', rows, { 'idempotency-key': 'crash-1' });
const query = (text: string) => app.db.query<{ n: number }>(text);
const written = async (): Promise<number> =>
  Number((await query('select count(*)::integer as n from data.contacts__company'))[0].n);

test('a bulk whose server is killed in the middle is ended by a repeat, once, without a row written twice', async () => {
  const first = send().catch(() => null);
  for (let n = 0; n === 0; n = await written()) await new Promise((resolve) => setTimeout(resolve, 20));
  await app.kill();
  await first;
  const before = await written();
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(rows.length);
  await app.restart();

  // The claim of the dead process still looks alive, however long the restart took.
  await query('update trellis.idempotency set created_at = now() where response is null');
  expect(await send()).toMatchObject({ status: 409, body: { code: 'idempotency.running' } });
  await query(`update trellis.idempotency set created_at = created_at - interval '2 minutes' where response is null`);

  const repeats = await Promise.all([send(), send()]);
  expect(repeats.map(({ status }) => status).sort()).toEqual([200, 409]);
  const answer = repeats.find(({ status }) => status === 200);
  expect(answer?.body.summary).toMatchObject({ created: rows.length, refused: 0 });
  expect(await written()).toBe(rows.length);
  expect(answer?.body.data.map((row) => Number(row.row))).toEqual(rows.map((_, i) => i));

  const replay = await send();
  expect(replay.headers.get('idempotency-replayed')).toBe('true');
  expect(replay.text).toBe(answer?.text);
  expect(await written()).toBe(rows.length);
  expect(await query(`select route from trellis.idempotency where route like '%#%'`)).toEqual([]);
  const told = async (kind: string) => expectOk(await app.admin.get(`/api/audit?kind=${kind}`)).body.data;
  const [whole, ...others] = await told('records.bulk');
  expect(whole.payload).toMatchObject({ operation: 'create', matched: rows.length, changed: rows.length, refused: 0 });
  expect([others.length, (await told('records.bulkBegun')).length]).toEqual([0, 1]);
});
