/** Rows of the large table; fewer by SOAK_CONVERSION_ROWS. The test itself stands with the others of its kind. */
process.env.TRELLIS_CONVERSION_ROWS = process.env.SOAK_CONVERSION_ROWS ?? '200000';

await import('../api/storage-conversion.test.js');

export {};
