import { setImmediate } from 'node:timers';
import type { Ctx } from '../../sdk/index.js';
import { deadlineIn } from './deadline.js';

const asked = (signal: AbortSignal): Ctx => ({ signal }) as Ctx;

test('nothing is left when time is over, or as soon as whoever asked has gone', async () => {
  const gone = new AbortController();
  const deadline = deadlineIn(asked(gone.signal), 3_600_000);
  expect([deadline.leftMs() > 0, await deadline.isOver()]).toEqual([true, false]);
  gone.abort();
  expect([deadline.leftMs(), await deadline.isOver()]).toEqual([0, true]);
  expect(await deadlineIn(asked(new AbortController().signal), 0).isOver()).toBe(true);
});

test('others have their turn whenever it is looked at', async () => {
  let turns = 0;
  setImmediate(() => turns++);
  await deadlineIn(asked(new AbortController().signal), 3_600_000).isOver();
  expect(turns).toBe(1);
});
