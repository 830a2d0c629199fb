import { jaroWinkler } from './jaro-winkler.js';

test.each([
  ['MARTHA', 'MARHTA', 0.961],
  ['DIXON', 'DICKSONX', 0.813],
  ['DWAYNE', 'DUANE', 0.84],
  ['same', 'same', 1],
  ['', '', 1],
  ['', 'x', 0],
  ['abc', 'xyz', 0],
  ['王小明', '王小名', 0.822],
])('%s and %s are %d alike', (a, b, expected) => {
  expect(jaroWinkler(a, b)).toBeCloseTo(expected, 3);
  expect(jaroWinkler(b, a)).toBeCloseTo(expected, 3);
});
