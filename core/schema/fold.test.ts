import { foldLayers, type FoldLayer, type LayerDocument } from './fold.js';
import type { Operation } from './operations.js';

const field = (kind: string, title = kind) => ({ title, 'x-field': { kind } });
const firm: LayerDocument = {
  type: 'entity',
  id: 'a.firm',
  document: {
    $id: 'a.firm',
    title: 'Firm',
    type: 'object',
    required: ['name'],
    properties: {
      name: field('text', 'Name'),
      size: {
        title: 'Size',
        'x-field': {
          kind: 'choice',
          options: [
            { value: 's', title: 'S' },
            { value: 'l', title: 'L' },
          ],
        },
      },
    },
    'x-entity': { titleField: 'name' },
  },
};
const form: LayerDocument = {
  type: 'form',
  id: 'a.firm',
  document: {
    entity: 'a.firm',
    title: 'Firm',
    sections: [{ id: 'main', title: 'Main', columns: 1, fields: [{ field: 'name' }] }],
  },
};
const layer = (plugin: string, position: number, documents: LayerDocument[]): FoldLayer => ({
  plugin,
  version: '1.0.0',
  position,
  documents,
});
const change = (plugin: string, type: string, id: string, ...operations: Operation[]): LayerDocument => ({
  type: 'change',
  id: `${plugin}.${type}.${id}`,
  document: { target: { type, id }, operations },
});
const base = layer('a', 1, [firm, form]);
const workspace = (...operations: Operation[]): FoldLayer =>
  layer('x', 1_000_000, [change('x', 'entity', 'a.firm', ...operations)]);
const entityOf = (...layers: FoldLayer[]) => {
  const folded = foldLayers(layers);
  return {
    folded,
    document: folded.definitions('entity').get('a.firm')?.document as Record<
      string,
      Record<string, Record<string, unknown>>
    >,
  };
};
const codes = (...layers: FoldLayer[]) => foldLayers(layers).problems.map(({ code, pointer }) => `${code} ${pointer}`);

test('changes are applied layer by layer, whatever the order in which layers are given', () => {
  const edition = layer('e', 5, [
    change(
      'e',
      'entity',
      'a.firm',
      { op: 'set', at: '/properties/name/title', value: 'Edition' },
      { op: 'set', at: '/title', value: 'Company' },
    ),
  ]);
  const { document, folded } = entityOf(
    workspace({ op: 'set', at: '/properties/name/title', value: 'Ours' }),
    edition,
    base,
  );
  expect([document.title, document.properties.name.title]).toEqual(['Company', 'Ours']);
  expect(folded.problems).toEqual([]);
  expect([...folded.changed]).toEqual(['entity:a.firm']);
});

test('a field added by the workspace stands on the entity and is told as added', () => {
  const { document, folded } = entityOf(
    base,
    workspace({ op: 'set', at: '/properties/x_stars', value: field('integer') }),
  );
  expect(Object.keys(document.properties)).toEqual(['name', 'size', 'x_stars']);
  expect([...folded.added('a.firm')]).toEqual(['x_stars']);
});

test('every place knows the layer that set it, the elements of lists by their keys', () => {
  const { folded } = entityOf(
    base,
    workspace(
      { op: 'set', at: '/properties/x_stars', value: field('integer') },
      { op: 'set', at: '/properties/name/title', value: 'Ours' },
      { op: 'insert-before', at: '/properties/size/x-field/options/m', value: { value: 'm', title: 'M' }, before: 'l' },
    ),
  );
  const who = (pointer: string) => folded.provenance('entity', 'a.firm', pointer)?.plugin ?? null;
  expect([
    who(''),
    who('/properties/name'),
    who('/properties/name/title'),
    who('/properties/x_stars/title'),
    who('/properties/size/x-field/options/m/title'),
    who('/properties/size/x-field/options/l/title'),
    who('/properties/gone'),
  ]).toEqual(['a', 'a', 'x', 'x', 'x', 'a', null]);
  expect([...folded.origins('entity', 'a.firm')].map(([at, { plugin }]) => `${at} ${plugin}`)).toEqual([
    ' a',
    '/properties/x_stars x',
    '/properties/name/title x',
    '/properties/size/x-field/options/m x',
  ]);
});

test('a place that was unset and set by another belongs to the other', () => {
  const edition = layer('e', 5, [
    change('e', 'entity', 'a.firm', { op: 'set', at: '/properties/name/description', value: 'x' }),
  ]);
  const { folded } = entityOf(base, edition, workspace({ op: 'unset', at: '/properties/name/description' }));
  expect(folded.provenance('entity', 'a.firm', '/properties/name/description')).toBeNull();
  expect([...folded.origins('entity', 'a.firm').keys()]).toEqual(['']);
});

