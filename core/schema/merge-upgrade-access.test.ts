import fc from 'fast-check';
import { seed } from '../../test/support/property-seed.js';
import { may, type State } from '../../test/support/access-of-documents.js';
import { changeRefusal } from './change-rules.js';
import { diffDocument } from './diff-document.js';
import { foldChange } from './fold-change.js';
import { foldLayers, type LayerDocument } from './fold.js';
import { mergeUpgrade } from './merge-upgrade.js';

// An upgrade to which nobody has agreed yet lets nobody do more than before, whatever both sides changed.

const numRuns = Number(process.env.TRELLIS_LAYER_RUNS ?? 100);
const entities = ['a.e', 'a.f'] as const;
const roles = ['a.r', 'a.s'] as const;
const entity = fc.constantFrom(...entities);
const rows = fc.constantFrom('all', 'own', 'own', 'none');
const when = fc.constantFrom('p', 'q');
const sometimes = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
/** Without what is undefined. */
const documentOf = (shape: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(shape).map((made) => JSON.parse(JSON.stringify(made)) as Record<string, unknown>);

const grant = (id: string) =>
  documentOf({
    entity: fc.constant(id),
    read: rows,
    readWhen: sometimes(when),
    update: rows,
    delete: rows,
    create: fc.boolean(),
    ...Object.fromEntries(
      ['purge', 'import', 'export', 'share', 'assign'].map((key) => [key, sometimes(fc.boolean())]),
    ),
  });
const role = fc
  .tuple(
    fc.subarray([...entities, '*']).chain((ids) => fc.tuple(...ids.map(grant))),
    fc.subarray(['a.e.m', 'a.e.n', 'a.f.m']).chain((keys) =>
      fc.tuple(
        ...keys.map((key) =>
          fc.constantFrom('none', 'masked', 'read', 'edit').map((access) => ({
            entity: key.slice(0, 3),
            field: key.slice(4),
            access,
          })),
        ),
      ),
    ),
  )
  .map(([grants, fields]) => ({ title: 'R', grants, fields }));
const whom = documentOf({
  roles: sometimes(fc.subarray([...roles], { minLength: 1 })),
  teams: sometimes(fc.subarray(['T', 'U'], { minLength: 1 })),
});
const sharingRule = fc
  .tuple(
    documentOf({
      entity,
      access: fc.constantFrom('read', 'edit'),
      off: sometimes(fc.constant(true)),
      until: sometimes(fc.constant('2999-01-01T00:00:00Z')),
    }),
    fc.oneof(fc.constant({ everyone: true }), whom),
    fc.oneof(
      whom.map((ownedBy) => ({ ownedBy })),
      when.map((condition) => ({ when: condition })),
    ),
  )
  .map(([rule, to, which]) => ({ title: 'S', ...rule, to, ...which }));
const restrictionRule = documentOf({
  title: fc.constant('L'),
  entity,
  when,
  off: sometimes(fc.constant(true)),
  roles: sometimes(fc.subarray([...roles, 'core.administrator'], { minLength: 1 })),
});
const field = fc.constantFrom(
  { title: 'F', 'x-field': { kind: 'integer' } },
  { title: 'F', 'x-field': { kind: 'formula', returns: 'integer', expression: 'm' } },
  { title: 'F', 'x-field': { kind: 'formula', returns: 'integer', expression: 'm', systemComputed: true } },
  { title: 'F', 'x-field': { kind: 'formula', returns: 'integer', expression: 'n', systemComputed: true } },
);
const entityDocument = (id: string) =>
  fc
    .tuple(
      fc.constantFrom(
        undefined,
        { default: 'private' },
        { default: 'read' },
        { default: 'edit' },
        { default: 'parent', parent: 'k' },
        { default: 'parent', parent: 'l' },
      ),
      sometimes(field),
    )
    .map(([access, total]) => ({
      $id: id,
      title: 'E',
      properties: { m: { title: 'M' }, n: { title: 'N' }, ...(total ? { total } : {}) },
      'x-entity': access ? { access } : {},
    }));

/** What a plugin says; what is undefined it does not say. */
const version = fc
  .tuple(
    fc.tuple(role, role),
    fc.tuple(sometimes(sharingRule), sometimes(sharingRule)),
    fc.tuple(sometimes(restrictionRule), sometimes(restrictionRule)),
    fc.tuple(...entities.map(entityDocument)),
  )
  .map(([ofRoles, sharing, restriction, ofEntities]): LayerDocument[] =>
    [
      ...ofRoles.map((document, i) => ({ type: 'role', id: roles[i], document })),
      ...sharing.map((document, i) => ({ type: 'sharing-rule', id: `a.s${i}`, document })),
      ...restriction.map((document, i) => ({ type: 'restriction-rule', id: `a.l${i}`, document })),
      ...ofEntities.map((document, i) => ({ type: 'entity', id: entities[i], document })),
    ].flatMap(({ document, ...rest }) => (document === undefined ? [] : [{ ...rest, document }])),
  );

const fold = (documents: readonly LayerDocument[]) =>
  foldLayers([{ plugin: 'a', version: '1.0.0', position: 1, documents: [...documents] }]);

/** The documents with the workspace's changes of them, and what the workspace has of its own. */
function stateOf(documents: readonly LayerDocument[], local: readonly LayerDocument[]): State {
  const changed = documents.map(({ type, id, document }) => {
    const change = local.find((one) => one.type === 'change' && one.id === `x.${type}.${id}`);
    return {
      type,
      id,
      document: change ? foldChange('x', { type, id }, document, change.document).document : document,
    };
  });
  return [...changed, ...local.filter(({ type }) => type !== 'change')];
}

function changesOf(documents: readonly LayerDocument[], wanted: readonly LayerDocument[]): LayerDocument[] {
  return documents.flatMap(({ type, id, document }) => {
    const other = wanted.find((one) => one.type === type && one.id === id);
    const all = other ? diffDocument({ type, before: document, after: other.document }) : [];
    const operations = all.filter((operation) => changeRefusal('x', { type, id }, operation) === null);
    return operations.length === 0
      ? []
      : [{ type: 'change', id: `x.${type}.${id}`, document: { target: { type, id }, operations } }];
  });
}

test('until somebody agrees, an upgrade lets nobody do more than before', () => {
  fc.assert(
    fc.property(version, version, fc.option(version, { nil: null }), (from, to, wanted) => {
      const local = wanted ? changesOf(from, wanted) : [];
      const merged = mergeUpgrade({ oldBelow: fold(from), newBelow: fold(to), local, decided: () => null });
      const before = may(stateOf(from, local));
      const more = [...may(stateOf(to, merged.documents))].filter((one) => !before.has(one));
      expect(more).toEqual([]);
    }),
    { seed, numRuns },
  );
});

test('what the vendor is agreed to is there', () => {
  fc.assert(
    fc.property(version, version, (from, to) => {
      const merged = mergeUpgrade({ oldBelow: fold(from), newBelow: fold(to), local: [], decided: () => 'vendor' });
      expect(merged.documents).toEqual([]);
    }),
    { seed, numRuns },
  );
});
