import { createReadLog, type SensitiveRead } from './read-log.js';

const read = (requestId: string, ids: string[] = []): SensitiveRead => ({
  at: new Date(0),
  actor: 'a',
  actedBy: null,
  requestId,
  how: 'list',
  entity: 'a.b',
  fields: ['secret'],
  ids,
});

test('keeps the order, also of what could not be written and comes back', async () => {
  const log = createReadLog();
  for (const id of ['1', '2', '3']) await log.note(read(id));
  log.putBack(log.take(2));
  expect(log.take(9).map(({ requestId }) => requestId)).toEqual(['1', '2', '3']);
});

test('a full one holds readers up until there is room, and forgets none', async () => {
  const log = createReadLog(4);
  let asked = 0;
  log.follow(() => asked++);
  await log.note(read('1', ['x', 'y', 'z']));
  let isIn = false;
  const waiting = log.note(read('2')).then(() => (isIn = true));
  await Promise.resolve();
  expect([isIn, asked]).toEqual([false, 1]);
  expect(log.take(9)).toHaveLength(1);
  await waiting;
  expect(log.take(9).map(({ requestId }) => requestId)).toEqual(['2']);
});

test('what nobody follows holds nobody up', async () => {
  const log = createReadLog(1);
  for (const id of ['1', '2', '3']) await log.note(read(id));
  expect(log.take(9)).toHaveLength(3);
});
