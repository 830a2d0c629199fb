import type { Config } from '../base/config.js';
import { cronOfHours } from './back-up.js';

/** When backups are made by themselves. */
export interface BackupPlan {
  /** Null: never; `reason` says why. */
  readonly everyHours: number | null;
  /** Instant of the next one; null where there is none. */
  readonly next: string | null;
  /** `external-database`: a server of one's own has backups of its own; `off`: TRELLIS_BACKUP_HOURS is 0. */
  readonly reason: 'external-database' | 'off' | null;
}

/** What the settings say of scheduled backups, seen at an instant. */
export function backupPlan(config: Pick<Config, 'databaseUrl' | 'backupHours' | 'workspace'>, now: Date): BackupPlan {
  if (config.databaseUrl !== null) return { everyHours: null, next: null, reason: 'external-database' };
  if (config.backupHours === 0) return { everyHours: null, next: null, reason: 'off' };
  const next = nextMatch(cronOfHours(config.backupHours), config.workspace.zone, now);
  return { everyHours: config.backupHours, next: next?.toISOString() ?? null, reason: null };
}

/** Local clocks stand at quarters of an hour everywhere. */
const stepMs = 15 * 60_000;
const lookaheadMs = 32 * 24 * 3_600_000;

/** The next instant that one of our cron lines (minute 0; hour and day plain, `*` or a step) means in a zone. */
function nextMatch(cron: string, zone: string, now: Date): Date | null {
  const [, hour = '*', day = '*'] = cron.split(' ');
  const format = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const first = Math.floor(now.getTime() / stepMs) * stepMs + stepMs;
  for (let at = first; at < now.getTime() + lookaheadMs; at += stepMs) {
    const parts = format.formatToParts(at);
    const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
    if (part('minute') === 0 && fits(hour, part('hour'), 0) && fits(day, part('day'), 1)) return new Date(at);
  }
  return null;
}

function fits(pattern: string, value: number, from: number): boolean {
  if (pattern === '*') return true;
  return pattern.startsWith('*/') ? (value - from) % Number(pattern.slice(2)) === 0 : Number(pattern) === value;
}
