import fc from 'fast-check';
import { fromTsv, toTsv } from './clipboard.js';

it('reads what spreadsheets write', () => {
  expect(fromTsv('a\tb\r\n"c ""d"""\t"e\nf"\r\n')).toEqual([
    ['a', 'b'],
    ['c "d"', 'e\nf'],
  ]);
  expect(fromTsv('one')).toEqual([['one']]);
});

it('reads what it writes', () => {
  const cell = fc.string().filter((text) => !text.includes('\r'));
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 4 }), (rows) => {
      expect(fromTsv(toTsv(rows))).toEqual(rows);
    }),
    // The same at each run: nothing fails by chance.
    { seed: 20_261_123 },
  );
});
