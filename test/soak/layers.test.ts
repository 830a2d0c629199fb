/** Random documents in all; fewer by SOAK_LAYERS. The tests themselves stand beside the rooms that they are about. */
process.env.TRELLIS_LAYER_RUNS = process.env.SOAK_LAYERS ?? '1000';

await import('../../core/schema/diff-document.test.js');
await import('../../core/schema/merge-upgrade.test.js');

export {};
