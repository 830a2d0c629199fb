const relative = /^@([+-]?\d{1,5})([mhdwMy])(?:T(\d\d):(\d\d))?$/;

/** True for a date relative to the day of seeding: `@-3d`, `@+2h`, `@-3dT09:30`. */
export function isRelativeDate(value: unknown): value is string {
  return typeof value === 'string' && relative.test(value);
}

/**
 * The instant that a relative date means: minutes, hours, days, weeks, months (M) or years from `now`; a time behind it
 * is taken in UTC on that day. Throws a RangeError where the text is none (see `isRelativeDate`).
 */
export function resolveRelativeDate(text: string, now: Date): Date {
  const match = relative.exec(text);
  if (!match) throw new RangeError(`"${text}" is not a relative date`);
  const amount = Number(match[1]);
  const at = new Date(now);
  const unit = match[2];
  if (unit === 'M') at.setUTCMonth(at.getUTCMonth() + amount);
  else if (unit === 'y') at.setUTCFullYear(at.getUTCFullYear() + amount);
  else at.setTime(at.getTime() + amount * unitMs[unit]);
  if (match[3] !== undefined) at.setUTCHours(Number(match[3]), Number(match[4]), 0, 0);
  else at.setUTCSeconds(0, 0);
  return at;
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
