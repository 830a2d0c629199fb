/** Epoch milliseconds of a wall-clock time (given as if it were UTC) in an IANA zone. In a gap the clock has moved on; of two the first. */
export function zonedToUtc(wallMs: number, zone: string): number {
  if (zone === 'UTC') return wallMs;
  const first = wallMs - offsetMs(wallMs - 86_400_000, zone);
  const second = wallMs - offsetMs(wallMs + 86_400_000, zone);
  if (first + offsetMs(first, zone) === wallMs) return first;
  if (second + offsetMs(second, zone) === wallMs) return second;
  return first;
}

/** How far the zone's clock is ahead of UTC at an instant. */
function offsetMs(ms: number, zone: string): number {
  const parts: Record<string, number> = {};
  for (const part of formatter(zone).formatToParts(ms))
    if (part.type !== 'literal' && part.type !== 'era') parts[part.type] = Number(part.value);
  const wall = new Date(0);
  wall.setUTCFullYear(parts.year, parts.month - 1, parts.day);
  wall.setUTCHours(parts.hour % 24, parts.minute, parts.second, 0);
  return wall.getTime() - Math.floor(ms / 1000) * 1000;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  let found = formatters.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(zone, found);
  }
  return found;
}
