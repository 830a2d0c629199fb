import { createHash } from 'node:crypto';
import { limited } from '../base/errors.js';
import type { JobDefinition, RateLimit } from '../sdk/index.js';
import type { Database } from '../storage/index.js';

/** Counts one call of a door from an address, on all nodes together. Throws request.too_many. */
export async function countCall(
  database: Database,
  input: { door: string; address: string; limit: RateLimit; now: Date },
): Promise<void> {
  const key = createHash('sha256')
    .update(JSON.stringify([input.door, input.address]))
    .digest();
  const { limit, perSeconds } = input.limit;
  const [row] = await database.query<{ calls: number; until: Date }>({
    text: countText,
    values: [key, input.now, perSeconds],
  });
  if (row.calls <= limit) return;
  const retryAfterSeconds = Math.max(1, Math.ceil((row.until.getTime() - input.now.getTime()) / 1_000));
  throw limited('request.too_many', 'Too many requests from your address.', {
    hint: `Try again in ${retryAfterSeconds} seconds.`,
    params: { retryAfterSeconds },
  });
}

/** Forgets counters that no longer count, every hour. */
export function cleanCallsJob(database: Database): JobDefinition {
  return {
    name: 'core.clean-public-calls',
    schedule: '23 * * * *',
    run: async (ctx) => {
      await database.query({ text: 'delete from trellis.public_call where until < $1', values: [ctx.now()] });
    },
  };
}

const countText = `insert into trellis.public_call as c (key, calls, since, until)
values ($1, 1, $2, $2::timestamptz + make_interval(secs => $3))
on conflict (key) do update set
  calls = case when c.until <= $2 then 1 else c.calls + 1 end,
  since = case when c.until <= $2 then $2 else c.since end,
  until = case when c.until <= $2 then excluded.until else c.until end
returning calls, until`;
