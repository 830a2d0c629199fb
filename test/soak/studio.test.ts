import { randomInt } from 'node:crypto';
import { startApp, startNode } from '../support/app.js';
import { applyOnTwoNodes, crashWhileApplying } from '../support/studio.js';
import { randomRoundTrip } from '../support/studio-round-trip.js';
import { spawnApp } from '../support/spawn-app.js';

/** Change sets and rounds in all, and a quarter as many kills; fewer by SOAK_STUDIO. */
const times = Number(process.env.SOAK_STUDIO ?? '200');
const kills = Math.ceil(times / 4);

test(`${times} random change sets go into another system as they are, and back to the start`, async () => {
  const [here, there] = [await startApp(), await startApp()];
  const seed = randomInt(2 ** 31);
  try {
    await randomRoundTrip(here, there, seed, times);
  } catch (error) {
    throw new Error(`seed ${seed}`, { cause: error });
  } finally {
    await here.stop();
    await there.stop();
  }
}, 1_800_000);

test(`two nodes apply at once ${times} times`, async () => {
  const app = await startApp();
  const node = await startNode(app);
  try {
    await applyOnTwoNodes([app.admin, app.admin.at(node.url)], 'soak', times);
  } finally {
    await node.stop();
    await app.stop();
  }
}, 1_800_000);

test(`${kills} kills while applying`, async () => {
  const app = await spawnApp();
  try {
    await crashWhileApplying(app, kills);
  } finally {
    await app.stop();
  }
}, 1_800_000);
