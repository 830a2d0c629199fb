import type { JobDefinition } from '../sdk/index.js';
import type { Database } from '../storage/index.js';

/** Days that a mail is remembered after its end, with its idempotency key; contents of those that were not sent go after a week. */
const keptDays = 90;
const contentDays = 7;

/** Forgets old mails, every night. */
export function cleanMailJob(database: Database): JobDefinition {
  return {
    name: 'core.clean-mail',
    schedule: '40 3 * * *',
    run: async (ctx) => {
      await database.query({
        text: `update trellis.mail set content = null
where state in ('failed', 'unknown', 'cancelled') and content is not null and created_at < $1::timestamptz - interval '${contentDays} days'`,
        values: [ctx.now()],
      });
      await database.query({
        text: `delete from trellis.mail
where state in ('sent', 'failed', 'unknown', 'cancelled') and created_at < $1::timestamptz - interval '${keptDays} days'`,
        values: [ctx.now()],
      });
    },
  };
}
