import { dayAfter, startOfDay } from './days.js';

test('a day goes from its beginning to that of the next, in the zone of the reader', () => {
  const [from, to] = [startOfDay('2026-05-31'), dayAfter('2026-05-31')].map((text) => new Date(String(text)));
  expect([from.getDate(), from.getHours(), to.getDate(), to.getHours(), to.getMonth()]).toEqual([31, 0, 1, 0, 5]);
});

test.each(['', '2026-05', 'yesterday', '2026-13-01'])('%p is no day', (day) => {
  expect([startOfDay(day), dayAfter(day)]).toEqual([undefined, undefined]);
});
