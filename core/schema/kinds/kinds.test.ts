import fc from 'fast-check';
import { operators } from '../../expression/index.js';
import { sampleField } from '../sample.js';
import { createRecordValidator } from '../validate-record.js';
import { sampleEntity } from '../sample.js';
import type { FieldModel } from '../model.js';
import { currencyKey } from './currency.js';
import { allKinds, internalKinds } from './index.js';
import type { CoerceEnv, FieldKind } from './kind.js';
import { seed } from '../../../test/support/property-seed.js';

const computed = new Set(['formula', 'rollup']);
const env: CoerceEnv = { region: 'US', zone: 'UTC', dateOrder: 'mdy', decimalSeparator: '.' };

function fieldOf(kind: FieldKind): FieldModel {
  // Nobody writes what is computed: the validator tells so by `readOnly`.
  if (computed.has(kind.id)) return sampleField(kind.id, kind.cases.schema);
  if (kind.id === 'id')
    return { ...sampleEntity({}).fields.get('id')!, key: 'value', readOnly: false, system: false } as FieldModel;
  if (kind.id === 'currency')
    return sampleEntity({ value: { 'x-field': { kind: 'money' } } }).fields.get(currencyKey('value')) as FieldModel;
  return { ...sampleField(kind.id, kind.cases.schema), readOnly: false };
}

/** What the validator makes of one value: the whole way that a request goes. */
function validateOne(field: FieldModel, input: unknown): { value?: unknown; codes: string[] } {
  const entity = sampleEntity({});
  const validator = createRecordValidator({ ...entity, fields: new Map([[field.key, field]]) });
  const { values, issues } = validator({ [field.key]: input }, 'create', env);
  return { value: values[field.key], codes: issues.map((issue) => issue.code) };
}

describe.each([...allKinds, ...internalKinds].map((kind) => [kind.id, kind] as const))('kind %s', (_id, kind) => {
  const field = fieldOf(kind);

  const { valid } = kind.cases;
  if (valid.length > 0)
    it.each(valid)('takes $input', ({ input, canonical }) => {
      const result = validateOne(field, input);
      expect(result.codes).toEqual([]);
      expect(result.value).toEqual(canonical === undefined ? input : canonical);
    });

  it('keeps its canonical form when it is written again', () => {
    for (const { input, canonical } of kind.cases.valid) {
      const once = canonical === undefined ? input : canonical;
      if (once === null || (kind.relation === 'many' && !Array.isArray(once))) continue;
      expect(kind.normalize(once, field, env)).toEqual({ ok: true, value: once });
    }
  });

  it.each(kind.cases.invalid.map((input) => [input]))('refuses %p', (input) => {
    const result = validateOne(field, input);
    expect(result.codes).toHaveLength(1);
    expect(result.codes[0]).toMatch(/^[a-z_]+\.[a-z_]+$/);
    expect(result).not.toHaveProperty('value', expect.anything());
  });

  it.each(kind.cases.texts)('reads the cell $text', ({ text, value, problem }) => {
    const coerced = kind.coerce(text, field, env);
    if (problem !== undefined) expect(coerced).toMatchObject({ ok: false, code: problem });
    else expect(coerced).toEqual({ ok: true, value });
  });

  it('writes cells that it reads back', () => {
    for (const { input, canonical } of kind.cases.valid) {
      const value = canonical === undefined ? input : canonical;
      if (value === null || (kind.relation === 'many' && !Array.isArray(value))) continue;
      const cell = kind.format(value, field);
      if (cell !== '') expect(kind.coerce(cell, field, env)).toEqual({ ok: true, value });
    }
  });

  it('encodes a value and null into exactly its columns', () => {
    const names = kind.columns(field).map((column) => column.name);
    const sample = kind.cases.valid[0];
    // What is computed has no value of its own; what is sealed never comes as plain text.
    const value = kind.sealed ? { sealed: 'v1' } : sample?.canonical === undefined ? sample?.input : sample.canonical;
    expect(Object.keys(kind.encode(value, field)).sort()).toEqual([...names].sort());
    if (kind.sealed) expect(() => kind.encode('plain', field)).toThrow('not sealed');
    expect(Object.keys(kind.encode(null, field)).sort()).toEqual([...names].sort());
    for (const inner of Object.values(kind.encode(null, field))) expect(inner).toBeNull();
  });

  it('names its own columns in SQL and offers known operators', () => {
    const names = kind.columns(field).map((column) => `t."${column.name}"`);
    for (const sql of [
      kind.select(field, 't'),
      kind.exprSql(field, 't', []),
      kind.sortSql(field, 't', '"C"'),
      kind.groupSql(field, 't'),
      kind.searchSql(field, 't'),
    ]) {
      if (sql !== null && names.length > 0) expect(names.some((name) => sql.includes(name))).toBe(true);
    }
    for (const id of kind.operators(field)) expect(operators.has(id)).toBe(true);
    expect(kind.width(field)).toBeGreaterThanOrEqual(0);
    expect(kind.aggregates(field)).toContain('count');
  });
});

