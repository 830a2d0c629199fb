import { crashUnderLoad, runDoctor } from '../support/crash-run.js';
import { spawnApp } from '../support/spawn-app.js';

/** Kills in all; fewer by SOAK_KILLS. */
const kills = Number(process.env.SOAK_KILLS ?? '50');

test(`${kills} times kill -9 under load: nothing acknowledged is lost, nothing is half`, async () => {
  const app = await spawnApp();
  try {
    const { acknowledged, bulks } = await crashUnderLoad(app, kills);
    expect(acknowledged).toBeGreaterThan(kills);
    expect(bulks).toBeGreaterThan(0);
    const { code, said } = await runDoctor(app);
    expect(said).not.toContain('ERROR');
    expect(code).toBe(0);
  } finally {
    await app.stop();
  }
}, 1_800_000);
