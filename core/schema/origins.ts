import type { Operation } from './operations.js';
import { pointerStep } from './problem.js';
import { pointerSteps } from './pointer.js';

/** Where a property comes from. */
export interface Origin {
  readonly plugin: string;
  readonly version: string;
}

/** Something that a layer did to a document, in order. */
export interface Deed {
  readonly origin: Origin;
  readonly operations: readonly Operation[];
}

/** Who last set each place of a document. A place without an entry has the origin of the nearest above it. */
export interface OriginTree {
  readonly origin?: Origin;
  readonly inner: Map<string, OriginTree>;
}

/** The tree of a document that `first` brought and others then changed. A move gives no new origin: the value is the same. */
export function originTree(first: Origin, deeds: readonly Deed[]): OriginTree {
  const root: { origin?: Origin; inner: Map<string, OriginTree> } = { origin: first, inner: new Map() };
  for (const { origin, operations } of deeds) {
    for (const { op, at } of operations) {
      const steps = pointerSteps(at) ?? [];
      if (op === 'move' || steps.length === 0) continue;
      const parent = steps.slice(0, -1).reduce<OriginTree>(descend, root);
      const last = steps[steps.length - 1];
      if (op === 'set' || op === 'insert-before') parent.inner.set(last, { origin, inner: new Map() });
      else parent.inner.delete(last);
    }
  }
  return root;
}

/** Origin of the value at the steps. */
export function originAt(tree: OriginTree, steps: readonly string[]): Origin | null {
  let found = tree.origin ?? null;
  let node: OriginTree | undefined = tree;
  for (const step of steps) {
    node = node.inner.get(step);
    if (node === undefined) break;
    found = node.origin ?? found;
  }
  return found;
}

/** Pointer → origin, wherever it differs from that of what is above; the document itself is `''`. */
export function listOrigins(tree: OriginTree): ReadonlyMap<string, Origin> {
  const found = new Map<string, Origin>();
  const visit = (node: OriginTree, at: string, above: Origin | undefined): void => {
    if (node.origin !== undefined && !sameOrigin(node.origin, above)) found.set(at, node.origin);
    for (const [step, inner] of node.inner) visit(inner, at + pointerStep(step), node.origin ?? above);
  };
  visit(tree, '', undefined);
  return found;
}

function descend(node: OriginTree, step: string): OriginTree {
  const known = node.inner.get(step);
  if (known) return known;
  const made: OriginTree = { inner: new Map() };
  node.inner.set(step, made);
  return made;
}

function sameOrigin(a: Origin, b: Origin | undefined): boolean {
  return a.plugin === b?.plugin && a.version === b.version;
}
