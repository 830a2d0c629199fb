import { isTrellisError, type TrellisError } from '../base/errors.js';
import { parseExpression } from './syntax.js';

function refusal(source: string): TrellisError {
  try {
    parseExpression(source);
  } catch (error) {
    if (isTrellisError(error)) return error;
    throw error;
  }
  throw new Error(`not refused: ${source.slice(0, 80)}`);
}

test('reads names, members, calls and operators with their places', () => {
  expect(parseExpression('company.name == "x"')).toEqual({
    op: 'operator',
    name: '==',
    at: { start: 0, end: 19 },
    args: [
      {
        op: 'member',
        name: 'name',
        at: { start: 0, end: 12 },
        of: { op: 'name', name: 'company', at: { start: 0, end: 7 } },
      },
      { op: 'literal', value: 'x', at: { start: 16, end: 19 } },
    ],
  });
});

test('keeps the digits of a number as they were written', () => {
  expect(parseExpression('0.1000000000000000055511151231257827')).toMatchObject({
    op: 'number',
    text: '0.1000000000000000055511151231257827',
  });
});

test.each([
  ['name = 5', 'Equality is written ==.'],
  ['name <> 5', 'Not equal is written !=.'],
  ['a and b', 'Both must hold is written &&.'],
  ['a & b', 'Both must hold is written &&; texts are joined with + or CONCAT.'],
  ['a | b', 'One of them is written ||.'],
])('%s: says how it is written here', (source, hint) => {
  expect(refusal(source)).toMatchObject({ code: 'expression.syntax', kind: 'invalid', hint });
});

test('points at the place with a caret, in the right line', () => {
  const error = refusal('name == "x" &&\n  amount >> 5');
  expect(error.params).toMatchObject({ line: 2, column: 11, caret: '  amount >> 5\n          ^' });
  expect(error.message).toContain('  amount >> 5\n          ^');
});

test.each([
  '',
  '   ',
  'name ==',
  '(a',
  "'abc",
  'a..b',
  '.5',
  '5.',
  '{"a": 1}',
  'a["b"]',
  'b"abc"',
  '1u',
  '0xFF',
  '1e400',
  'a ? b',
  '名 == 1',
  '"\\ud800"',
  '"\\u0000"',
  'a\0b',
  'a \ud800',
  '__proto__',
  'package',
])('%j is refused as no expression', (source) => {
  expect(refusal(source).code).toBe('expression.syntax');
});

test.each([
  ['many characters', `name == '${'x'.repeat(20_001)}'`],
  ['open brackets', '('.repeat(19_000)],
  ['open lists', '['.repeat(19_000)],
  ['nots', `${'!'.repeat(19_000)}a`],
  ['two hundred nots', `${'!'.repeat(200)}a`],
  ['minus signs', `${'-'.repeat(19_000)}1`],
  ['members', `a${'.b'.repeat(5_000)}`],
  ['nested calls', `${'ABS('.repeat(200)}1${')'.repeat(200)}`],
  ['ternaries', 'a ? '.repeat(4_000)],
  ['a long sum', `a${' + a'.repeat(3_000)}`],
  ['a long list', `a in [${'1,'.repeat(1_500)}1]`],
])('too large: %s', (_, source) => {
  expect(refusal(source).code).toBe('expression.too_large');
});

test('a chain of many conditions is no depth', () => {
  expect(parseExpression(`a${' || a'.repeat(400)}`)).toMatchObject({ name: '||' });
});
