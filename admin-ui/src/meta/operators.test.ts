import { operators as theirs } from '../../../core/schema/operators.js';
import { operators as ours } from './operators.js';

it('is the twin of the operators of core', () => {
  const shape = (all: ReadonlyMap<string, { id: string; arity: unknown; cel: string }>) =>
    [...all.values()].map(({ id, arity, cel }) => [id, arity, cel]);
  expect(shape(ours)).toEqual(shape(theirs));
});
