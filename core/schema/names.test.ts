import fc from 'fast-check';
import {
  columnName,
  entityIdProblem,
  extensionPrefix,
  fieldKeyPattern,
  fieldKeyProblem,
  joinTableName,
  suffixedColumn,
  tableName,
  entityIdPattern,
} from './names.js';
import { seed } from '../../test/support/property-seed.js';

const keys = fc.stringMatching(new RegExp(fieldKeyPattern)).filter((key) => key.length <= 90);
const ids = fc.stringMatching(new RegExp(entityIdPattern)).filter((id) => id.length <= 120);
/** Keys over few letters, so that near clashes are common. */
const tightKeys = fc.stringMatching(/^a[aAbB]{0,4}(_a[aAbB]{0,3})?$/);
const longKeys = fc
  .tuple(fc.constantFrom('a', 'aB'), fc.integer({ min: 10, max: 40 }), tightKeys)
  .map(([part, times, tail]) => part.repeat(times) + tail.replace('_', ''));

describe('names', () => {
  it('writes camelCase as snake_case and separators double', () => {
    expect(columnName('annualRevenue')).toBe('annual_revenue');
    expect(columnName('aB')).toBe('a_b');
    expect(columnName('a_b')).toBe('a__b');
    expect(columnName('x_vipLevel')).toBe('x__vip_level');
    expect(columnName('aHTTPServer')).toBe('a_h_t_t_p_server');
    expect(tableName('contacts.company')).toBe('contacts__company');
    expect(tableName('field-service.workOrder')).toBe('field_service__work_order');
    expect(joinTableName('contacts.contact', 'companies')).toBe('contacts__contact__companies');
    expect(suffixedColumn('amount', 'currency')).toBe('amount__currency');
    expect(extensionPrefix('field-service')).toBe('fieldService_');
  });

  it.each([
    ['any keys', keys],
    ['keys that look alike', tightKeys],
    ['keys too long for PostgreSQL', longKeys],
  ])('gives different columns to different %s', (_name, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, arbitrary, (a, b) => {
        expect(columnName(a) === columnName(b)).toBe(a === b);
      }),
      { numRuns: 3000, seed },
    );
  });

  it('gives different tables to different entities and join tables', () => {
    fc.assert(
      fc.property(ids, ids, keys, keys, (a, b, k, l) => {
        expect(tableName(a) === tableName(b)).toBe(a === b);
        expect(joinTableName(a, k) === joinTableName(b, l)).toBe(a === b && k === l);
        expect(joinTableName(a, k)).not.toBe(tableName(b));
      }),
      { numRuns: 2000, seed },
    );
  });

  it('never passes 63 bytes and never makes a name that needs quoting for its characters', () => {
    fc.assert(
      fc.property(keys, ids, (key, id) => {
        for (const name of [columnName(key), tableName(id), joinTableName(id, key), suffixedColumn(key, 'longitude')])
          expect(name).toMatch(/^[a-z][a-z0-9_]{0,62}$/);
      }),
      { numRuns: 2000, seed },
    );
  });

  it.each([
    'id',
    'createdAt',
    'constructor',
    '__proto__',
    'prototype',
    'true',
    'in',
    'null',
    'xmin',
    'me',
    'Name',
    '1st',
    'a-b',
    'a__b',
    'a_b_c',
    'a_B',
    '',
    'naïve',
    'a'.repeat(65),
    'a b',
    'a"; drop table x',
  ])('refuses the key %j', (key) => {
    expect(fieldKeyProblem(key)).not.toBeNull();
  });

  it.each(['name', 'size', 'annualRevenue', 'loyalty_points', 'x_vipLevel', 'title'])('takes the key %j', (key) => {
    expect(fieldKeyProblem(key)).toBeNull();
  });

  it('refuses entity ids that are none', () => {
    for (const id of ['company', 'a.b.c', 'a.B', 'A.b', 'a.constructor', 'a-.b', '.b', 'a.', 'a.b-c'])
      expect(entityIdProblem(id)).not.toBeNull();
    expect(entityIdProblem('field-service.workOrder')).toBeNull();
  });
});
