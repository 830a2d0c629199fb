import { createRunTimes } from './run-times.js';

test('a very slow kept plan gives way at once, a slip of the machine does not', () => {
  const times = createRunTimes(() => 0);
  for (let i = 0; i < 20; i++) times.note('a', 'kept', 2);
  times.note('a', 'kept', 90);
  expect(times.prefersNew('a')).toBe(false);
  times.note('b', 'kept', 400);
  expect(times.prefersNew('b')).toBe(true);
});

test('a plan that is made anew and is no faster was not at fault', () => {
  const times = createRunTimes(() => 0);
  times.note('a', 'kept', 400);
  for (let i = 0; i < 10; i++) times.note('a', 'new', 350);
  expect(times.prefersNew('a')).toBe(false);
});

test('a plan that is made anew and is faster stays, until the kept one gets another chance', () => {
  let time = 0;
  const times = createRunTimes(() => time);
  times.note('a', 'kept', 400);
  for (let i = 0; i < 100; i++) times.note('a', 'new', 3);
  expect(times.prefersNew('a')).toBe(true);
  time = 300_001;
  expect(times.prefersNew('a')).toBe(false);
});
