import { startApp, startNode, testEnv } from '../support/app.js';
import { runDoctor } from '../support/crash-run.js';
import { spawnApp } from '../support/spawn-app.js';
import { crashWhileBuilding, neverStale } from '../support/studio-crash.js';

/** Kills and rounds in all; fewer by SOAK_STUDIO_KILLS. */
const times = Number(process.env.SOAK_STUDIO_KILLS ?? '50');

test(`${times} kills while indexes are built and rollups filled`, async () => {
  const app = await spawnApp();
  try {
    await crashWhileBuilding(app, times);
  } finally {
    await app.stop();
  }
}, 3_600_000);

test(`${times} times no answer from a stale catalog`, async () => {
  const app = await startApp();
  const node = await startNode(app);
  try {
    await neverStale(app.admin, app.admin.at(node.url), times);
    expect((await runDoctor({ env: testEnv({}, app.db.url, app.dataDir) })).code).toBe(0);
  } finally {
    await node.stop();
    await app.stop();
  }
}, 1_800_000);
