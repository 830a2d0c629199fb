import { createImport, finished } from '../support/imports.js';
import { spawnApp, type SpawnedApp } from '../support/spawn-app.js';
import { until } from '../support/client.js';

const ROWS = 30_000;
let app: SpawnedApp;
beforeAll(async () => {
  app = await spawnApp();
});
afterAll(() => app?.stop());

describe('an import whose process is killed', () => {
  it('goes on after the restart, with no row lost and none twice', async () => {
    const content = [
      'externalId,name,employees',
      ...Array.from({ length: ROWS }, (_, n) => `k-${n},Killed ${n},${n}`),
    ].join('\n');
    const made = await createImport(app.admin, { entity: 'contacts.company', content, options: { mode: 'create' } });
    const id = String(made.id);
    await app.admin.post(`/api/imports/${id}/start`);
    for (let kill = 1; kill <= 2; kill++) {
      const goal = (ROWS / 8) * kill;
      const state = await until(
        () => app.admin.get(`/api/imports/${id}`),
        ({ body }) => Number(body.data.done) >= goal,
      );
      expect(state.body.data.status).toBe('running');
      await app.kill();
      await app.restart();
    }
    expect(await finished(app.admin, id)).toMatchObject({
      status: 'done',
      done: ROWS,
      created: ROWS,
      refused: 0,
    });
    const [count] = await app.db.query<{ n: string; d: string }>(
      `select count(*) as n, count(distinct external_id) as d from data.contacts__company where external_id like 'k-%'`,
    );
    expect([Number(count.n), Number(count.d)]).toEqual([ROWS, ROWS]);
    const [traces] = await app.db.query<{ n: string }>(
      'select count(*) as n from trellis.import_row where import_id = $1',
      [id],
    );
    expect(Number(traces.n)).toBe(ROWS);
  });
});
