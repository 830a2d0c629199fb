import { moveBy, moveOn, rangeOf } from './grid-moves.js';

const size = { rows: 10, cols: 4, page: 5 };

it.each([
  ['ArrowDown', false, { row: 3, col: 1 }],
  ['ArrowDown', true, { row: 9, col: 1 }],
  ['ArrowLeft', false, { row: 2, col: 0 }],
  ['ArrowRight', true, { row: 2, col: 3 }],
  ['Home', false, { row: 2, col: 0 }],
  ['End', true, { row: 9, col: 3 }],
  ['PageDown', false, { row: 7, col: 1 }],
  ['PageUp', false, { row: 0, col: 1 }],
])('%s ctrl=%s', (key, ctrl, to) => {
  expect(moveBy(key, { row: 2, col: 1 }, size, ctrl)).toEqual(to);
});

it('knows which keys do not move', () => {
  expect(moveBy('a', { row: 0, col: 0 }, size, false)).toBeNull();
});

it('stays inside', () => {
  expect(moveBy('ArrowUp', { row: 0, col: 0 }, size, false)).toEqual({ row: 0, col: 0 });
  expect(moveOn({ row: 9, col: 3 }, size, false)).toEqual({ row: 9, col: 3 });
});

it('goes on in reading order', () => {
  expect(moveOn({ row: 0, col: 3 }, size, false)).toEqual({ row: 1, col: 0 });
  expect(moveOn({ row: 1, col: 0 }, size, true)).toEqual({ row: 0, col: 3 });
});

it('makes a range of two corners', () => {
  expect(rangeOf({ row: 5, col: 1 }, { row: 2, col: 3 })).toEqual({ top: 2, bottom: 5, start: 1, end: 3 });
});
