import { crashUnderLoad, runDoctor } from '../support/crash-run.js';
import { spawnApp, type SpawnedApp } from '../support/spawn-app.js';
import { until } from '../support/client.js';

let app: SpawnedApp;
beforeAll(async () => {
  app = await spawnApp();
});
afterAll(() => app?.stop());

// The full count is in test/soak/crash.test.ts.
test('kill -9 under load: what was acknowledged stands, nothing is half, a repeat counts once', async () => {
  const { acknowledged } = await crashUnderLoad(app, 3);
  expect(acknowledged).toBeGreaterThan(10);
});

test('events of before the crash are delivered, and the doctor finds nothing', async () => {
  const waiting = async (): Promise<number> => {
    const [row] = await app.db.query<{ n: string }>(
      `select count(*) as n from trellis.outbox where (xid, id) > (select xid, id from trellis.outbox_cursor where consumer = 'jobs')`,
    );
    return Number(row.n);
  };
  expect(await until(waiting, (n) => n === 0)).toBe(0);
  const { code, said } = await runDoctor(app);
  expect(said).not.toMatch(/ERROR|warning/);
  expect(code).toBe(0);
});
