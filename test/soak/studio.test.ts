import { randomInt } from 'node:crypto';
import { startApp, startNode } from '../support/app.js';
import { applyOnTwoNodes, crashWhileApplying } from '../support/studio.js';
import { randomRoundTrip } from '../support/studio-round-trip.js';
import { spawnApp } from '../support/spawn-app.js';

test('200 random change sets go into another system as they are, and back to the start', async () => {
  const [here, there] = [await startApp(), await startApp()];
  const seed = randomInt(2 ** 31);
  try {
    await randomRoundTrip(here, there, seed, 200);
  } catch (error) {
    throw new Error(`seed ${seed}`, { cause: error });
  } finally {
    await here.stop();
    await there.stop();
  }
}, 1_800_000);

test('two nodes apply at once 200 times', async () => {
  const app = await startApp();
  const node = await startNode(app);
  try {
    await applyOnTwoNodes([app.admin, app.admin.at(node.url)], 'soak', 200);
  } finally {
    await node.stop();
    await app.stop();
  }
}, 1_800_000);

test('50 kills while applying', async () => {
  const app = await spawnApp();
  try {
    await crashWhileApplying(app, 50);
  } finally {
    await app.stop();
  }
}, 1_800_000);
