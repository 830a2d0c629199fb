import { startPrivatePostgres } from '../support/private-postgres.js';
import { compareBackEnds } from '../support/expression-differential.js';

test('JavaScript and PostgreSQL agree on random expressions and records', async () => {
  const server = await startPrivatePostgres();
  try {
    const { compared, refused } = await compareBackEnds(server.url, { expressions: 400, rows: 12, seed: 20260329 });
    expect(compared).toBeGreaterThan(300);
    expect(refused).toBeLessThan(compared / 10);
  } finally {
    await server.stop();
  }
});
