import fc from 'fast-check';
import { definitionArbitrary } from '../../test/support/definition-arbitrary.js';
import { applyOperations } from './apply-operations.js';
import { diffDocument } from './diff-document.js';
import { foldLayers, type LayerDocument } from './fold.js';
import { elementKey, elementKeys } from './element-key.js';
import { isObject, sameJson } from './json.js';
import { mergeUpgrade, type MergedUpgrade, type ParkedOperation } from './merge-upgrade.js';
import type { Operation } from './operations.js';
import { valueAtPointer } from './pointer.js';
import { seed } from '../../test/support/property-seed.js';

type Document = Readonly<Record<string, unknown>>;
type Decided = Parameters<typeof mergeUpgrade>[0]['decided'];

const numRuns = Number(process.env.TRELLIS_LAYER_RUNS ?? 25);
const undecided: Decided = () => null;
const fold = (...documents: LayerDocument[]) => foldLayers([{ plugin: 'a', version: '1.0.0', position: 1, documents }]);
const changeOf = (type: string, operations: readonly Operation[]): LayerDocument => ({
  type: 'change',
  id: `x.${type}.a.t`,
  document: { target: { type, id: 'a.t' }, operations },
});

interface Step {
  readonly type: string;
  readonly from: Document;
  readonly to: Document;
  readonly local: readonly LayerDocument[];
  readonly parked?: readonly ParkedOperation[];
  readonly decided?: Decided;
}

/** One upgrade of the only document there is, and what is in effect afterwards. */
function upgrade({
  type,
  from,
  to,
  local,
  parked = [],
  decided = undecided,
}: Step): MergedUpgrade & { merged: Document } {
  const below = (document: Document): LayerDocument => ({ type, id: 'a.t', document });
  const result = mergeUpgrade({ oldBelow: fold(below(from)), newBelow: fold(below(to)), local, parked, decided });
  const operations = (result.documents[0]?.document.operations ?? []) as Operation[];
  const { document, failed } = applyOperations({ type, document: to, operations });
  expect(failed).toEqual([]);
  expect(diffDocument({ type, before: to, after: document })).toEqual(operations);
  return { ...result, merged: document };
}

/** True where an operation is in effect, stands in the vendor's text, is asked about or is parked. */
function isAccounted(operation: Operation, { merged, conflicts, parked }: ReturnType<typeof upgrade>): boolean {
  const { at } = operation;
  const isNear = (other: string): boolean => other === at || other.startsWith(`${at}/`) || at.startsWith(`${other}/`);
  if (conflicts.some((conflict) => isNear(conflict.at)) || parked.some((one) => isNear(one.operation.at))) return true;
  const value = valueAtPointer(merged, at);
  if (operation.op === 'unset' || operation.op === 'remove') return value === undefined;
  if (operation.op === 'move') return value !== undefined;
  return holds(value, operation.value);
}

/** An object that both sides brought holds what each of them put into it. */
function holds(value: unknown, wanted: unknown): boolean {
  if (isObject(value) && isObject(wanted)) return Object.keys(wanted).every((key) => holds(value[key], wanted[key]));
  const keys = Array.isArray(value) && Array.isArray(wanted) ? elementKeys(wanted) : null;
  if (keys && elementKeys(value as unknown[]))
    return keys.every((key, i) =>
      holds(
        (value as unknown[]).find((one) => elementKey(one) === key),
        (wanted as unknown[])[i],
      ),
    );
  return sameJson(value, wanted);
}

