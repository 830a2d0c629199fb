import type { Overtaken } from '../../../schemas/studio.js';
import { keyOf, weighOvertaken } from './overtaken.js';

const change = (id: string, at: string, changeSet = 'theirs'): Overtaken => ({
  type: 'role',
  id,
  at,
  changeSet,
  by: null,
  when: '',
  reason: '',
});
const grants = change('x.one', '/grants/a');
const fields = change('x.one', '/fields/b');
const other = change('x.two', '/title');
const all = [grants, fields, other];

it('leaves a definition unread while one of its places is undecided', () => {
  expect(weighOvertaken(all, new Set())).toEqual({ undecided: all, settled: [] });
  expect(weighOvertaken(all, new Set([keyOf(grants)]))).toEqual({ undecided: [fields, other], settled: [] });
});

it('counts it as read when the last place is accepted, or given up', () => {
  const settled = { type: 'role', id: 'x.one' };
  const both = weighOvertaken(all, new Set([grants, fields].map(keyOf)));
  expect(both).toEqual({ undecided: [other], settled: [settled, settled] });
  // Of what was given up nothing is told any longer.
  expect(weighOvertaken([grants], new Set([keyOf(grants)]))).toEqual({ undecided: [], settled: [settled] });
});

it('asks again where somebody changed an accepted place once more', () => {
  const again = change('x.one', '/grants/a', 'later');
  expect(weighOvertaken([again], new Set([keyOf(grants)]))).toEqual({ undecided: [again], settled: [] });
});
