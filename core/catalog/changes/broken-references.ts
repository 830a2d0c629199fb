import { sameJson, valueAtPointer, type FoldedLayers } from '../../schema/index.js';
import type { Folded } from '../fold-catalog.js';
import type { Catalog, CatalogProblem, Definition } from '../types.js';
import type { Touched } from './compose-layer.js';
import { usagesOf } from '../usages.js';
import { elementAround, isWithin, keyedPointer } from './pointers.js';
import type { BrokenReference, WorkspaceOperation } from './types.js';

export interface BrokenInput {
  readonly before: Catalog;
  readonly after: Folded;
  readonly touched: readonly Touched[];
  /** Problems that were not there before. */
  readonly problems: readonly CatalogProblem[];
}

/**
 * Of the problems, those of definitions (or parts of one) that the operations left as they were: what they name is gone, or is
 * of another type now.
 */
export function findBroken({ before, after, touched, problems }: BrokenInput): BrokenReference[] {
  const gone = new Set(goneNames(before, after));
  return problems.flatMap((problem) => {
    const definition = after.folded.definitions(problem.type).get(problem.id);
    if (!definition || isWritten(touched, definition, problem.pointer)) return [];
    const at = keyedPointer(definition.document, problem.pointer);
    const { title } = definition.document as { title?: unknown };
    return [
      {
        type: problem.type,
        id: problem.id,
        at,
        code: problem.code,
        message: problem.message,
        uses: usedName(before, gone, definition, at),
        title: typeof title === 'string' ? title : problem.id,
        removable: elementAround(definition.document, at) !== null,
      },
    ];
  });
}

/** The operations that take the removable ones out, one an element. */
export function removalsOf(
  folded: Pick<FoldedLayers, 'definitions'>,
  broken: readonly BrokenReference[],
): WorkspaceOperation[] {
  const removals = new Map<string, WorkspaceOperation>();
  const conditions = new Map<string, WorkspaceOperation>();
  for (const { type, id, at, removable } of broken) {
    const document = removable ? folded.definitions(type).get(id)?.document : undefined;
    const element = elementAround(document, at);
    if (element === null) continue;
    const key = `${type}:${id}#${element}`;
    // A grant without its condition reaches fewer rows; its other rights have nothing to do with that.
    if (type === 'role' && at === `${element}/readWhen`) conditions.set(key, { type, id, op: 'unset', at });
    else removals.set(key, { type, id, op: 'remove', at: element });
  }
  for (const [key, operation] of conditions) if (!removals.has(key)) removals.set(key, operation);
  return [...removals.values()];
}

/** True where an operation wrote the very value that is wrong now: then it is the author's fault, not a broken reference. */
function isWritten(touched: readonly Touched[], definition: Definition, pointer: string): boolean {
  const change = touched.find((one) => one.type === definition.type && one.id === definition.id);
  if (!change) return false;
  if (change.before === null) return true;
  const at = keyedPointer(definition.document, pointer);
  return !sameJson(valueAtPointer(change.before, at), valueAtPointer(change.after, at));
}

/** `contacts.company/x_vip` of the fields and `contacts.company` of the entities and others that are no longer there. */
function goneNames(before: Catalog, after: Folded): string[] {
  const names: string[] = [];
  for (const [id, entity] of before.schema.entities) {
    const next = after.schema.entities.get(id);
    if (!next) names.push(id);
    else
      for (const field of entity.fields.values())
        if (!field.retired && (next.fields.get(field.key)?.retired ?? true)) names.push(`${id}/${field.key}`);
  }
  for (const id of before.definitions('view').keys()) if (!after.folded.definitions('view').has(id)) names.push(id);
  return names;
}

/** Of what the place names (the dependency index knows), that which is gone; '' where nothing is. */
function usedName(before: Catalog, gone: ReadonlySet<string>, definition: Definition, at: string): string {
  const named = usagesOf(before.schema, [definition])
    .filter(({ by }) => isWithin(by.at, at) || isWithin(at, by.at))
    .map(({ uses }) => uses.slice(uses.indexOf(':') + 1));
  return named.find((name) => gone.has(name)) ?? named[0] ?? '';
}
