/** All hostile names at all places; the test itself stands with the others of its kind. */
process.env.TRELLIS_EVERY_NAME = '1';

await import('../api/studio-names.test.js');

export {};
