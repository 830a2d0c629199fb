import { diffDocument } from './diff-document.js';
import { elementKeys } from './element-key.js';
import { isObject, sameJson } from './json.js';
import type { Operation } from './operations.js';
import { pointerSteps, valueAtPointer } from './pointer.js';
import { pointerStep } from './problem.js';

type Document = Readonly<Record<string, unknown>>;

/** What a three-way merge found at one place. The values are those of the place; absent: nothing stands there. */
export interface MergeConflict {
  readonly kind: 'both-changed' | 'removed-used' | 'type-changed' | 'anchor-missing';
  /** Pointer; of an operation on an element that of the element. */
  readonly at: string;
  readonly base?: unknown;
  readonly vendor?: unknown;
  readonly local?: unknown;
}

/** What becomes of one local operation. */
export interface MergedOperation {
  readonly operation: Operation;
  /** What is done on the vendor's document where the local side wins; empty where the vendor has the same already. */
  readonly done: readonly Operation[];
  /** It has no place: kept aside until it has one again, or someone decides. */
  readonly isParked: boolean;
  readonly conflict: MergeConflict | null;
}

/** Three states of a document: as the vendor's earlier version had it, as its new one has it, as it is here. */
export interface ThreeWays {
  readonly type: string;
  readonly base: Document;
  readonly vendor: Document;
  readonly local: Document;
}

/**
 * Merges the local operations (the difference of base and local) into the vendor's new document, each on its own: an
 * expression, a text, a list without keys is one value; an option is told by its value; an element stands before its anchor,
 * or before the next that is left of those behind it.
 */
export function mergeOperations(ways: ThreeWays, operations: readonly Operation[]): MergedOperation[] {
  const moves = new Map(
    diffDocument({ type: ways.type, before: ways.base, after: ways.vendor }).flatMap((operation) =>
      operation.op === 'move' ? [[operation.at, operation.before] as const] : [],
    ),
  );
  return operations
    .flatMap((operation) => expand(ways, operation))
    .map((operation) => mergeOne({ ...ways, moves }, operation));
}

interface Merge extends ThreeWays {
  /** Elements that the vendor moved, with their new anchors. */
  readonly moves: ReadonlyMap<string, string | null>;
}

/** An object that both sides brought is merged property by property, like one that stood before. */
function expand(ways: ThreeWays, operation: Operation): Operation[] {
  if (operation.op !== 'set' || !isObject(operation.value)) return [operation];
  const there = valueAtPointer(ways.vendor, operation.at);
  if (!isObject(there) || valueAtPointer(ways.base, operation.at) !== undefined) return [operation];
  if (sameJson(there, operation.value)) return [operation];
  return diffDocument({ type: ways.type, before: {}, after: operation.value }).map((inner) => ({
    ...inner,
    at: operation.at + inner.at,
  }));
}

function mergeOne(merge: Merge, operation: Operation): MergedOperation {
  const { at, op } = operation;
  const changed = changedField(merge, operation);
  if (changed !== null) return park(operation, changed);
  const [base, vendor, local] = [merge.base, merge.vendor, merge.local].map((document) => valueAtPointer(document, at));
  const values = { ...part('base', base), ...part('vendor', vendor), ...part('local', local) };
  if (op === 'move') return mergeMove(merge, operation, values);
  if (op === 'remove' || op === 'unset') {
    if (vendor === undefined) return keep(operation, []);
    return keep(operation, [operation], sameJson(base, vendor) ? null : { kind: 'both-changed', at, ...values });
  }
  if (sameJson(vendor, operation.value)) return keep(operation, []);
  if (op === 'insert-before') return mergeInsert(merge, operation, values);
  const parent = valueAtPointer(merge.vendor, at.slice(0, at.lastIndexOf('/')));
  const hasPlace = Array.isArray(parent) ? vendor !== undefined : isObject(parent);
  if (!hasPlace) return park(operation, { kind: 'removed-used', at, ...values });
  return keep(operation, [operation], sameJson(base, vendor) ? null : { kind: 'both-changed', at, ...values });
}

