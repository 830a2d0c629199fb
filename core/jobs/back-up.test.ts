import { cronOfHours } from './back-up.js';

test.each([
  [1, '0 * * * *'],
  [6, '0 */6 * * *'],
  [24, '0 3 * * *'],
  [72, '0 3 */3 * *'],
  [8760, '0 3 */28 * *'],
])('every %i hours is %s', (hours, cron) => {
  expect(cronOfHours(hours)).toBe(cron);
});
