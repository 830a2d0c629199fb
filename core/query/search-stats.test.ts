import { gramsOf } from './search-stats.js';

test.each([
  ['smith', ['smi', 'mit', 'ith']],
  ['王', ['王']],
  ['王建国', ['王建', '建国']],
  ['ab', ['^ab']],
  ['王al伟', ['王', '^al', '伟']],
  ["o'neill", ['^o', 'nei', 'eil', 'ill']],
  ['!?', []],
])('grams of %s', (term, grams) => {
  expect(gramsOf(term)).toEqual(grams);
});
