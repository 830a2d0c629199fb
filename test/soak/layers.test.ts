import { randomInt } from 'node:crypto';

/** Random documents in all; fewer by SOAK_LAYERS. The tests themselves stand beside the rooms that they are about. */
process.env.TRELLIS_LAYER_RUNS = process.env.SOAK_LAYERS ?? '1000';
// The soak looks elsewhere each time.
process.env.TRELLIS_PROPERTY_SEED ??= String(randomInt(2 ** 31));

await import('../../core/schema/diff-document.test.js');
await import('../../core/schema/merge-upgrade.test.js');
await import('../../core/schema/merge-upgrade-access.test.js');
