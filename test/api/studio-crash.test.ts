import { startApp, startNode, testEnv } from '../support/app.js';
import { runDoctor } from '../support/crash-run.js';
import { spawnApp } from '../support/spawn-app.js';
import { crashWhileBuilding, neverStale } from '../support/studio-crash.js';

test('a server that is killed while it builds an index or fills a rollup goes on with it', async () => {
  const app = await spawnApp();
  try {
    await crashWhileBuilding(app, 2, 15_000);
  } finally {
    await app.stop();
  }
});

test('a node that has not heard of a change yet neither answers nor writes from before', async () => {
  const app = await startApp();
  const node = await startNode(app);
  try {
    await neverStale(app.admin, app.admin.at(node.url), 5);
    // A change that nobody is told of: the definitions are those of now as well.
    const [{ epoch }] = await app.db.query<{ epoch: string }>(
      `update trellis.epoch set catalog_epoch = catalog_epoch + 1 returning catalog_epoch as epoch`,
    );
    expect((await app.admin.at(node.url).get('/api/catalog')).body.data.epoch).toBe(Number(epoch));
    // Also where it never hears: what tells the nodes is cut off.
    await app.db.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen%'`,
    );
    await neverStale(app.admin, app.admin.at(node.url), 1, 'cut');
    expect((await runDoctor({ env: testEnv({}, app.db.url, app.dataDir) })).code).toBe(0);
  } finally {
    await node.stop();
    await app.stop();
  }
});
