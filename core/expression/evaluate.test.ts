import { checkExpression, evaluate, recordEnv, toJson, type ExprScope, type ExprType } from './index.js';

const members = new Map<string, ExprType>([
  ['name', { t: 'text' }],
  ['amount', { t: 'number' }],
  ['flag', { t: 'boolean' }],
  ['closeDate', { t: 'date' }],
  ['createdAt', { t: 'dateTime' }],
  ['company', { t: 'record', entities: ['deal'] }],
  ['tags', { t: 'list', of: { t: 'text' } }],
  ['address', { t: 'object', name: 'address', members: { city: { t: 'text' } } }],
]);
const scope: ExprScope = { entity: 'deal', members: () => members };
const me = '018f0000-0000-7000-8000-00000000000a';

function value(source: string, record: object = {}, zone = 'Europe/Berlin'): unknown {
  return toJson(
    evaluate(checkExpression(source, scope), recordEnv(record, { now: new Date('2026-03-28T23:30:00Z'), zone, me })),
  );
}

test.each([
  ['amount + 0.2 == 0.3', { amount: 0.1 }, true],
  ['amount * 3', { amount: 1.1 }, 3.3],
  ['9007199254740993 + 0', {}, '9007199254740993'],
  ['amount + 0.000000000001', { amount: 999_999_999_999_999 }, '999999999999999.000000000001'],
  ['1 / 3', {}, 0.333333333333],
  ['2 / 3', {}, 0.666666666667],
  ['0.000000000003 / 2', {}, 0.000000000002],
  ['0.000000000005 / 2', {}, 0.000000000002],
  ['-0.000000000003 / 2', {}, -0.000000000002],
  ['1 / 0', {}, null],
  ['5 % 0', {}, null],
  ['-5 % 3', {}, -2],
  ['MOD(-5, 3)', {}, 1],
  ['ROUND(2.5)', {}, 3],
  ['ROUND(-2.5)', {}, -3],
  ['ROUND(1.005, 2)', {}, 1.01],
  ['ROUND(1250, -2)', {}, 1300],
  ['CEILING(-0.5)', {}, 0],
  ['TEXT(-0.0)', {}, '0'],
  ['TEXT(1e20)', {}, '100000000000000000000'],
  ['VALUE(" -1.50 ")', {}, -1.5],
  ['VALUE("1e3")', {}, null],
])('decimals: %s', (source, record, expected) => {
  expect(value(source, record)).toBe(expected);
});

test.each([
  ['amount == null', true],
  ['amount != null', false],
  ['amount == amount', true],
  ['amount == 0', false],
  ['amount != 0', true],
  ['amount < 1', false],
  ['amount >= 1', false],
  ['!(amount < 1)', true],
  ['amount + 1', null],
  ['-amount', null],
  ['flag', null],
  ['!flag', true],
  ['flag || true', true],
  ['flag && true', false],
  ['flag == false', false],
  ['IF(flag, 1, 2)', 2],
  ['IF(flag, 1)', null],
  ['name + "x"', null],
  ['CONCAT(name, "x", amount)', 'x'],
  ['name.contains("")', false],
  ['ISBLANK(name) && ISBLANK(tags) && ISBLANK(company.name) && ISBLANK(address.city)', true],
  ['size(tags)', 0],
  ['"vip" in tags', false],
  ['name in []', false],
  ['name in ["a"]', false],
  ['MIN(amount, 3, 2)', 2],
  ['COALESCE(amount, 7)', 7],
  ['BLANK_VALUE(name, "none")', 'none'],
  ['company == null', true],
  ['null == null', true],
])('nulls: %s', (source, expected) => {
  expect(value(source)).toBe(expected);
});

test.each([
  ['"\u{1F600}" > "\uffff"', true],
  ['"a" < "B"', false],
  ['LEN("\u{1F600}a")', 2],
  ['LEFT("\u{1F600}abc", 2)', '\u{1F600}a'],
  ['RIGHT("abc\u{1F600}", 1)', '\u{1F600}'],
  ['LEFT("abc", -1)', ''],
  ['"Straße".contains("STRASSE")', false],
  ['UPPER("straße")', 'STRASSE'],
  ['CONTAINS("ΟΔΟΣ", "δος")', true],
  ['STARTS_WITH("Äpfel", "ä")', true],
  ['ENDS_WITH("100%", "0%")', true],
  ['"100%".contains("0_")', false],
  ['TRIM("\u3000 x\t")', 'x'],
])('texts: %s', (source, expected) => {
  expect(value(source)).toBe(expected);
});

test.each([
  // 2026-03-28T23:30Z is the 29th in Berlin, where the clocks go forward that night.
  ['TODAY() == "2026-03-29"', true],
  ['DATETIME(TODAY())', '2026-03-28T23:00:00.000Z'],
  ['DATETIME("2026-03-29T02:30")', '2026-03-29T01:30:00.000Z'],
  ['DATETIME("2026-10-25T02:30")', '2026-10-25T01:30:00.000Z'],
  ['DATE(DATETIME("2026-05-01T22:30:00Z"))', '2026-05-02'],
  ['createdAt >= "2026-01-01"', true],
  ['closeDate - DATE("2024-02-28")', 2],
  ['closeDate + 1', '2024-03-02'],
  ['ADD_MONTHS(DATE("2024-01-31"), 1)', '2024-02-29'],
  ['ADD_MONTHS(DATE("2024-03-31"), -13)', '2023-02-28'],
  ['ADD_DAYS(DATE("9999-12-31"), 1)', null],
  ['ADD_MONTHS(DATETIME("2026-02-28T09:00"), 1)', '2026-03-28T08:00:00.000Z'],
  ['DAYS_BETWEEN("2024-01-01", "2024-12-31")', 365],
  ['WEEKDAY("2024-06-02")', 1],
  ['YEAR(closeDate) * 100 + MONTH(closeDate)', 202403],
  ['DATE(2023, 2, 29)', null],
  ['TEXT(createdAt)', '2026-01-01T00:00:00.000Z'],
])('dates: %s', (source, expected) => {
  expect(value(source, { closeDate: '2024-03-01', createdAt: '2026-01-01T00:00:00Z' })).toBe(expected);
});

test('links compare by id, lists by membership', () => {
  const record = { company: { id: me, title: 'Acme', name: 'Acme' }, tags: ['vip', 'new'], address: { city: 'Wien' } };
  for (const source of [
    'company == ME()',
    `company == "${me.toUpperCase()}"`,
    'company.name == "Acme"',
    '"vip" in tags',
    `company in ["x", "${me}"]`,
    'address.city == "Wien"',
    'size(tags) == 2',
    'tags.size() == LEN("ab")',
  ])
    expect([source, value(source, record)]).toEqual([source, true]);
});

test("what is not of the field's type reads as null, inherited members as absent", () => {
  expect(
    value('ISBLANK(name) && ISBLANK(amount) && ISBLANK(closeDate)', {
      name: 5,
      amount: 'abc',
      closeDate: '2024-99-99',
    }),
  ).toBe(true);
  expect(recordEnv({}, { now: new Date(), zone: 'UTC', me: null }).get(['constructor', 'name'])).toBeNull();
  expect(recordEnv({ a: 'x' }, { now: new Date(), zone: 'UTC', me: null }).get(['a', 'length'])).toBeNull();
});
