import { diffDocument, sameJson, valueAtPointer, type FoldedLayers, type Operation } from '../../schema/index.js';
import type { InverseOf } from './change-store.js';
import type { Touched } from './compose-layer.js';
import type { DefinitionDiff } from '../../../schemas/studio.js';

/** Property by property, before and after. */
export function diffTouched(touched: readonly Touched[]): DefinitionDiff[] {
  return touched.flatMap(({ type, id, before, after }) =>
    pointersOf(type, before, after).map((at) => ({
      type,
      id,
      at,
      ...optional('before', valueAtPointer(before, at)),
      ...optional('after', valueAtPointer(after, at)),
    })),
  );
}

/** How to take the changes back, and what that expects to find. */
export function inverseOf(touched: readonly Touched[]): InverseOf[] {
  return touched.map(({ type, id, before, after }) => {
    const operations: Operation[] =
      before === null
        ? [{ op: 'remove', at: '' }]
        : after === null
          ? [{ op: 'set', at: '', value: before }]
          : diffDocument({ type, before: after, after: before });
    const steps = operations.map((operation) => ({
      operation,
      ...optional('expects', after === null ? undefined : valueAtPointer(after, operation.at)),
    }));
    return { type, id, steps };
  });
}

/** What a change set did, as its inverse remembers it: property by property, before and after. */
export function diffOfInverse(inverse: readonly InverseOf[]): DefinitionDiff[] {
  return inverse.flatMap(({ type, id, steps }) =>
    steps
      .filter(({ operation }) => operation.op !== 'move')
      .map(({ operation, expects }) => ({
        type,
        id,
        at: operation.at,
        ...optional('before', 'value' in operation ? operation.value : undefined),
        ...optional('after', expects),
      })),
  );
}

/** What change sets have now touched last; `gone` where a property stands as it does below the workspace. */
export function touchesOf(
  touched: readonly Touched[],
  below: Pick<FoldedLayers, 'definitions'>,
): { type: string; id: string; pointer: string; gone: boolean }[] {
  return touched.flatMap(({ type, id, before, after }) => {
    const lower = below.definitions(type).get(id)?.document;
    return pointersOf(type, before, after).map((pointer) => {
      const value = valueAtPointer(after, pointer);
      return { type, id, pointer, gone: sameJson(value, lower && valueAtPointer(lower, pointer)) };
    });
  });
}

function pointersOf(type: string, before: Touched['before'], after: Touched['after']): string[] {
  if (before === null || after === null) return [''];
  return [...new Set(diffDocument({ type, before, after }).map(({ at }) => at))];
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}