describe('format and coerce', () => {
  const options = Array.from({ length: 5 }, (_, i) => ({ value: `v${i}`, title: `Title ${i}` }));
  const cases: [string, fc.Arbitrary<unknown>, Record<string, unknown>?][] = [
    ['text', fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 }).filter((s) => !s.includes('\0'))],
    ['longText', fc.string({ unit: 'grapheme', minLength: 1 }).filter((s) => !s.includes('\0'))],
    ['integer', fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 })],
    [
      'decimal',
      fc
        .tuple(fc.integer({ min: -1e14, max: 1e14 }), fc.integer({ min: 0, max: 8 }))
        .map(([n, d]) => Number(`${n}e-${d}`)),
    ],
    ['money', fc.integer({ min: -1e12, max: 1e12 }).map((n) => n / 100)],
    ['percent', fc.integer({ min: 0, max: 10_000 }).map((n) => n / 100)],
    ['rating', fc.integer({ min: 1, max: 5 })],
    ['duration', fc.integer({ min: 0, max: 9_999_999 })],
    ['boolean', fc.boolean()],
    [
      'date',
      fc
        .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
        .map((d) => d.toISOString().slice(0, 10)),
    ],
    [
      'dateTime',
      fc
        .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
        .map((d) => d.toISOString()),
    ],
    [
      'tags',
      fc.uniqueArray(
        fc
          .string({ minLength: 1, maxLength: 12 })
          .map((s) => s.trim())
          .filter((s) => s !== '' && !s.includes('\0')),
        { minLength: 1, maxLength: 6 },
      ),
    ],
    ['choice', fc.constantFrom(...options.map((option) => option.value)), { 'x-field': { options } }],
    [
      'multiChoice',
      fc.subarray(
        options.map((option) => option.value),
        { minLength: 1 },
      ),
      { 'x-field': { options } },
    ],
    [
      'json',
      fc
        .jsonValue({ maxDepth: 4 })
        .filter((v) => v !== null && !JSON.stringify(v).includes('\\u0000') && !JSON.stringify(v).includes('-0'))
        .map((v) => JSON.parse(JSON.stringify(v)) as unknown),
    ],
    [
      'geo',
      fc.record({
        latitude: fc.double({ min: -90, max: 90, noNaN: true }).map((n) => Number(n.toFixed(9)) + 0),
        longitude: fc.double({ min: -180, max: 180, noNaN: true }).map((n) => Number(n.toFixed(9)) + 0),
      }),
    ],
    ['color', fc.integer({ min: 0, max: 0xffffff }).map((n) => `#${n.toString(16).padStart(6, '0')}`)],
    ['link', fc.uuid()],
    ['anyLink', fc.uuid().map((id) => ({ entity: 'contacts.company', id })), { 'x-field': { to: ['*'] } }],
    [
      'links',
      fc
        .uniqueArray(fc.uuid(), { minLength: 1, maxLength: 4 })
        .map((ids) => ids.map((id, i) => ({ id, label: i % 2 ? 'v0' : null }))),
      { 'x-field': { labels: options } },
    ],
    [
      'address',
      fc
        .record({
          street: fc.string({ minLength: 1 }),
          city: fc.string({ minLength: 1 }),
          country: fc.constantFrom('DE', 'CN', 'US'),
        })
        .map(({ street, city, country }) => ({ street: `s${street.trim()}`, city: `c${city.trim()}`, country }))
        .filter((a) => !JSON.stringify(a).includes('\\u0000')),
    ],
  ];

  it.each(cases)('round-trips any %s', (id, arbitrary, schema = {}) => {
    const field = sampleField(id, schema);
    fc.assert(
      fc.property(arbitrary, (value) => {
        expect(field.kind.coerce(field.kind.format(value, field), field, env)).toEqual({ ok: true, value });
      }),
      { numRuns: 300, seed },
    );
  });
});
