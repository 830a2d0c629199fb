import { isTrellisError, type TrellisError } from '../base/errors.js';
import { checkExpression, rules, type ExprScope, type ExprType } from './index.js';

const deal = new Map<string, ExprType>([
  ['name', { t: 'text' }],
  ['amount', { t: 'number' }],
  ['flag', { t: 'boolean' }],
  ['closeDate', { t: 'date' }],
  ['createdAt', { t: 'dateTime' }],
  ['company', { t: 'record', entities: ['company'] }],
  ['regarding', { t: 'record', entities: ['*'] }],
  ['tags', { t: 'list', of: { t: 'text' } }],
  ['team', { t: 'list', of: { t: 'record', entities: ['company'] } }],
  ['address', { t: 'object', name: 'address', members: { city: { t: 'text' } } }],
  ['meta', { t: 'json' }],
]);
const company = new Map<string, ExprType>([
  ['name', { t: 'text' }],
  ['parent', { t: 'record', entities: ['company'] }],
]);
const scope: ExprScope = {
  entity: 'deal',
  members: (entity) => (entity === 'deal' ? deal : entity === 'company' ? company : null),
  variables: { me: { t: 'text' } },
};

function refusal(source: string, expected?: ExprType): TrellisError {
  try {
    checkExpression(source, scope, expected);
  } catch (error) {
    if (isTrellisError(error)) return error;
    throw error;
  }
  throw new Error(`not refused: ${source}`);
}

test('knows the type of the result and the paths that are read, each once', () => {
  const checked = checkExpression('IF(company.parent.name == name && name != me, amount * 2, amount)', scope);
  expect(checked.type).toEqual({ t: 'number' });
  expect(checked.paths).toEqual([['company', 'parent', 'name'], ['name'], ['me'], ['amount']]);
});

test.each([
  ['name > 5', 'no such overload: text > number'],
  ['amount + name', 'no such overload: number + text'],
  ['flag > true', 'no such overload: boolean > boolean'],
  ['flag && name', 'no such overload: boolean && text'],
  ['-name', 'no such overload: -text'],
  ['ROUND(name)', 'no such overload: ROUND(text)'],
  ['LEN()', 'no such overload: LEN()'],
  ['amount.contains("x")', 'no such overload: number.contains(text)'],
  ['IF(flag, amount, name)', 'no such overload: IF(boolean, number, text)'],
  ['meta == "x"', 'no such overload: json == text'],
  ['tags == "x"', 'no such overload: list of text == text'],
  ['address == address', 'no such overload: object == object'],
  ['1 in tags', 'no such overload: number in list of text'],
  ['amount in ["a"]', 'no such overload: number in list of text'],
  ['createdAt + 1', 'no such overload: dateTime + number'],
  ['createdAt > amount', 'no such overload: dateTime > number'],
])('%s: %s', (source, message) => {
  const error = refusal(source);
  expect(error.code).toBe('expression.type');
  expect(error.message.split('\n')[0]).toBe(message);
  expect(error.message).toContain('^');
  expect(error.params).toMatchObject({ start: 0 });
});

test.each([
  ['nmae == "x"', 'There is no field "nmae" in deal. Did you mean "name"?'],
  ['company.nam == "x"', 'There is no field "nam" in company. Did you mean "name"?'],
  ['address.ctiy == "x"', 'There is no field "ctiy" in address. Did you mean "city"?'],
  ['isblank(name)', 'There is no function "isblank". Did you mean "ISBLANK"?'],
  ['RUOND(amount)', 'There is no function "RUOND". Did you mean "ROUND"?'],
  ['name.startWith("x")', 'There is no method "startWith". Did you mean "startsWith"?'],
])('%s: suggests', (source, message) => {
  const error = refusal(source);
  expect(error.code).toBe('expression.unknown_name');
  expect(error.message.split('\n')[0]).toBe(message);
});

test('the caret stands below the unknown name', () => {
  expect(refusal('amount > 1 &&\n  nmae == "x"').params).toMatchObject({
    line: 2,
    column: 3,
    caret: '  nmae == "x"\n  ^^^^',
  });
});

test('matches is refused with a clear word', () => {
  expect(refusal('name.matches("^(a+)+$")')).toMatchObject({
    code: 'expression.unknown_name',
    hint: expect.stringContaining('Patterns are not part of this language'),
  });
});

test.each([
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'prototype2',
  'company.constructor',
  'company.__proto__',
  'address.constructor',
  'address.__proto__',
  'me.constructor',
  'constructor()',
  'toString()',
  'name.toString()',
  'name.constructor("x")',
  'tags.exists(t, t == "a")',
  'has(name)',
  'cel.bind(x, 1, x)',
])('%s: no inherited name is found, nor one of another language', (source) => {
  expect(['expression.unknown_name', 'expression.type']).toContain(refusal(source).code);
});

test('a text literal beside a date is a date; one that is none is refused', () => {
  expect(checkExpression('closeDate >= "2024-01-31"', scope).type).toEqual({ t: 'boolean' });
  expect(checkExpression('createdAt < "2024-01-31T10:00:00+02:00"', scope).type).toEqual({ t: 'boolean' });
  expect(checkExpression('closeDate in ["2024-01-31"]', scope).type).toEqual({ t: 'boolean' });
  expect(refusal('closeDate >= "2024-02-30"').message).toContain("'2024-02-30' is not a date.");
  expect(refusal('createdAt >= "soon"').message).toContain("'soon' is not a date and time.");
  expect(refusal('DATE("2023-02-29")').message).toContain('is not a date.');
});

test('the expected type is demanded, null and a text for a date excepted', () => {
  const boolean: ExprType = { t: 'boolean' };
  expect(checkExpression('flag', scope, boolean).type).toEqual(boolean);
  expect(checkExpression('null', scope, boolean).type).toEqual({ t: 'null' });
  expect(checkExpression('"2024-01-31"', scope, { t: 'date' }).type).toEqual({ t: 'date' });
  expect(refusal('amount', boolean).message).toContain('The expression gives number, but boolean is needed.');
});

test('a link compares with an id, null, another link; members through many records or none are refused', () => {
  for (const source of [
    'company == "x"',
    'company == null',
    'company == ME()',
    'company in ["x"]',
    '"x" in team',
    'ME() in team',
    'regarding.entity == "contacts.company"',
    'company == company.parent',
  ])
    expect(checkExpression(source, scope).type).toEqual({ t: 'boolean' });
  expect(refusal('team.name == "x"').message).toContain('"team" holds several values');
  expect(refusal('regarding.name == "x"').message).toContain('records of several kinds');
  expect(refusal('name.city == "x"').message).toContain('"name" is a text');
});

test('null in a list and other places of ROUND than literals are refused', () => {
  expect(refusal('name in ["a", null]').message).toContain('null cannot stand in a list');
  expect(refusal('ROUND(amount, amount)').message).toContain('a whole number from -12 to 12');
  expect(checkExpression('ROUND(amount, -2)', scope).type).toEqual({ t: 'number' });
});

test('results of more than 2,000 digits are refused before anything is computed', () => {
  expect(refusal(Array.from({ length: 40 }, () => 'amount').join(' * ')).code).toBe('expression.too_large');
  expect(refusal('1'.repeat(70)).code).toBe('expression.syntax');
  expect(refusal('1e900').code).toBe('expression.syntax');
});

test('every rule says what it does and has an overload; no name stands twice in a form', () => {
  for (const rule of rules) expect([rule.summary.length > 5, rule.overloads.length > 0]).toEqual([true, true]);
  expect(new Set(rules.map((rule) => `${rule.form} ${rule.name}`)).size).toBe(rules.length);
});
