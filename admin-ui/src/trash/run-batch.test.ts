import { runBatch } from './run-batch.js';

it('does all, and tells which failed', async () => {
  const result = await runBatch(
    [1, 2, 3, 4, 5],
    (item) => (item % 2 ? Promise.resolve() : Promise.reject(new Error(String(item)))),
    2,
  );
  expect([result.done, result.failed.map(({ item }) => item)]).toEqual([3, [2, 4]]);
});
it('runs no more at once than there are lanes', async () => {
  let [now, most] = [0, 0];
  await runBatch(
    [1, 2, 3, 4, 5, 6],
    async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 1));
      now--;
    },
    3,
  );
  expect(most).toBe(3);
});
