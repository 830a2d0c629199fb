/**
 * What clocks of a zone show at an instant, as a date of the browser's own clock: pickers know no other. `zone` absent: the
 * browser's.
 */
export function toWall(instant: Date, zone: string | undefined): Date {
  if (zone === undefined) return instant;
  return local(wallMs(instant.getTime(), zone));
}

/** The instant at which clocks of a zone show what the browser's own clock shows at `wall`. Of a doubled hour the earlier one. */
export function fromWall(wall: Date, zone: string | undefined): Date {
  if (zone === undefined) return wall;
  const shown = Date.UTC(
    wall.getFullYear(),
    wall.getMonth(),
    wall.getDate(),
    wall.getHours(),
    wall.getMinutes(),
    wall.getSeconds(),
    wall.getMilliseconds(),
  );
  // The offset before and after a change of the clocks; the one that gives back what is shown counts.
  const tries = [-1, 1].map((side) => {
    const near = shown + side * dayMs;
    return shown - (wallMs(near, zone) - near);
  });
  return new Date(tries.find((ms) => wallMs(ms, zone) === shown) ?? tries[0]);
}

const dayMs = 86_400_000;

/** What the clocks show, as milliseconds as if it were UTC. */
function wallMs(ms: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(new Date(ms));
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  const rest = ((ms % 1000) + 1000) % 1000;
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) + rest;
}

function local(ms: number): Date {
  const utc = new Date(ms);
  return new Date(
    utc.getUTCFullYear(),
    utc.getUTCMonth(),
    utc.getUTCDate(),
    utc.getUTCHours(),
    utc.getUTCMinutes(),
    utc.getUTCSeconds(),
    utc.getUTCMilliseconds(),
  );
}
