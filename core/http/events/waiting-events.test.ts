import { createWaitingEvents } from './waiting-events.js';

const changed = (entity: string, ...ids: string[]) => ({
  topic: 'record.changed',
  payload: { entity, operation: 'update', ids },
});

test('changes of one entity are gathered, each id once, in the order of first arrival', () => {
  const waiting = createWaitingEvents();
  waiting.add(changed('a.x', '1', '2'));
  waiting.add(changed('a.y', '9'));
  waiting.add(changed('a.x', '2', '3'));
  expect(waiting.take()).toEqual([changed('a.x', '1', '2', '3'), changed('a.y', '9')]);
  expect(waiting.isEmpty()).toBe(true);
});

test('of the progress of one import only the last is told', () => {
  const waiting = createWaitingEvents();
  for (const done of [1, 2, 3]) waiting.add({ topic: 'import.progress', payload: { importId: 'i', done } });
  waiting.add({ topic: 'import.progress', payload: { importId: 'j', done: 1 } });
  expect(waiting.take().map((event) => event.payload)).toEqual([
    { importId: 'i', done: 3 },
    { importId: 'j', done: 1 },
  ]);
});

test('it never grows without end', () => {
  const waiting = createWaitingEvents();
  for (let i = 0; i < 5000; i++) waiting.add({ topic: 'job.changed', payload: { id: String(i) } });
  waiting.add(changed('a.x', ...Array.from({ length: 2000 }, (_, i) => String(i))));
  waiting.add(changed('a.x', 'last'));
  const all = waiting.take();
  expect(all).toHaveLength(1000);
  expect((all[999].payload as { ids: string[] }).ids).toHaveLength(500);
});
