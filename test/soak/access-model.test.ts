import { compare } from '../support/access-compare.js';
import { randomOf, randomWorld } from '../support/access-random.js';
import { openStage } from '../support/access-world.js';
import { seed } from '../support/property-seed.js';

/** Worlds in all; fewer by SOAK_ACCESS_WORLDS. */
const worlds = Number(process.env.SOAK_ACCESS_WORLDS ?? 2_000);
/** Every so manieth world is published and asked over HTTP, record by record. */
const overHttp = 25;
/** Databases that take the worlds in turn: while one answers, the other is asked. */
const lanes = 2;

test(`what each person sees and may do is what the rules say, in ${worlds} small worlds`, async () => {
  let compared = 0;
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      const stage = await openStage();
      try {
        for (let n = lane; n < worlds; n += lanes) {
          const random = randomOf(seed + 1_000 + n);
          const way = n % overHttp === 0 ? 'http' : 'kernel';
          const outcome = await compare(stage, randomWorld(stage, random), random, way);
          if (outcome.found.length > 0)
            throw new Error(`seed ${seed + 1_000 + n}, ${way}:\n${outcome.found.slice(0, 12).join('\n')}`);
          compared += outcome.compared;
        }
      } finally {
        await stage.stop();
      }
    }),
  );
  process.stdout.write(`${worlds} worlds from seed ${seed + 1_000}: ${compared} answers as the rules say\n`);
  expect(compared).toBeGreaterThan(worlds * 100);
}, 36_000_000);
