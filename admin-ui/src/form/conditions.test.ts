import type { CatalogEntity, CatalogField } from '../../../schemas/catalog.js';
import { conditionOf } from './conditions.js';

const field = (key: string, exprType: string, more: Partial<CatalogField> = {}): CatalogField =>
  ({ key, kind: exprType, exprType, schema: {}, ...more }) as CatalogField;
const entity = {
  id: 'a.b',
  fields: [
    field('type', 'text'),
    field('amount', 'number'),
    field('twice', 'number', { expression: 'amount * 2', returns: 'decimal' }),
    field('linked', 'number', { expression: 'owner.age', returns: 'decimal' }),
    field('tags', 'list'),
    field('owner', 'record', { to: ['core.user'] }),
    field('place', 'object', { schema: { properties: { city: { type: ['string', 'null'] } } } }),
  ],
} as unknown as CatalogEntity;
const env = { now: new Date('2026-03-10T12:00:00Z'), zone: 'UTC', me: 'u1' };
const holds = (source: string, record: object): boolean => conditionOf(source, entity, () => undefined)(record, env);

it.each([
  ["type == 'call' || type == 'mail'", { type: 'mail' }, true],
  ["type == 'call'", { type: null }, false],
  ['amount * 2 > 10', { amount: 6 }, true],
  ['amount > 10', {}, false],
  // What a formula gives for the values being edited, not what was stored.
  ['twice == 12', { amount: 6, twice: 4 }, true],
  ['linked == 4', { linked: 4 }, true],
  ["'vip' in tags", { tags: ['vip'] }, true],
  ['owner == me', { owner: { id: 'u1', title: 'Me' } }, true],
  ["place.city == 'Berlin'", { place: { city: 'Berlin' } }, true],
])('%s of %j is %s', (source, record, expected) => expect(holds(source, record)).toBe(expected));

it('shows rather than hides where a field is not in the catalog of the reader', () =>
  expect(holds('salary > 10', {})).toBe(true));

it('reads only the fields that it names', () => {
  const asked: string[] = [];
  holds(
    "type == 'call'",
    new Proxy(
      { type: 'call', amount: 1 },
      { get: (target, key) => (asked.push(String(key)), Reflect.get(target, key)) },
    ),
  );
  expect(asked).toEqual(['type']);
});
