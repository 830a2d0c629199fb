import { fromWall, toWall } from './wall-time.js';

const shown = (at: Date): string =>
  [at.getFullYear(), at.getMonth() + 1, at.getDate(), at.getHours(), at.getMinutes()].join(' ');

it.each([
  ['2026-11-23T05:46:00.000Z', 'Asia/Shanghai', '2026 11 23 13 46'],
  ['2026-11-23T05:46:00.000Z', 'America/New_York', '2026 11 23 0 46'],
  ['2026-12-31T23:30:00.123Z', 'Europe/Berlin', '2027 1 1 0 30'],
  ['2026-07-01T00:00:00.000Z', 'Asia/Kolkata', '2026 7 1 5 30'],
])('%s is shown in %s as its clocks show it, and comes back', (iso, zone, words) => {
  const wall = toWall(new Date(iso), zone);
  expect(shown(wall)).toBe(words);
  expect(fromWall(wall, zone).toISOString()).toBe(iso);
});

it('takes an hour that is there twice for the earlier one, and one that is not there for one beside it', () => {
  expect(fromWall(new Date(2026, 9, 25, 2, 30), 'Europe/Berlin').toISOString()).toBe('2026-10-25T00:30:00.000Z');
  expect(['2026-03-29T00:30:00.000Z', '2026-03-29T01:30:00.000Z']).toContain(
    fromWall(new Date(2026, 2, 29, 2, 30), 'Europe/Berlin').toISOString(),
  );
});

it('leaves the clock of the browser alone where no zone is known', () => {
  const at = new Date('2026-11-23T05:46:00.000Z');
  expect([toWall(at, undefined), fromWall(at, undefined)]).toEqual([at, at]);
});
