/** The instant at which a day (`2026-05-31`) begins in the reader's own zone; undefined where it is none. */
export function startOfDay(day: string): string | undefined {
  const at = /^\d{4}-\d\d-\d\d$/.test(day) ? new Date(`${day}T00:00`) : null;
  return at === null || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** The instant at which the day after a day begins. */
export function dayAfter(day: string): string | undefined {
  const start = startOfDay(day);
  if (start === undefined) return undefined;
  const next = new Date(start);
  // By the calendar: a day in which the clocks change has no 24 hours.
  next.setDate(next.getDate() + 1);
  return next.toISOString();
}
