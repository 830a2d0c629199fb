import { randomInt } from 'node:crypto';
import { randomUpgrades } from '../support/upgrade-run.js';

/** Plugins in all; fewer by SOAK_UPGRADES. */
const times = Number(process.env.SOAK_UPGRADES ?? '50');

test(`${times} plugins go through four versions under local changes`, async () => {
  for (let i = 0; i < times; i++) {
    const seed = randomInt(2 ** 31);
    try {
      await randomUpgrades(seed, 4);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
}, 3_600_000);
