import { applyOperations } from './apply-operations.js';
import { changeRefusal } from './change-rules.js';
import type { Operation } from './operations.js';

type Document = Readonly<Record<string, unknown>>;

/** What a `change` document made of its target. */
export interface Changed {
  readonly document: Document;
  /** Operations that were done. */
  readonly done: readonly Operation[];
  /** Those that were not, or not as they were meant, by their place in the list. */
  readonly failed: readonly { readonly index: number; readonly code: string; readonly message: string }[];
}

const known = new WeakMap<Document, WeakMap<Document, { readonly plugin: string; readonly changed: Changed }>>();

/** Applies a plugin's `change` to the document below it. The same two documents give the same objects again. */
export function foldChange(
  plugin: string,
  target: { type: string; id: string },
  below: Document,
  change: Document,
): Changed {
  const ofBelow = known.get(below) ?? new WeakMap<Document, { plugin: string; changed: Changed }>();
  known.set(below, ofBelow);
  const before = ofBelow.get(change);
  if (before?.plugin === plugin) return before.changed;
  const changed = apply(plugin, target, below, (change.operations ?? []) as readonly Operation[]);
  ofBelow.set(change, { plugin, changed });
  return changed;
}

function apply(
  plugin: string,
  target: { readonly type: string; readonly id: string },
  below: Document,
  operations: readonly Operation[],
): Changed {
  const places = new Map(operations.map((operation, index) => [operation, index]));
  const refused = operations.flatMap((operation, index) => {
    const refusal = changeRefusal(plugin, target, operation);
    return refusal ? [{ operation, index, ...refusal }] : [];
  });
  const skipped = new Set(refused.map(({ operation }) => operation));
  const allowed = refused.length === 0 ? operations : operations.filter((operation) => !skipped.has(operation));
  const { document, failed } = applyOperations({ type: target.type, document: below, operations: allowed });
  for (const { operation, code } of failed)
    if (!(operation.op === 'insert-before' && code === 'change.anchor_missing')) skipped.add(operation);
  return {
    document,
    done: skipped.size === 0 ? operations : operations.filter((operation) => !skipped.has(operation)),
    failed: [
      ...refused.map(({ index, code, message }) => ({ index, code, message })),
      ...failed.map(({ operation, code, message }) => ({ index: places.get(operation) ?? 0, code, message })),
    ].sort((a, b) => a.index - b.index),
  };
}
