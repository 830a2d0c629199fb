import fc from 'fast-check';
import { makeAjv } from './ajv.js';
import { linearPattern, patternProblem } from './pattern.js';
import { seed } from '../../test/support/property-seed.js';

describe('patterns', () => {
  it.each(['^(a+)+$', '^(a|a)*$', '^(a|aa)+$', '^([a-zA-Z]+)*$', '(x+x+)+y', '^(.*)*$', 'a*a*a*a*a*a*a*a*b'])(
    'matches %s in linear time',
    (pattern) => {
      expect(patternProblem(pattern)).toBeNull();
      const started = performance.now();
      linearPattern(pattern).test('a'.repeat(20_000) + '!');
      expect(performance.now() - started).toBeLessThan(20_000);
    },
  );

  it.each(['(?=a)', '(?!a)b', '(?<=a)b', '(a)\\1', '(', '[', 'x'.repeat(501), '(?<n>a)\\k<n>'])(
    'refuses %s',
    (pattern) => {
      expect(patternProblem(pattern)).not.toBeNull();
    },
  );

  it.each(['^[A-Z]{3}$', '^\\d{4}-\\d\\d$', '^[\\u4e00-\\u9fff]+$', '\\p{L}', '^(a|b)c?$', '^[^@\\s]+@[a-z]+$'])(
    'agrees with the native engine on %s',
    (pattern) => {
      const native = new RegExp(pattern, 'u');
      const linear = linearPattern(pattern);
      fc.assert(
        fc.property(
          fc.oneof(
            fc.string({ unit: fc.constantFrom(...'aAbBcC12-@.文é '), maxLength: 12 }),
            fc.stringMatching(native),
          ),
          (text) => {
            expect(linear.test(text)).toBe(native.test(text));
          },
        ),
        { seed },
      );
    },
  );

  it('keeps the patterns of one schema apart in ajv', () => {
    const validate = makeAjv().compile({
      type: 'object',
      properties: { a: { pattern: '^(x|y)+$' }, b: { pattern: '^(1|2)+$' } },
    });
    expect(validate({ a: 'xy', b: '12' })).toBe(true);
    expect(validate({ a: '12', b: '12' })).toBe(false);
    expect(validate({ a: 'xy', b: 'xy' })).toBe(false);
  });
});
