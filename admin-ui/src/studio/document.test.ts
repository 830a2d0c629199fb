import { keyFrom, pointer } from './document.js';

test.each([
  ['VIP level', 'vipLevel'],
  ['Größe', 'grosse'],
  ['客户等级', ''],
  ['2nd phone', ''],
  ['  a--b ', 'aB'],
])('the key of %j is %j', (label, key) => {
  expect(keyFrom(label)).toBe(key);
});

test('a pointer escapes its steps', () => {
  expect(pointer('properties', 'a/b', 'c~d')).toBe('/properties/a~1b/c~0d');
});
