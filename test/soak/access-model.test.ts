import { compare } from '../support/access-compare.js';
import { randomOf, randomWorld } from '../support/access-random.js';
import { openStage, type Stage } from '../support/access-world.js';
import { seed } from '../support/property-seed.js';

/** Worlds in all; fewer by SOAK_ACCESS_WORLDS. */
const worlds = Number(process.env.SOAK_ACCESS_WORLDS ?? 2_000);

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.stop());

test(`what each person sees and may do is what the rules say, in ${worlds} small worlds`, async () => {
  for (let n = 0; n < worlds; n++) {
    const random = randomOf(seed + 1_000 + n);
    const found = await compare(stage, randomWorld(stage, random), random);
    if (found.length > 0) throw new Error(`seed ${seed + 1_000 + n}:\n${found.slice(0, 12).join('\n')}`);
  }
  expect(worlds).toBeGreaterThan(0);
}, 36_000_000);
