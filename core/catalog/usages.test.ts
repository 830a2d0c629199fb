import { foldCatalog } from './fold-catalog.js';
import type { Definition } from './types.js';
import { usagesOf } from './usages.js';

const entity = (id: string, properties: object, x: object = {}): Definition => ({
  type: 'entity',
  id,
  document: {
    $id: id,
    title: id,
    type: 'object',
    properties: { name: { title: 'Name', type: 'string', 'x-field': { kind: 'text' } }, ...properties },
    'x-entity': { titleField: 'name', ...x },
  },
});
const kernel = ['core.principal', 'core.user', 'core.attachment'].map((id) => entity(id, {}));
const documents: Definition[] = [
  entity('a.firm', { size: { title: 'Size', 'x-field': { kind: 'choice', options: [{ value: 's', title: 'S' }] } } }),
  entity(
    'a.deal',
    {
      firm: { title: 'Firm', 'x-field': { kind: 'link', to: 'a.firm', inverse: { key: 'deals', title: 'Deals' } } },
      amount: { title: 'Amount', type: 'number', 'x-field': { kind: 'decimal', requireWhen: "firm.size == 's'" } },
    },
    { rules: [{ id: 'r', check: "firm.name != ''", message: { en: 'R' } }], defaultSort: ['-amount'] },
  ),
  {
    type: 'view',
    id: 'a.v',
    document: {
      entity: 'a.deal',
      title: 'Deals',
      type: 'list',
      columns: [{ field: 'firm.name' }],
      sort: ['-amount'],
      filter: 'amount > 1',
    },
  },
  {
    type: 'form',
    id: 'a.f',
    document: {
      entity: 'a.firm',
      title: 'F',
      sections: [{ id: 's', title: 'S', columns: 1, fields: [{ field: 'size' }] }],
      related: [{ key: 'deals', columns: ['amount'] }],
      recordTypes: ['a.key'],
    },
  },
  {
    type: 'record-type',
    id: 'a.key',
    document: { entity: 'a.firm', title: 'Key', options: { size: ['s'] }, form: 'a.f' },
  },
  { type: 'navigation', id: 'a.n', document: { title: 'N', items: [{ view: 'a.v' }] } },
  {
    type: 'role',
    id: 'a.r',
    document: {
      title: 'R',
      grants: [{ entity: 'a.firm', read: 'own', readWhen: "size == 's'" }, { entity: 'gone.x' }],
      fields: [{ entity: 'a.firm', field: 'size', access: 'read' }],
    },
  },
  {
    type: 'translation',
    id: 'a.de',
    document: {
      locale: 'de',
      messages: {
        'entity:a.firm': { '/title': 'Firma', '/properties/size/title': 'Grösse', '/properties/size/description': 'x' },
      },
    },
  },
];
const layers = [kernel, documents].map((each, position) => ({
  plugin: position ? 'a' : 'core',
  version: '1',
  position,
  hash: '',
  documents: each,
}));
const { schema, problems } = foldCatalog(layers, (id, field) => `${id}/${field}`);
const usages = usagesOf(schema, documents);
const of = (uses: string) =>
  usages.filter((usage) => usage.uses === uses).map(({ by, as }) => `${by.type}:${by.id}${by.at} ${as}`);

test('the layers of this test are sound', () => expect(problems).toEqual([]));

test('a field is used by what shows, narrows, grants or translates it, through links too', () => {
  expect(of('entity:a.firm/size')).toEqual([
    'entity:a.deal/properties/amount/x-field/requireWhen expression',
    'form:a.f/sections/s/fields/size/field shown',
    'record-type:a.key/options/size shown',
    'role:a.r/grants/a.firm/readWhen expression',
    'role:a.r/fields/a.firm.size grant',
    'translation:a.de/messages/entity:a.firm text',
  ]);
});

test('every step of a path is a usage', () => {
  expect(of('entity:a.deal/firm')).toEqual([
    'entity:a.deal/properties/amount/x-field/requireWhen expression',
    'entity:a.deal/x-entity/rules/r/check expression',
    'view:a.v/columns/firm.name/field shown',
    'form:a.f/related/deals/key link',
  ]);
});

test('sorts and related columns name the field', () => {
  expect(of('entity:a.deal/amount')).toEqual([
    'entity:a.deal/x-entity/defaultSort/-amount sorted',
    'view:a.v/sort/-amount sorted',
    'view:a.v/filter expression',
    'form:a.f/related/deals/columns/amount shown',
  ]);
});

test('entities, views, forms and record types are used too', () => {
  expect(of('entity:a.firm')).toContain('entity:a.deal/properties/firm/x-field/to link');
  expect(of('view:a.v')).toEqual(['navigation:a.n/items/a.v/view link']);
  expect(of('form:a.f')).toEqual(['record-type:a.key/form link']);
  expect(of('record-type:a.key')).toEqual(['form:a.f/recordTypes/a.key link']);
});

test('an expression that no longer checks still names its fields', () => {
  const broken: Definition = {
    ...documents[2],
    document: { ...documents[2].document, filter: "amount == 'amount' && gone > 1" },
  };
  const found = usagesOf(schema, [broken]).filter(({ as }) => as === 'expression');
  expect(found.map(({ uses }) => uses)).toEqual(['entity:a.deal/amount']);
});

test('a saved view is an author like any other', () => {
  const saved: Definition = { ...documents[2], type: 'saved-view', id: 'f3' };
  expect(usagesOf(schema, [saved])[0]).toEqual({
    uses: 'entity:a.deal',
    by: { type: 'saved-view', id: 'f3', at: '/entity', title: 'Deals' },
    as: 'shown',
  });
});