describe.each(['entity', 'view', 'form', 'navigation', 'role', 'record-type'])(
  'of random versions of type %s',
  (type) => {
    const document = definitionArbitrary(type);
    test('nothing local is lost over two upgrades, and equal inputs give equal answers', () => {
      fc.assert(
        fc.property(fc.tuple(document, document, document, document), ([one, two, three, local]) => {
          const wanted = diffDocument({ type, before: one, after: local });
          const first = upgrade({ type, from: one, to: two, local: [changeOf(type, wanted)] });
          for (const operation of wanted) expect([operation, isAccounted(operation, first)]).toEqual([operation, true]);
          const kept = (first.documents[0]?.document.operations ?? []) as Operation[];
          const again = { type, from: two, to: three, local: first.documents, parked: first.parked };
          const second = upgrade(again);
          for (const operation of [...kept, ...first.parked.map((parked) => parked.operation)])
            expect([operation, isAccounted(operation, second)]).toEqual([operation, true]);
          expect(JSON.stringify(upgrade(again))).toBe(JSON.stringify(second));
        }),
        { numRuns, seed },
      );
    });
    test('what only the vendor changed comes through', () => {
      fc.assert(
        fc.property(fc.tuple(document, document, document), ([one, two, local]) => {
          const wanted = diffDocument({ type, before: one, after: local });
          const { merged, conflicts } = upgrade({ type, from: one, to: two, local: [changeOf(type, wanted)] });
          const touched = [...wanted, ...conflicts].map(({ at }) => at);
          for (const { op, at, ...more } of diffDocument({ type, before: one, after: two })) {
            if (op !== 'set' || touched.some((other) => other.startsWith(at) || at.startsWith(other))) continue;
            expect([at, valueAtPointer(merged, at)]).toEqual([at, (more as { value: unknown }).value]);
          }
        }),
        { numRuns, seed },
      );
    });
    test('where the vendor is chosen everywhere, no choice is left to be made again', () => {
      fc.assert(
        fc.property(fc.tuple(document, document, document), ([one, two, local]) => {
          const wanted = diffDocument({ type, before: one, after: local });
          const input = { type, from: one, to: two, local: [changeOf(type, wanted)], decided: () => 'vendor' as const };
          const { conflicts, merged } = upgrade(input);
          for (const { kind, at, vendor } of conflicts)
            if (kind === 'both-changed' && !wanted.some((operation) => operation.op === 'move'))
              expect([at, valueAtPointer(merged, at)]).toEqual([at, vendor]);
        }),
        { numRuns, seed },
      );
    });
  },
);

const firm = {
  $id: 'a.t',
  title: 'Firm',
  properties: {
    name: { title: 'Name', 'x-field': { kind: 'text' } },
    size: {
      title: 'Size',
      'x-field': { kind: 'choice', options: ['s', 'm', 'l'].map((value) => ({ value, title: value })) },
    },
  },
};
/** The firm as `operations` make it. */
const firmWith = (...operations: Operation[]): Document =>
  applyOperations({ type: 'entity', document: firm, operations }).document;
const merge = (vendor: Document, decided: Decided, ...operations: Operation[]) =>
  upgrade({ type: 'entity', from: firm, to: vendor, local: [changeOf('entity', operations)], decided });
const told = ({ conflicts }: MergedUpgrade) => conflicts.map(({ kind, at }) => `${kind} ${at}`);
const title: Operation = { op: 'set', at: '/properties/name/title', value: 'Ours' };
const option: Operation = {
  op: 'insert-before',
  at: '/properties/size/x-field/options/xs',
  value: { value: 'xs', title: 'XS' },
  before: 's',
};

test('changes at different places need no answer', () => {
  const result = merge(firmWith({ op: 'set', at: '/title', value: 'Company' }), undecided, title);
  expect([told(result), result.merged]).toMatchObject([
    [],
    { title: 'Company', properties: { name: { title: 'Ours' } } },
  ]);
});

test('the same change by both leaves nothing in the workspace', () => {
  expect(merge(firmWith(title), undecided, title).documents).toEqual([]);
});

test('both changed: local holds until the vendor is chosen', () => {
  const vendor = firmWith({ ...title, value: 'Theirs' } as Operation);
  const open = merge(vendor, undecided, title);
  expect(open.conflicts).toEqual([
    {
      kind: 'both-changed',
      type: 'entity',
      target: 'a.t',
      at: '/properties/name/title',
      base: 'Name',
      vendor: 'Theirs',
      local: 'Ours',
      choice: null,
    },
  ]);
  expect(valueAtPointer(open.merged, title.at)).toBe('Ours');
  const chosen = merge(vendor, () => 'vendor', title);
  expect([chosen.documents, chosen.conflicts[0].choice]).toEqual([[], 'vendor']);
});

test('removed: what was said of a field that is gone is parked, and done again when it comes back', () => {
  const gone = firmWith({ op: 'unset', at: '/properties/name' });
  const away = merge(gone, undecided, title);
  expect([told(away), away.documents, away.parked.map(({ operation }) => operation)]).toEqual([
    ['removed-used /properties/name/title'],
    [],
    [title],
  ]);
  const back = upgrade({ type: 'entity', from: gone, to: firm, local: [], parked: away.parked });
  expect([valueAtPointer(back.merged, title.at), back.parked]).toEqual(['Ours', []]);
  expect(merge(gone, () => 'vendor', title).parked).toEqual([]);
});

test('type changed: the title stays, what belongs to the old kind is parked and does not come back to another', () => {
  const vendor = firmWith({ op: 'set', at: '/properties/size/x-field', value: { kind: 'text' } });
  const result = merge(vendor, undecided, option, { op: 'set', at: '/properties/size/title', value: 'Grösse' });
  expect(told(result)).toEqual(['type-changed /properties/size/x-field/options/xs']);
  expect(valueAtPointer(result.merged, '/properties/size')).toEqual({ title: 'Grösse', 'x-field': { kind: 'text' } });
  const next = upgrade({ type: 'entity', from: vendor, to: vendor, local: result.documents, parked: result.parked });
  expect(next.parked).toEqual(result.parked);
});