test('a later layer changes what an extension brought, and a form is changed like an entity', () => {
  const extension: LayerDocument = {
    type: 'extension',
    id: 'b.a.firm',
    document: { entity: 'a.firm', properties: { b_x: field('text') } },
  };
  const { document, folded } = entityOf(
    base,
    layer('b', 2, [extension]),
    layer('x', 9, [
      change('x', 'entity', 'a.firm', { op: 'set', at: '/properties/b_x/title', value: 'Ours' }),
      change('x', 'form', 'a.firm', {
        op: 'insert-before',
        at: '/sections/main/fields/b_x',
        value: { field: 'b_x' },
        before: 'name',
      }),
    ]),
  );
  expect(document.properties.b_x.title).toBe('Ours');
  expect(folded.definitions('form').get('a.firm')?.document.sections).toMatchObject([
    { fields: [{ field: 'b_x' }, { field: 'name' }] },
  ]);
  expect(folded.provenance('entity', 'a.firm', '/properties/b_x')?.plugin).toBe('b');
});

test.each<[Operation, string]>([
  [{ op: 'set', at: '/properties/stars', value: field('integer') }, 'change.bad_prefix /operations/0/at'],
  [{ op: 'set', at: '/properties/b_stars', value: field('integer') }, 'change.bad_prefix /operations/0/at'],
  [{ op: 'unset', at: '/properties/name' }, 'change.protected /operations/0/at'],
  [{ op: 'set', at: '/properties', value: {} }, 'change.protected /operations/0/at'],
  [{ op: 'set', at: '/properties/name/x-field/kind', value: 'email' }, 'change.protected /operations/0/at'],
  [{ op: 'set', at: '/properties/name/x-field', value: { kind: 'email' } }, 'change.protected /operations/0/at'],
  [{ op: 'set', at: '/$id', value: 'a.other' }, 'change.protected /operations/0/at'],
  [{ op: 'set', at: '/x-entity/ownership', value: 'none' }, 'change.protected /operations/0/at'],
  [{ op: 'set', at: '/properties/createdAt', value: field('date') }, 'change.bad_prefix /operations/0/at'],
  [{ op: 'set', at: '/properties/createdAt/title', value: 'Born' }, 'change.path_missing /operations/0/at'],
  [{ op: 'move', at: '/properties/size/x-field/options/l', before: 'xs' }, 'change.anchor_missing /operations/0/at'],
])('%j of the workspace is left out and told', (operation, told) => {
  expect(codes(base, workspace(operation))).toEqual([told]);
  expect(entityOf(base, workspace(operation)).document).toEqual(firm.document);
});

test('a field may be retired, required and given a rule by whoever stands above', () => {
  const { document, folded } = entityOf(
    base,
    workspace(
      { op: 'set', at: '/properties/size/x-field/retired', value: true },
      { op: 'insert-before', at: '/required/size', value: 'size', before: null },
      {
        op: 'insert-before',
        at: '/x-entity/rules/r',
        value: { id: 'r', check: 'true', message: { en: 'R' } },
        before: null,
      },
    ),
  );
  expect(folded.problems).toEqual([]);
  expect([document.required, document['x-entity'].rules]).toMatchObject([['name', 'size'], [{ id: 'r' }]]);
});

test('a target that its plugin no longer has is told; one whose plugin is away is not', () => {
  const lost = layer('x', 9, [
    change('x', 'view', 'a.gone', { op: 'set', at: '/title', value: 'T' }),
    change('x', 'view', 'other.v', { op: 'set', at: '/title', value: 'T' }),
  ]);
  expect(codes(base, lost)).toEqual(['change.target_missing /target/id']);
});

test('what is folded again from the same documents is the same object', () => {
  const layers = [base, workspace({ op: 'set', at: '/title', value: 'T' })];
  const [one, two] = [entityOf(...layers).document, entityOf(...layers).document];
  expect(one).toBe(two);
  expect(entityOf(base).document).toBe(firm.document);
});

test('300 entities of 200 fields with as many changes fold in time', () => {
  const big = Array.from({ length: 300 }, (_, e): LayerDocument => ({
    type: 'entity',
    id: `a.e${e}`,
    document: {
      $id: `a.e${e}`,
      properties: Object.fromEntries(Array.from({ length: 200 }, (_, f) => [`f${f}`, field('text')])),
    },
  }));
  const changes = big.map(({ id }) =>
    change(
      'x',
      'entity',
      id,
      ...Array.from({ length: 200 }, (_, f): Operation => ({
        op: 'set',
        at: `/properties/x_f${f}`,
        value: field('text'),
      })),
    ),
  );
  // About 0.25 s on a quiet core; the best of three, since others may be at work.
  const times = [1, 2, 3].map(() => {
    const fresh = JSON.parse(JSON.stringify([layer('a', 1, big), layer('x', 9, changes)])) as FoldLayer[];
    const started = performance.now();
    const folded = foldLayers(fresh);
    for (const { id } of big) folded.provenance('entity', id, '/properties/x_f7');
    expect(folded.problems).toEqual([]);
    return performance.now() - started;
  });
  expect(Math.min(...times)).toBeLessThan(10_000);
});
