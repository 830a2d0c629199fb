import { cronWords } from './cron-words.js';

test.each([
  ['*/10 * * * *', { key: 'minutes', values: { count: 10 } }],
  ['7 * * * *', { key: 'hourly', values: { minute: '07' } }],
  ['0 */6 * * *', { key: 'hours', values: { count: 6 } }],
  ['5 3 * * *', { key: 'daily', values: { time: '03:05' } }],
  ['0 3 */2 * *', { key: 'days', values: { count: 2, time: '03:00' } }],
])('says when %s is', (cron, words) => expect(cronWords(cron)).toEqual(words));

test.each(['0 3 * * 1', '0 3 1 * *', '0 9-17 * * *', '*/5 3 * * *', '@daily', ''])('leaves %s as it is', (cron) =>
  expect(cronWords(cron)).toBeNull(),
);
