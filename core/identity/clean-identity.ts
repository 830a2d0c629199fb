import type { JobDefinition } from '../sdk/index.js';
import type { Database } from '../storage/index.js';
import { cleanAttempts } from './attempts.js';

/** The job that removes, each hour, sessions and keys whose time is over, and counters that no longer count; and sessions in which nobody acts any more. */
export function cleanIdentityJob(database: Database): JobDefinition {
  return {
    name: 'core.clean-sessions',
    schedule: '17 * * * *',
    async run(ctx) {
      const now = ctx.now();
      await database.query({ text: 'delete from trellis.session where expires_at < $1', values: [now] });
      // What changed rights have ended is told as ended, not when its hour is over.
      await database.query({ text: endedActingText, values: [] });
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

const endedActingText = `delete from trellis.session h using trellis.credential a, trellis.credential c
where a.user_id = h.acting_user and c.user_id = h.user_id
  and not (a.active and c.active and a.security_epoch = h.acting_epoch and c.security_epoch = h.own_epoch)`;
