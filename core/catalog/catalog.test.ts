import { checkLayers } from './check-layers.js';
import { uuidLookup, foldCatalog, wantedNodes } from './fold-catalog.js';
import { makeCatalog } from './make-catalog.js';
import { planNodes } from './node-plan.js';
import type { Definition, Layer } from './types.js';

const kernel = ['principal', 'user', 'attachment'].map((name): Definition => ({
  type: 'entity',
  id: `core.${name}`,
  document: {
    $id: `core.${name}`,
    title: name,
    type: 'object',
    properties: { name: { title: 'Name', type: 'string', 'x-field': { kind: 'text' } } },
    'x-entity': { titleField: 'name', titlePlural: name, icon: 'box', ownership: 'none' },
  },
}));
const firm: Definition = {
  type: 'entity',
  id: 'a.firm',
  document: {
    $id: 'a.firm',
    title: 'Firm',
    type: 'object',
    properties: {
      name: { title: 'Name', type: 'string', 'x-field': { kind: 'text' } },
      kind: { title: 'Kind', 'x-field': { kind: 'choice', options: [{ value: 'big', title: 'Big' }] } },
      parent: {
        title: 'Parent',
        'x-field': { kind: 'link', to: 'a.firm', inverse: { key: 'children', title: 'Children' } },
      },
    },
    'x-entity': {
      titleField: 'name',
      titlePlural: 'Firms',
      icon: 'box',
      rules: [{ id: 'r', check: "name != ''", message: { en: 'x' } }],
    },
  },
};
const layer = (plugin: string, position: number, documents: readonly Definition[]): Layer => ({
  plugin,
  version: '1.0.0',
  position,
  hash: plugin,
  documents,
});
const core = layer('core', 0, kernel);
const view = (document: Record<string, unknown>): Definition => ({
  type: 'view',
  id: 'a.v',
  document: { entity: 'a.firm', title: 'V', type: 'list', columns: [{ field: 'name' }], ...document },
});
const check = (...documents: Definition[]) =>
  checkLayers([core, layer('a', 1, [firm, ...documents])]).map(({ id, pointer, code, message }) => ({
    id,
    pointer,
    code,
    message,
  }));

test('sound layers have no problems', () => {
  expect(
    check(view({ columns: [{ field: 'parent.name' }], sort: ['-name'], filter: "kind == 'big' && parent.name != ''" })),
  ).toEqual([]);
});

test.each<[Record<string, unknown>, string, string]>([
  [{ columns: [{ field: 'nmae' }] }, '/columns/0/field', 'Did you mean "name"?'],
  [{ columns: [{ field: 'name.first' }] }, '/columns/0/field', 'no link to one record'],
  [{ columns: [{ field: 'parent.knd' }] }, '/columns/0/field', 'Did you mean "kind"?'],
  [{ entity: 'a.frim' }, '/entity', 'Did you mean "a.firm"?'],
  [{ type: 'board', groupBy: 'name' }, '/groupBy', 'has no options'],
  [{ totals: [{ field: 'name', fn: 'sum' }] }, '/totals/0/fn', 'has no "sum"'],
  [{ filter: 'name > 5' }, '/filter', 'text > number'],
  [{ filter: 'name' }, '/filter', ''],
])('a view %j is refused at %s', (document, pointer, words) => {
  expect(check(view(document))).toEqual([
    expect.objectContaining({ id: 'a.v', pointer, message: expect.stringContaining(words) as string }),
  ]);
});

test('forms, navigation, rules and roles are checked too', () => {
  const form: Definition = {
    type: 'form',
    id: 'a.f',
    document: {
      entity: 'a.firm',
      title: 'F',
      sections: [{ id: 's', title: 'S', columns: 1, fields: [{ field: 'x' }], showWhen: 'kind > 1' }],
      related: [{ key: 'childern' }],
    },
  };
  const navigation: Definition = {
    type: 'navigation',
    id: 'a.n',
    document: { title: 'N', icon: 'box', order: 1, items: [{ entity: 'a.firm' }, { view: 'a.w' }] },
  };
  const role: Definition = {
    type: 'role',
    id: 'a.r',
    document: {
      title: 'R',
      grants: [
        { entity: 'a.firm', read: 'own', readWhen: 'name == 1' },
        { entity: 'other.thing', read: 'all' },
        { entity: 'a.frm', read: 'all' },
      ],
      fields: [{ entity: 'a.firm', field: 'knd', access: 'none' }],
    },
  };
  expect(check(form, navigation, role).map(({ id, pointer }) => `${id}${pointer}`)).toEqual([
    'a.f/sections/0/fields/0/field',
    'a.f/sections/0/showWhen',
    'a.f/related/0/key',
    'a.n/items/1/view',
    'a.r/grants/0/readWhen',
    'a.r/grants/2/entity',
    'a.r/fields/0/field',
  ]);
});

describe('the catalog of stored layers', () => {
  const extension: Definition = {
    type: 'extension',
    id: 'b.a.firm',
    document: {
      entity: 'a.firm',
      properties: { b_stars: { title: 'Stars', type: 'integer', 'x-field': { kind: 'integer' } } },
    },
  };
  const chinese: Definition = {
    type: 'translation',
    id: 'b.zh-CN',
    document: {
      locale: 'zh-CN',
      messages: {
        'entity:a.firm': { '/title': '公司' },
        'extension:b.a.firm': { '/properties/b_stars/title': '星级' },
      },
    },
  };
  const layers = [core, layer('a', 1, [firm]), layer('b', 2, [extension, chinese])];
  let n = 0;
  const { nodes } = planNodes([], wantedNodes(foldCatalog(layers, () => '')), () => `id-${++n}`);
  const catalog = makeCatalog({ epoch: 4, layers, nodes });

  test('has the lasting ids of fields', () => {
    expect(catalog.schema.entities.get('a.firm')?.fields.get('b_stars')?.uuid).toBe(
      uuidLookup(nodes)('a.firm', 'b_stars'),
    );
  });
  test('knows where a field comes from, also for its lasting id', () => {
    expect(catalog.provenance('entity', 'a.firm', '/properties/b_stars')).toEqual({ plugin: 'b', version: '1.0.0' });
    expect(catalog.provenance('entity', 'a.firm', '/properties/name/title')).toEqual({ plugin: 'a', version: '1.0.0' });
    expect(nodes.find((node) => node.field === 'b_stars')?.plugin).toBe('b');
  });
  test('speaks the languages that any layer brings, extensions included', () => {
    expect(catalog.locales).toEqual(['en', 'zh-CN']);
    const definition = catalog.definitions('entity').get('a.firm') as Definition;
    const document = catalog.localized(definition, 'zh-CN') as {
      title: string;
      properties: Record<string, { title: string }>;
    };
    expect([document.title, document.properties.b_stars.title, document.properties.name.title]).toEqual([
      '公司',
      '星级',
      'Name',
    ]);
    expect(catalog.localized(definition, 'fr')).toBe(definition.document);
  });
});
