import { decodeCursor, encodeCursor, shapeHash } from './cursor.js';

const key = new Uint8Array(32).fill(7);
const shape = shapeHash(['a.b', ['-createdAt'], null]);

test('a cursor gives back its values, nulls and unicode included', () => {
  expect(decodeCursor(key, shape, encodeCursor(key, shape, ['王', null, '2024']))).toEqual(['王', null, '2024']);
});

test('a cursor says nothing of its values', () => {
  expect(encodeCursor(key, shape, ['secret'])).not.toContain(Buffer.from('secret').toString('base64url').slice(0, 6));
});

test.each([
  ['of another list', () => encodeCursor(key, shapeHash(['a.b', ['name'], null]), ['x'])],
  ['of another key', () => encodeCursor(new Uint8Array(32), shape, ['x'])],
  ['changed in one letter', () => encodeCursor(key, shape, ['x']).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
  ['made up', () => 'abc'],
  ['empty', () => ''],
])('a cursor %s is refused', (_, make) => {
  expect(() => decodeCursor(key, shape, make())).toThrow('The cursor is not one of this list.');
});
