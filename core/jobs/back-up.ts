import type { Ctx, JobDefinition, Json } from '../sdk/index.js';
import type { Backups, Database } from '../storage/index.js';
import { writeOutbox } from './outbox.js';

/** Name of the job that makes a backup, on demand and by the clock. */
export const backUpJobName = 'core.back-up';

/** Scheduled backups that are kept; those made by hand count too. */
const keep = 14;
/** Milliseconds between two words about the progress. */
const tellMs = 500;

/** Makes a backup and removes the oldest. Runs by the clock every `hours` (0: only when asked for). Tells administrators how far it is. */
export function backUpJob(db: Database, backups: Backups, hours: number): JobDefinition {
  return {
    name: backUpJobName,
    ...(hours > 0 ? { schedule: cronOfHours(hours) } : {}),
    async run(ctx) {
      const tell = teller(db, ctx);
      try {
        const made = await backups.create(tell.progress);
        await backups.prune(keep);
        await tell.say({ status: 'done', progress: 1, backup: made.name });
      } catch (error) {
        await tell.say({ status: 'failed' });
        throw error;
      }
    },
  };
}

/** The cron line nearest to "every so many hours": within a day at full hours, beyond it at three in the morning. */
export function cronOfHours(hours: number): string {
  if (hours < 24) return hours === 1 ? '0 * * * *' : `0 */${hours} * * *`;
  const days = Math.min(28, Math.round(hours / 24));
  return days === 1 ? '0 3 * * *' : `0 3 */${days} * *`;
}

function teller(db: Database, ctx: Ctx): { say(what: object): Promise<void>; progress(share: number): Promise<void> } {
  let told = 0;
  const say = (what: object): Promise<void> =>
    db.transaction((tx) =>
      writeOutbox(tx, [{ topic: 'backup.progress', payload: { id: ctx.requestId, ...what } as Json }]),
    );
  return {
    say,
    async progress(share) {
      ctx.signal.throwIfAborted();
      const now = ctx.now().getTime();
      if (now - told < tellMs) return;
      told = now;
      await say({ status: 'running', progress: Math.round(share * 1000) / 1000 });
    },
  };
}
