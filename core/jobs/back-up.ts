import type { JobDefinition } from '../sdk/index.js';
import type { Backups } from '../storage/index.js';

/** Scheduled backups that are kept; those made by hand count too. */
const keep = 14;

/** Makes a backup and removes the oldest. Runs by the clock every `hours` (0: only when asked for). */
export function backUpJob(backups: Backups, hours: number): JobDefinition {
  return {
    name: 'core.back-up',
    ...(hours > 0 ? { schedule: cronOfHours(hours) } : {}),
    async run() {
      await backups.create();
      await backups.prune(keep);
    },
  };
}

/** The cron line nearest to "every so many hours": within a day at full hours, beyond it at three in the morning. */
export function cronOfHours(hours: number): string {
  if (hours < 24) return hours === 1 ? '0 * * * *' : `0 */${hours} * * *`;
  const days = Math.min(28, Math.round(hours / 24));
  return days === 1 ? '0 3 * * *' : `0 3 */${days} * *`;
}