test('anchor missing: the option stands before the next one that is left, and is shown', () => {
  const result = merge(firmWith({ op: 'remove', at: '/properties/size/x-field/options/s' }), undecided, option);
  expect(told(result)).toEqual(['anchor-missing /properties/size/x-field/options/xs']);
  expect(
    (valueAtPointer(result.merged, '/properties/size/x-field/options') as { value: string }[]).map(
      ({ value }) => value,
    ),
  ).toEqual(['xs', 'm', 'l']);
});

test('options of both sides stand beside each other', () => {
  const vendor = firmWith({
    op: 'insert-before',
    at: '/properties/size/x-field/options/xl',
    value: { value: 'xl', title: 'XL' },
    before: null,
  });
  const result = merge(vendor, undecided, option);
  expect([
    told(result),
    (valueAtPointer(result.merged, '/properties/size/x-field/options') as { value: string }[]).map(
      ({ value }) => value,
    ),
  ]).toEqual([[], ['xs', 's', 'm', 'l', 'xl']]);
});

test('a whole definition that is gone parks all of its changes; of a plugin that is away they stay', () => {
  const other: LayerDocument = { type: 'view', id: 'a.other', document: {} };
  const entity: LayerDocument = { type: 'entity', id: 'a.t', document: firm };
  const local = [changeOf('entity', [title])];
  const gone = mergeUpgrade({ oldBelow: fold(entity), newBelow: fold(other), local, decided: undecided });
  expect([told(gone), gone.documents, gone.parked.length]).toEqual([['removed-used '], [], 1]);
  const away = mergeUpgrade({ oldBelow: fold(entity), newBelow: fold(), local, decided: undecided });
  expect([away.conflicts, away.documents, away.parked]).toEqual([[], local, []]);
});

test("documents of the workspace's own stay as they are", () => {
  const own: LayerDocument = { type: 'view', id: 'x.v', document: { title: 'V' } };
  expect(mergeUpgrade({ oldBelow: fold(), newBelow: fold(), local: [own], decided: undecided }).documents).toEqual([
    own,
  ]);
});

describe('a role that would grant more', () => {
  const role = (read: string, update: string, ...more: object[]) => ({
    title: 'R',
    grants: [{ entity: 'a.t', read, create: false, update, delete: 'none' }, ...more],
  });
  const entity: LayerDocument = { type: 'entity', id: 'a.t', document: firm };
  const mergeRole = (from: Document, to: Document, decided: Decided, ...local: Operation[]) => {
    const layers = [from, to].map((document) => fold(entity, { type: 'role', id: 'a.t', document }));
    const documents = local.length > 0 ? [changeOf('role', local)] : [];
    const result = mergeUpgrade({ oldBelow: layers[0], newBelow: layers[1], local: documents, decided });
    const operations = (result.documents[0]?.document.operations ?? []) as Operation[];
    return { ...result, merged: applyOperations({ type: 'role', document: to, operations }).document };
  };

  test('stays at what it granted, while what it grants less comes through', () => {
    const result = mergeRole(role('own', 'all'), role('all', 'own'), undecided);
    expect([told(result), result.merged]).toEqual([['access-widened /grants/a.t/read'], role('own', 'own')]);
  });
  test('grants it with consent', () => {
    expect(mergeRole(role('own', 'own'), role('all', 'own'), () => 'vendor').merged).toEqual(role('all', 'own'));
  });
  test('may have an entity that is new', () => {
    const grant = { entity: 'a.fresh', read: 'all', create: true, update: 'all', delete: 'all' };
    expect(told(mergeRole(role('own', 'own'), role('own', 'own', grant), undecided))).toEqual([]);
  });
  test('does not fall back to a wider grant for all when its own goes', () => {
    const all = { entity: '*', read: 'all', create: true, update: 'all', delete: 'all' };
    const result = mergeRole(role('own', 'none', all), { title: 'R', grants: [all] }, undecided);
    expect([told(result), result.merged.grants]).toEqual([
      ['access-widened /grants/a.t'],
      [all, role('own', 'none').grants[0]],
    ]);
  });
  test('is compared with what was granted here, not with what the vendor granted', () => {
    const narrow: Operation = { op: 'set', at: '/grants/a.t/read', value: 'none' };
    const result = mergeRole(role('own', 'none'), role('own', 'own'), undecided, narrow);
    expect([told(result), result.merged]).toEqual([['access-widened /grants/a.t/update'], role('none', 'none')]);
  });
});
