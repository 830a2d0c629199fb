import type { Catalog, RetiredField } from '../catalog/index.js';
import type { EntityModel } from '../schema/index.js';
import type { Actor } from '../sdk/index.js';
import { uniteGrants } from './grants.js';
import { readableRetired } from './retired.js';

const entity = {
  id: 'a.b',
  fields: new Map(['name', 'secret', 'note'].map((key) => [key, { key, kind: {} }])),
} as unknown as EntityModel;
const catalogOf = (roles: Record<string, object>): Catalog =>
  ({
    definitions: () => new Map(Object.entries(roles).map(([id, document]) => [id, { type: 'role', id, document }])),
    schema: { entities: new Map([['a.b', entity]]) },
  }) as unknown as Catalog;
const unite = (roles: Record<string, object>) => uniteGrants(catalogOf(roles), Object.keys(roles), entity);
const hidesSecret = { fields: [{ entity: 'a.b', field: 'secret', access: 'none' }] };

test('without a grant nothing is allowed', () => {
  expect(unite({ r: { grants: [] } })).toMatchObject({ read: 'none', update: 'none', create: false, export: false });
});

test('the grant of the entity wins over the one of all', () => {
  expect(
    unite({
      r: {
        grants: [
          { entity: '*', read: 'all' },
          { entity: 'a.b', read: 'own' },
        ],
      },
    }).read,
  ).toBe('own');
});

test('roles unite: the widest rows, every permission of any', () => {
  const grant = unite({
    r: { grants: [{ entity: '*', read: 'own', create: true }] },
    s: { grants: [{ entity: 'a.b', read: 'all', export: true }] },
  });
  expect(grant).toMatchObject({ read: 'all', create: true, export: true, roles: ['r', 's'] });
});

test('a hidden field does not exist', () => {
  expect([...unite({ r: { grants: [{ entity: '*', read: 'own' }], ...hidesSecret } }).fields.keys()]).toEqual([
    'name',
    'note',
  ]);
});

test('a field that may only be read is not edited, unless another role allows it', () => {
  const readOnly = {
    grants: [{ entity: '*', read: 'all' }],
    fields: [{ entity: 'a.b', field: 'note', access: 'read' }],
  };
  expect(unite({ r: readOnly }).fields.get('note')).toBe('read');
  expect(unite({ r: readOnly, s: { grants: [{ entity: '*', read: 'all' }] } }).fields.get('note')).toBe('edit');
});

test('a mask counts for less than the field itself', () => {
  const masks = {
    grants: [{ entity: '*', read: 'all' }],
    fields: [{ entity: 'a.b', field: 'note', access: 'masked' }],
  };
  expect(unite({ r: masks }).fields.get('note')).toBe('masked');
  expect(unite({ r: masks, s: { grants: [{ entity: '*', read: 'own' }] } }).fields.get('note')).toBe('edit');
});

test('with a hidden amount its currency is hidden too', () => {
  const money = { key: 'fee', kind: { currencyColumn: () => 'fee__currency' } };
  const fields = new Map<string, object>([
    ['fee', money],
    ['feeCurrency', { key: 'feeCurrency', kind: {} }],
  ]);
  const priced = { id: 'a.b', fields } as unknown as EntityModel;
  const roles = {
    r: { grants: [{ entity: '*', read: 'own' }], fields: [{ entity: 'a.b', field: 'fee', access: 'none' }] },
  };
  expect([...uniteGrants(catalogOf(roles), ['r'], priced).fields.keys()]).toEqual([]);
});

test('a retired field is shown where each way to a row showed it, not where one role did', () => {
  const grants = (readWhen?: string) => ({ grants: [{ entity: 'a.b', read: 'own', readWhen }] });
  const retired = [{ field: { key: 'old' }, titles: {}, hiddenFrom: ['s'] }] as unknown as RetiredField[];
  const shown = (roles: Record<string, object>): number => {
    const actor = { kind: 'user', roles: Object.keys(roles) } as unknown as Actor;
    return readableRetired({ actor, locale: 'en' }, retired, unite(roles)).length;
  };
  expect(shown({ r: grants(), s: grants() })).toBe(1);
  expect(shown({ r: grants(), s: grants('true') })).toBe(0);
  expect(shown({ s: grants() })).toBe(0);
});
