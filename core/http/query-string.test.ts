import { booleanOf, choiceOf, integerOf, listOf, parseQuery } from './query-string.js';

const known = ['filter', 'sort', 'limit', 'count', 'dryRun'];
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'taken';
};

test('reads known parameters, decoded', () => {
  expect(parseQuery('/x?filter=name%20%3D%3D%20%22a+b%22&sort=-createdAt,name', known)).toEqual({
    filter: 'name == "a b"',
    sort: '-createdAt,name',
  });
  expect(parseQuery('/x', known)).toEqual({});
  expect(parseQuery('/x?', known)).toEqual({});
});

test('an unknown parameter is named, with a suggestion', () => {
  expect(() => parseQuery('/x?fliter=1', known)).toThrow('There is no parameter "fliter". Did you mean "filter"?');
  expect(codeOf(() => parseQuery('/x?__proto__=1', known))).toBe('request.unknown_parameter');
  expect(codeOf(() => parseQuery('/x?constructor=1', known))).toBe('request.unknown_parameter');
});

test('a repeated parameter is refused, however it is written', () => {
  expect(codeOf(() => parseQuery('/x?limit=1&limit=2', known))).toBe('request.repeated_parameter');
  expect(codeOf(() => parseQuery('/x?limit=1&l%69mit=2', known))).toBe('request.repeated_parameter');
});

test('bad encoding and NUL are malformed', () => {
  for (const url of ['/x?limit=%', '/x?limit=%zz', '/x?limit=%ff', '/x?limit=%00'])
    expect(codeOf(() => parseQuery(url, known))).toBe('request.malformed');
});

test('values are read strictly', () => {
  expect(integerOf({ limit: '50' }, 'limit', { min: 1, max: 500 })).toBe(50);
  for (const limit of ['0', '501', '-1', '1.5', '1e2', '', ' 1', '0x10'])
    expect(codeOf(() => integerOf({ limit }, 'limit', { min: 1, max: 500 }))).toBe('request.parameter');
  expect(booleanOf({ dryRun: 'true' }, 'dryRun')).toBe(true);
  expect(codeOf(() => booleanOf({ dryRun: '1' }, 'dryRun'))).toBe('request.parameter');
  expect(choiceOf({ count: 'exact' }, 'count', ['none', 'exact'])).toBe('exact');
  expect(() => choiceOf({ count: 'exakt' }, 'count', ['none', 'exact'])).toThrow('Did you mean "exact"?');
  expect(listOf({ sort: 'a, b' }, 'sort')).toEqual(['a', 'b']);
  expect(codeOf(() => listOf({ sort: 'a,,b' }, 'sort'))).toBe('request.parameter');
});

test('the same query is parsed once; nobody changes it or its lists for others', () => {
  const query = parseQuery('/x?sort=name,-size&limit=5', known);
  expect(parseQuery('/y?sort=name,-size&limit=5', known)).toBe(query);
  expect(parseQuery('/x?sort=name,-size&limit=5', [...known])).not.toBe(query);
  const sort = listOf(query, 'sort');
  expect(listOf(query, 'sort')).toBe(sort);
  expect(() => ((query as Record<string, string>).limit = '6')).toThrow(TypeError);
  expect(() => (sort as string[]).push('id')).toThrow(TypeError);
  expect(parseQuery('/x?sort=name,-size&limit=6', known).limit).toBe('6');
  expect(listOf(parseQuery('/x?sort=-size,name', known), 'sort')).toEqual(['-size', 'name']);
});

test('a refusal is one each time', () => {
  for (let n = 0; n < 2; n++) {
    expect(codeOf(() => parseQuery('/x?limit=1&limit=2', known))).toBe('request.repeated_parameter');
    expect(codeOf(() => listOf(parseQuery('/x?sort=a,,b', known), 'sort'))).toBe('request.parameter');
  }
});

test.each([
  ['many', (n: number) => `/x?limit=${n}`, 101],
  ['long', () => `/x?filter=${'a'.repeat(1_000)}`, 1],
])('%s queries do not stay', (_what, urlOf, count) => {
  const names = [...known];
  const first = parseQuery(urlOf(0), names);
  for (let n = 1; n < count; n++) parseQuery(urlOf(n), names);
  const again = parseQuery(urlOf(0), names);
  expect(again).toEqual(first);
  expect(again).not.toBe(first);
});
