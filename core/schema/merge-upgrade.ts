import { applyOperations } from './apply-operations.js';
import { diffDocument } from './diff-document.js';
import { foldChange } from './fold-change.js';
import type { FoldedLayers, LayerDocument } from './fold.js';
import { sameJson } from './json.js';
import { mergeOperations, type MergeConflict, type ThreeWays } from './merge-operations.js';
import { workspaceLayer, type Operation } from './operations.js';
import { pointerSteps, valueAtPointer } from './pointer.js';
import { pointerStep } from './problem.js';
import { definitionTypes } from './validate-definition.js';
import { widenedDefinition } from './widened-access.js';

type Document = Readonly<Record<string, unknown>>;

/** An operation that has no place at present, and the definition that it is for. */
export interface ParkedOperation {
  readonly type: string;
  readonly id: string;
  readonly operation: Operation;
  /** Of an operation inside a field: its kind at that time; it fits a field of this kind only. */
  readonly fieldKind?: string;
}

/** A place at which an upgrade and the workspace want different things. */
export interface UpgradeQuestion extends Omit<MergeConflict, 'kind'> {
  readonly kind: MergeConflict['kind'] | 'access-widened';
  readonly type: string;
  readonly target: string;
  /** What `decided` said; null: nobody chose yet, so that the local side holds. */
  readonly choice: 'local' | 'vendor' | null;
}

export interface MergeInput {
  /** The fold of everything below the workspace, before and after. */
  readonly oldBelow: Pick<FoldedLayers, 'definitions'>;
  readonly newBelow: Pick<FoldedLayers, 'definitions'>;
  /** Documents of the workspace layer. */
  readonly local: readonly LayerDocument[];
  /** Operations that earlier upgrades left without a place. Those that have one again are done. */
  readonly parked?: readonly ParkedOperation[];
  /** The choice that was made for the same question, with the same values, before; null: none. */
  decided(question: Omit<UpgradeQuestion, 'choice'>): 'local' | 'vendor' | null;
}

export interface MergedUpgrade {
  /** The workspace layer over the new fold, its changes canonical. */
  readonly documents: readonly LayerDocument[];
  readonly conflicts: readonly UpgradeQuestion[];
  /** What still has no place. What was decided for the vendor is not among them. */
  readonly parked: readonly ParkedOperation[];
}

/**
 * Merges the workspace's changes with a new version of what stands below, three ways: base is the old lower fold, vendor the
 * new one, local the old one with the changes. Nothing local gets lost: each operation is done, stands in the vendor's text
 * already, is asked about, or is parked. Until someone chooses, the local side wins, and a role that would grant more stays
 * at what it granted. Whole documents of the workspace are its own and stay. Changes of a plugin that is away stay as they
 * are. Pure and deterministic. That documents name fields which are gone is not its business: `usagesOf` finds those.
 */
export function mergeUpgrade(input: MergeInput): MergedUpgrade {
  const plugins = pluginsOf(input.newBelow);
  const changes = new Map(
    input.local.filter(({ type }) => type === 'change').map((one) => [nameOf(targetOf(one)), one] as const),
  );
  const merge: Merge = {
    ...input,
    earlier: input.parked ?? [],
    conflicts: [],
    parked: [],
    isKnown: (id) => input.oldBelow.definitions('entity').has(id),
  };
  const documents: LayerDocument[] = input.local.filter(({ type }) => type !== 'change');
  const targets = new Map([...changes.values()].map((one) => [nameOf(targetOf(one)), targetOf(one)] as const));
  for (const one of [...merge.earlier, ...accessOf(input)]) targets.set(nameOf(one), { type: one.type, id: one.id });
  for (const name of [...targets.keys()].sort()) {
    const target = targets.get(name) as Target;
    const change = changes.get(name);
    const isAway = !plugins.has(target.id.split('.')[0]);
    const operations = isAway ? operationsOf(change) : mergeTarget(merge, target, change);
    if (isAway) merge.parked.push(...merge.earlier.filter((one) => nameOf(one) === name));
    if (operations.length > 0) documents.push(changeOf(target, operations));
  }
  documents.push(...heldRestrictions(merge, documents));
  return { documents, conflicts: merge.conflicts, parked: merge.parked };
}

interface Target {
  readonly type: string;
  readonly id: string;
}

interface Merge extends Omit<MergeInput, 'parked'> {
  readonly earlier: readonly ParkedOperation[];
  readonly conflicts: UpgradeQuestion[];
  readonly parked: ParkedOperation[];
  isKnown(entity: string): boolean;
}

