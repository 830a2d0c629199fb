import { allKinds, type FieldModel } from '../schema/index.js';
import { sampleField } from '../schema/sample.js';
import { isPlain, sampleValue } from './sample-value.js';

const words: Readonly<Record<string, Record<string, unknown>>> = {
  choice: {
    'x-field': {
      options: [
        { value: 'a', title: 'A' },
        { value: 'b', title: 'B' },
      ],
    },
  },
  multiChoice: {
    'x-field': {
      options: [
        { value: 'a', title: 'A' },
        { value: 'b', title: 'B' },
      ],
    },
  },
};

const plain = allKinds
  .filter(({ id }) => !['formula', 'rollup', 'lines', 'anyLink', 'autoNumber'].includes(id))
  .map(({ id }): [string, FieldModel] => [id, sampleField(id, words[id])])
  .filter(([, field]) => isPlain(field));

test.each(plain)('a field of kind %s gets different values that the kind takes', (_kind, field) => {
  const values = [0, 3, 100, 103].map((n) => JSON.stringify(sampleValue(field, n)));
  expect(values).not.toContain(undefined);
  expect(new Set(values).size).toBeGreaterThan(1);
});

test('bounds of the field are kept', () => {
  const number = sampleField('integer', { minimum: 5, maximum: 9 });
  for (let n = 0; n < 30; n++) {
    expect(sampleValue(number, n)).toBeGreaterThanOrEqual(5);
    expect(sampleValue(number, n)).toBeLessThanOrEqual(9);
  }
  expect(String(sampleValue(sampleField('text', { maxLength: 4 }), 1)).length).toBeLessThanOrEqual(4);
});
