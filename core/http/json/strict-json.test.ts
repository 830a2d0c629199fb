import { parseJson, parseJsonText } from './strict-json.js';

const refusal = (work: () => unknown): { code: string; kind: string; issues?: { path: string; code: string }[] } => {
  try {
    work();
  } catch (error) {
    return error as never;
  }
  throw new Error('nothing was refused');
};

test.each([
  ['{"a":[1,2.5e3,"x",null,true]}', { a: [1, 2500, 'x', null, true] }],
  ['\ufeff{"a":1}', { a: 1 }],
  [' "text with : and { and \\" and \\\\" ', 'text with : and { and " and \\'],
  ['{"a:b":{"c":":"}}', { 'a:b': { c: ':' } }],
  ['[]', []],
  ['"😀"', '😀'],
])('takes %s', (text, expected) => {
  expect(parseJson(Buffer.from(text))).toEqual(expected);
});

test.each([
  '',
  '{',
  '{"a":1,}',
  "{'a':1}",
  '[1,]',
  'NaN',
  '[Infinity]',
  '[1e999]',
  '[-1e999]',
  '01',
  '{"a":1}x',
  '"\u0001"',
  '{"a" "b"}',
  'nul',
  '{"a":1,"a":2}',
  '{"x":{"a":1,"\\u0061":2}}',
])('refuses %j as malformed', (text) => {
  expect(refusal(() => parseJson(Buffer.from(text)))).toMatchObject({ kind: 'invalid', code: 'request.malformed' });
});

test.each(['{"__proto__":{"admin":true}}', '{"a":{"constructor":{}}}', '{"prototype":1}'])(
  'refuses the key in %s',
  (text) => {
    expect(refusal(() => parseJson(Buffer.from(text))).code).toBe('request.malformed');
  },
);

test('refuses bytes that are not UTF-8', () => {
  expect(refusal(() => parseJson(Buffer.from([0x22, 0xc3, 0x28, 0x22]))).code).toBe('request.malformed');
});

test('refuses depth and number of keys before it builds anything', () => {
  expect(refusal(() => parseJsonText('['.repeat(100_000))).code).toBe('request.malformed');
  expect(parseJsonText('['.repeat(64) + ']'.repeat(64))).toHaveLength(1);
  const keys = (count: number): string => `{${Array.from({ length: count }, (_, i) => `"k${i}":0`).join(',')}}`;
  expect(Object.keys(parseJsonText(keys(10_000)) as object)).toHaveLength(10_000);
  expect(refusal(() => parseJsonText(keys(10_001))).code).toBe('request.malformed');
});

test('names the place of text that cannot be stored', () => {
  expect(refusal(() => parseJsonText('{"a":["\\ud800"]}'))).toMatchObject({
    code: 'request.text',
    issues: [{ path: '/a/0', code: 'text.lone_surrogate' }],
  });
  expect(refusal(() => parseJsonText('{"a":"x\\u0000"}'))).toMatchObject({
    code: 'request.text',
    issues: [{ path: '/a', code: 'text.nul' }],
  });
});