/** Operations of the workspace on the new document. */
function mergeTarget(merge: Merge, target: Target, change: LayerDocument | undefined): readonly Operation[] {
  const { type, id } = target;
  const base = merge.oldBelow.definitions(type).get(id)?.document ?? null;
  const vendor = merge.newBelow.definitions(type).get(id)?.document ?? null;
  const earlier = merge.earlier.filter((one) => nameOf(one) === nameOf(target));
  if (vendor === null) {
    merge.parked.push(...earlier);
    parkAll(merge, target, base, operationsOf(change));
    return [];
  }
  if (earlier.length === 0 && (vendor === base || sameJson(vendor, base))) return operationsOf(change);
  const from = base ?? vendor;
  const {
    document: local,
    done,
    failed,
  } = change ? foldChange(workspaceLayer, target, from, change.document) : { document: from, done: [], failed: [] };
  const lost = failed.map(({ index }) => operationsOf(change)[index]).filter((operation) => !done.includes(operation));
  const ways = { type, base: from, vendor, local };
  const { document, chosen } = mergeDocument(merge, target, ways);
  const restored = unpark(merge, target, document, [
    ...earlier,
    ...lost.map((operation) => parkedOf(target, operation, from)),
  ]);
  const isNew = base === null && type === 'sharing-rule';
  const merged = isNew
    ? holdNew(merge, target, vendor, restored)
    : holdAccess(merge, target, ways, { document: restored, chosen });
  return diffDocument({ type, before: vendor, after: merged });
}

/** The local operations, laid over the vendor's document as far as nobody chose the vendor's side. */
function mergeDocument(
  merge: Merge,
  target: Target,
  ways: ThreeWays,
): { readonly document: Document; readonly chosen: ReadonlySet<string> } {
  const { type, base, vendor, local } = ways;
  const chosen = new Set<string>();
  const done: Operation[] = [];
  for (const one of mergeOperations(ways, diffDocument({ type, before: base, after: local }))) {
    const choice = one.conflict ? ask(merge, target, one.conflict) : null;
    if (choice === 'vendor') chosen.add(one.operation.at);
    else if (one.isParked) merge.parked.push(parkedOf(target, one.operation, base));
    else done.push(...one.done);
  }
  const { document, failed } = applyOperations({ type, document: vendor, operations: done });
  for (const { operation, code } of failed) {
    if (code === 'change.anchor_missing') continue;
    ask(merge, target, { kind: 'removed-used', at: operation.at, ...valuesAt(ways, operation.at) });
    merge.parked.push(parkedOf(target, operation, base));
  }
  return { document, chosen };
}

function parkAll(merge: Merge, target: Target, base: Document | null, operations: readonly Operation[]): void {
  if (operations.length === 0) return;
  const question = { kind: 'removed-used', at: '', ...(base === null ? {} : { base }), local: operations } as const;
  if (ask(merge, target, question) === 'vendor') return;
  for (const operation of operations) merge.parked.push(parkedOf(target, operation, base ?? {}));
}

/** Does what has a place again; the rest stays parked. */
function unpark(merge: Merge, target: Target, start: Document, parked: readonly ParkedOperation[]): Document {
  let document = start;
  for (const one of parked) {
    const kind = fieldKind(document, one.operation);
    const { document: next, failed } = applyOperations({ type: target.type, document, operations: [one.operation] });
    const fits = failed.length === 0 && (one.fieldKind === undefined || one.fieldKind === kind);
    if (fits) document = next;
    else merge.parked.push(one);
  }
  return document;
}

/** What would grant more stays, at the places where it would, as it was. */
function holdAccess(
  merge: Merge,
  target: Target,
  ways: ThreeWays,
  { document, chosen }: { readonly document: Document; readonly chosen: ReadonlySet<string> },
): Document {
  let held = document;
  // A rule cannot be turned back to its entity: a restriction stays as one of the workspace's, a sharing rule is off.
  const isTurned = ways.local.entity !== document.entity;
  for (const at of widenedDefinition(target.type, ways.local, document, merge.isKnown)) {
    if (isTurned && at === '' && target.type === 'restriction-rule') continue;
    // Who chose the vendor's side of this very place has consented.
    if (chosen.has(at) || ask(merge, target, { kind: 'access-widened', at, ...valuesAt(ways, at) }) === 'vendor')
      continue;
    if (at === '') return isTurned ? { ...held, off: true } : ways.local;
    // A field of which other things are computed now tells everybody nothing, rather than what it told before.
    const was = at.endsWith('/systemComputed') ? undefined : valueAtPointer(ways.local, at);
    const operations = [revert(target.type, at, was, valueAtPointer(held, at))];
    held = applyOperations({ type: target.type, document: held, operations }).document;
  }
  return held;
}

