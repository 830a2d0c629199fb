import type { JobDefinition } from '../sdk/index.js';
import type { Database } from '../storage/index.js';
import { cleanAttempts } from './attempts.js';

/** The job that removes, each hour, sessions and keys whose time is over, and counters that no longer count. */
export function cleanIdentityJob(database: Database): JobDefinition {
  return {
    name: 'core.clean-sessions',
    schedule: '17 * * * *',
    async run(ctx) {
      const now = ctx.now();
      await database.query({ text: 'delete from trellis.session where expires_at < $1', values: [now] });
      await database.query({ text: 'delete from trellis.sign_in_link where expires_at < $1', values: [now] });
      await database.query({ text: 'delete from trellis.spent_challenge where until < $1', values: [now] });
      // A key past its end stays listed for a month, so that people see why their script stopped.
      await database.query({
        text: `delete from trellis.api_key where expires_at < $1::timestamptz - interval '30 days'`,
        values: [now],
      });
      await cleanAttempts(database);
    },
  };
}
