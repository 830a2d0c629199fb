import type { JobDefinition } from '../sdk/index.js';
import type { Database } from '../storage/index.js';

/** Days that a notification is kept. */
const keptDays = 90;

/** Forgets old notifications, every night. */
export function cleanNotificationsJob(database: Database): JobDefinition {
  return {
    name: 'core.clean-notifications',
    schedule: '50 3 * * *',
    run: async (ctx) => {
      await database.query({
        text: `delete from trellis.notification where created_at < $1::timestamptz - interval '${keptDays} days'`,
        values: [ctx.now()],
      });
    },
  };
}
