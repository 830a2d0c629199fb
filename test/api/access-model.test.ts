import { compare } from '../support/access-compare.js';
import { randomOf, randomWorld } from '../support/access-random.js';
import { openStage, type Stage } from '../support/access-world.js';
import { seed } from '../support/property-seed.js';

/** A sample of small worlds; the soak has thousands. */
const worlds = Number(process.env.WORLDS ?? 6);

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.stop());

test.each([
  ['kernel', worlds],
  ['http', 1],
] as const)('what each person sees and may do is what the rules say, by the doors of %s', async (way, count) => {
  for (let n = 0; n < count; n++) {
    const random = randomOf(seed + n);
    const { found, compared } = await compare(stage, randomWorld(stage, random), random, way);
    if (found.length > 0) throw new Error(`seed ${seed + n}:\n${found.slice(0, 12).join('\n')}`);
    expect(compared).toBeGreaterThan(100);
  }
});
