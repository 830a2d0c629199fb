import { placeSteps, valueWords } from './conflict-words.js';

test('a place of an entity names the field, then the parts that people know, without frames', () => {
  expect(placeSteps('entity', '/properties/website/x-field/options/a~1b')).toEqual([
    { kind: 'field', name: 'website' },
    { kind: 'part', name: 'options' },
    { kind: 'key', name: 'a/b' },
  ]);
});

test('a place of the definition itself has no steps, and of another type no field', () => {
  expect(placeSteps('entity', '')).toEqual([]);
  expect(placeSteps('view', '/columns/name')).toEqual([
    { kind: 'part', name: 'columns' },
    { kind: 'key', name: 'name' },
  ]);
});

test('plain properties are told one a line, nested ones as JSON, nothing as null', () => {
  expect(valueWords({ read: 'all', create: false })).toBe('read: all\ncreate: false');
  expect(valueWords(['a', 'b'])).toBe('a, b');
  expect(valueWords({ a: { b: 1 } })).toContain('"b": 1');
  expect([valueWords(undefined), valueWords(false)]).toEqual([null, 'false']);
});