/** A right of a grant is a property, a grant or a rule is an element. */
function revert(type: string, at: string, was: unknown, is: unknown): Operation {
  const isElement = type === 'role' && at.split('/').length === 3;
  if (was === undefined) return isElement ? { op: 'remove', at } : { op: 'unset', at };
  if (isElement && is === undefined) return { op: 'insert-before', at, value: was, before: null };
  return { op: 'set', at, value: was };
}

function ask(
  merge: Merge,
  { type, id }: Target,
  conflict: Omit<UpgradeQuestion, 'type' | 'target' | 'choice'>,
): 'local' | 'vendor' | null {
  const question = { ...conflict, type, target: id };
  const choice = merge.decided(question);
  merge.conflicts.push({ ...question, choice });
  return choice;
}

function valuesAt({ base, vendor, local }: ThreeWays, at: string): Pick<UpgradeQuestion, 'base' | 'vendor' | 'local'> {
  const values = Object.entries({ base, vendor, local }).map(([name, document]) => [
    name,
    valueAtPointer(document, at),
  ]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Pick<UpgradeQuestion, 'base'>;
}

function parkedOf({ type, id }: Target, operation: Operation, base: Document): ParkedOperation {
  const kind = fieldKind(base, operation);
  return { type, id, operation, ...(kind === undefined ? {} : { fieldKind: kind }) };
}

/** Kind of the field inside which an operation works; undefined where it is no such operation. */
function fieldKind(document: Document, { at }: Operation): string | undefined {
  const [first, key, inside] = pointerSteps(at) ?? [];
  if (first !== 'properties' || inside === undefined) return undefined;
  const kind = valueAtPointer(document, `/properties${pointerStep(key)}/x-field/kind`);
  return typeof kind === 'string' ? kind : undefined;
}

/** Definitions that decide over access of which the two folds have different texts, and sharing rules that came: changed here or not. */
function accessOf({ oldBelow, newBelow }: MergeInput): Target[] {
  return ['role', 'entity', 'sharing-rule', 'restriction-rule'].flatMap((type) =>
    [...newBelow.definitions(type)].flatMap(([id, { document }]) => {
      const old = oldBelow.definitions(type).get(id)?.document;
      if (old === undefined) return type === 'sharing-rule' ? [{ type, id }] : [];
      return old === document || sameJson(old, document) || widenedDefinition(type, old, document).length === 0
        ? []
        : [{ type, id }];
    }),
  );
}

/** A sharing rule over records that were there before it does not count until somebody agrees. */
function holdNew(merge: Merge, target: Target, vendor: Document, document: Document): Document {
  if (widenedDefinition(target.type, null, document, merge.isKnown).length === 0) return document;
  if (ask(merge, target, { kind: 'access-widened', at: '', vendor }) === 'vendor') return document;
  return { ...document, off: true };
}

/** A restriction rule that went stays, as the workspace's own, until somebody agrees. */
function heldRestrictions(merge: Merge, documents: readonly LayerDocument[]): LayerDocument[] {
  const type = 'restriction-rule';
  const held: LayerDocument[] = [];
  for (const [id, { document: base }] of merge.oldBelow.definitions(type)) {
    const change = merge.local.find((one) => one.type === 'change' && nameOf(targetOf(one)) === nameOf({ type, id }));
    // As the workspace had it, not as the vendor left it.
    const document = change ? foldChange(workspaceLayer, { type, id }, base, change.document).document : base;
    const entity = String(document.entity);
    const isHere = merge.newBelow.definitions(type).get(id)?.document.entity === entity;
    // With its entity the rule has nothing to hide.
    if (isHere || !merge.newBelow.definitions('entity').has(entity)) continue;
    if (widenedDefinition(type, document, null, merge.isKnown).length === 0) continue;
    const own = `${workspaceLayer}.${id.slice(id.indexOf('.') + 1)}`;
    if (documents.some((one) => one.type === type && one.id === own)) continue;
    if (ask(merge, { type, id }, { kind: 'access-widened', at: '', base, local: document }) !== 'vendor')
      held.push({ type, id: own, document });
  }
  return held;
}

function pluginsOf(fold: Pick<FoldedLayers, 'definitions'>): ReadonlySet<string> {
  return new Set(definitionTypes.flatMap((type) => [...fold.definitions(type).keys()].map((id) => id.split('.')[0])));
}

function targetOf({ document }: LayerDocument): Target {
  return document.target as Target;
}

function operationsOf(change: LayerDocument | undefined): readonly Operation[] {
  return (change?.document.operations ?? []) as readonly Operation[];
}

function changeOf(target: Target, operations: readonly Operation[]): LayerDocument {
  const id = `${workspaceLayer}.${target.type}.${target.id}`;
  return { type: 'change', id, document: { target: { type: target.type, id: target.id }, operations } };
}

function nameOf({ type, id }: Target): string {
  return `${type}:${id}`;
}
