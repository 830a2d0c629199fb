import { spawnApp } from './spawn-app.js';
import { until } from './client.js';
import { expectWhole, runDoctor, startLoad } from './crash-run.js';
import { startOwnPostgres } from './own-postgres.js';

/**
 * Takes PostgreSQL down and up `times` times while clients write: while it is away they get 503 problems, afterwards
 * none, and what was acknowledged stands. Every second time it crashes.
 */
export async function restartDatabaseUnderLoad(times: number): Promise<void> {
  const server = await startOwnPostgres();
  const shared = process.env.TEST_POSTGRES_URL;
  process.env.TEST_POSTGRES_URL = server.url;
  try {
    const app = await spawnApp();
    try {
      for (let n = 0; n < times; n++) {
        const load = startLoad(app, `r${n}`, true);
        await until(
          () => Promise.resolve(load.acknowledged.size),
          (n) => n > 10,
        );
        await server.down(n % 2 === 0 ? 'SIGINT' : 'SIGQUIT');
        const away = await app.admin.get('/api/records/contacts.company');
        expect([away.status, String(away.body.code)]).toEqual([503, 'database.unreachable']);
        expect(away.headers.get('content-type')).toContain('application/problem+json');
        expect((await app.anonymous.get('/api/health')).status).toBe(200);
        expect((await app.anonymous.get('/api/ready')).status).toBe(503);
        await pause(300);
        await server.up();
        // A server that answers again is used again at once.
        for (let i = 0; i < 20; i++)
          expect((await app.admin.get('/api/records/contacts.company?limit=1')).status).toBe(200);
        const before = load.acknowledged.size;
        await until(
          () => Promise.resolve(load.acknowledged.size),
          (n) => n > before,
        );
        await load.stop();
        await expectWhole(app, load, `r${n}`);
      }
      // Jobs go on as well: events of before and after are delivered.
      await until(
        async () => {
          const [row] = await app.db.query<{ n: string }>(
            `select count(*) as n from trellis.outbox where (xid, id) > (select xid, id from trellis.outbox_cursor where consumer = 'jobs')`,
          );
          return Number(row.n);
        },
        (waiting) => waiting === 0,
      );
      expect((await app.anonymous.get('/api/ready')).status).toBe(200);
      const { code, said } = await runDoctor(app);
      expect([code, said]).toEqual([0, expect.not.stringContaining('ERROR')]);
    } finally {
      await server.up();
      await app.stop();
    }
  } finally {
    process.env.TEST_POSTGRES_URL = shared;
    await server.stop();
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
