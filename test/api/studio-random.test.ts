import { startApp, type TestApp } from '../support/app.js';
import { randomRoundTrip } from '../support/studio-round-trip.js';
import { crashWhileApplying } from '../support/studio.js';
import { spawnApp } from '../support/spawn-app.js';

test('any sequence of Studio operations goes into another system as it is, and back to the start', async () => {
  const apps: TestApp[] = [await startApp(), await startApp()];
  try {
    await randomRoundTrip(apps[0], apps[1], 20261122, 20);
  } finally {
    for (const app of apps) await app.stop();
  }
});

test('a server that is killed while it applies starts before or after, never between', async () => {
  const app = await spawnApp();
  try {
    expect(await crashWhileApplying(app, 2)).toBeGreaterThan(0);
  } finally {
    await app.stop();
  }
});