function mergeInsert(
  merge: Merge,
  operation: Operation & { op: 'insert-before' },
  values: Omit<MergeConflict, 'kind' | 'at'>,
): MergedOperation {
  const { at, before } = operation;
  if (values.vendor !== undefined)
    return keep(operation, [{ op: 'set', at, value: operation.value }], { kind: 'both-changed', at, ...values });
  const listAt = at.slice(0, at.lastIndexOf('/'));
  const list = valueAtPointer(merge.vendor, listAt);
  const above = valueAtPointer(merge.vendor, listAt.slice(0, Math.max(listAt.lastIndexOf('/'), 0)));
  const hasPlace = Array.isArray(list) ? elementKeys(list) !== null : list === undefined && isObject(above);
  if (!hasPlace) return park(operation, { kind: 'removed-used', at, ...values });
  const anchor = anchorOf(merge, listAt, at, before);
  if (anchor === before) return keep(operation, [operation]);
  return keep(operation, [{ ...operation, before: anchor }], {
    kind: 'anchor-missing',
    at,
    ...anchors(before, anchor),
  });
}

function mergeMove(
  merge: Merge,
  operation: Operation & { op: 'move' },
  values: Omit<MergeConflict, 'kind' | 'at'>,
): MergedOperation {
  const { at, before } = operation;
  if (values.vendor === undefined) return park(operation, { kind: 'removed-used', at, ...values });
  const listAt = at.slice(0, at.lastIndexOf('/'));
  const anchor = anchorOf(merge, listAt, at, before);
  const done = [{ ...operation, before: anchor }];
  if (anchor !== before) return keep(operation, done, { kind: 'anchor-missing', at, ...anchors(before, anchor) });
  const moved = merge.moves.get(at);
  if (moved === undefined || moved === before) return keep(operation, done);
  return keep(operation, done, { kind: 'both-changed', at, vendor: { before: moved }, local: { before } });
}

/** The anchor itself where it stands in the vendor's list or comes with a local insertion; else the next behind it here that does. */
function anchorOf(merge: Merge, listAt: string, at: string, before: string | null): string | null {
  if (before === null) return null;
  const keysAt = (document: Document): readonly string[] => {
    const list = valueAtPointer(document, listAt);
    return (Array.isArray(list) && elementKeys(list)) || [];
  };
  const here = keysAt(merge.local);
  const base = new Set(keysAt(merge.base));
  const there = new Set([...keysAt(merge.vendor), ...here.filter((key) => !base.has(key))]);
  there.delete((pointerSteps(at) ?? []).at(-1) ?? '');
  return here.slice(Math.max(here.indexOf(before), 0)).find((key) => there.has(key)) ?? null;
}

function anchors(local: string | null, vendor: string | null): Pick<MergeConflict, 'base' | 'local' | 'vendor'> {
  return { base: { before: local }, local: { before: local }, vendor: { before: vendor } };
}

/** What was said of a field whose kind is another now may make no sense; its name, help and retirement do. */
function changedField(merge: Merge, { at }: Operation): MergeConflict | null {
  const [first, key, word, inner] = pointerSteps(at) ?? [];
  if (merge.type !== 'entity' || first !== 'properties' || word === undefined) return null;
  if (word === 'title' || word === 'description' || inner === 'retired' || inner === 'hidden') return null;
  const place = `/properties${pointerStep(key)}`;
  const kind = (document: Document): unknown => valueAtPointer(document, `${place}/x-field/kind`);
  const [base, vendor] = [kind(merge.base), kind(merge.vendor)];
  if (base === undefined || vendor === undefined || base === vendor) return null;
  const [was, is, local] = [merge.base, merge.vendor, merge.local].map((document) => valueAtPointer(document, at));
  return { kind: 'type-changed', at, ...part('base', was), ...part('vendor', is), ...part('local', local) };
}

function part<K extends string>(key: K, value: unknown): { [P in K]?: unknown } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: unknown });
}

function keep(
  operation: Operation,
  done: readonly Operation[],
  conflict: MergeConflict | null = null,
): MergedOperation {
  return { operation, done, isParked: false, conflict };
}

function park(operation: Operation, conflict: MergeConflict): MergedOperation {
  return { operation, done: [], isParked: true, conflict };
}
