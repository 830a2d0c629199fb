import { workspaceLayer, type Operation, type ParkedOperation } from '../../schema/index.js';
import { problemsOf } from '../check-layers.js';
import { foldCatalog, missingId, type Folded } from '../fold-catalog.js';
import type { CatalogProblem, Definition, Layer } from '../types.js';
import { isOwnId, makeLayer } from './compose-layer.js';
import { isWithin, keyedPointer } from './pointers.js';
import { isForbiddingRule } from './standing-rules.js';

const maxRounds = 30;

/**
 * Sets aside what of the workspace makes the catalog unsound (a view of an entity that went, a formula over a field that went),
 * until the rest is sound. What is wrong with the plugins alone is none of its business. Pure.
 */
export function parkUnsound(
  plugins: readonly Layer[],
  given: readonly Definition[],
): { readonly documents: readonly Definition[]; readonly parked: readonly ParkedOperation[] } {
  let documents = given;
  const parked: ParkedOperation[] = [];
  for (let round = 0; round < maxRounds; round++) {
    const layer = makeLayer(documents);
    if (layer === null) break;
    const folded = foldCatalog([...plugins, layer], () => missingId);
    const problems = problemsOf(folded).filter(
      ({ type, id, pointer }) =>
        type !== 'change' && !isForbiddingRule(folded.folded.definitions(type).get(id), pointer),
    );
    const culprits = new Set(problems.flatMap((problem) => culpritsOf(documents, folded, problem)));
    if (culprits.size === 0) break;
    parked.push(...[...culprits].map(({ type, id, operation }) => ({ type, id, operation })));
    documents = without(documents, culprits);
  }
  return { documents, parked };
}

interface Culprit extends ParkedOperation {
  readonly definition: Definition;
}

const known = new WeakMap<object, Culprit>();

/** The document of the workspace, or the operations of its changes, at the place of a problem; else what retired a field that it names. */
function culpritsOf(documents: readonly Definition[], { folded }: Folded, problem: CatalogProblem): Culprit[] {
  const { type, id, pointer } = problem;
  if (isOwnId(id)) {
    const own = documents.find((one) => one.type === type && one.id === id);
    return own ? [culprit(own, { type, id }, { op: 'set', at: '', value: own.document }, own)] : [];
  }
  const at = keyedPointer(folded.definitions(type).get(id)?.document, pointer);
  const here = documents.filter((one) => one.type === 'change' && one.id === `${workspaceLayer}.${type}.${id}`);
  const direct = operationsIn(here).filter(({ operation }) => isWithin(at, operation.at) || isWithin(operation.at, at));
  if (direct.length > 0) return direct;
  return operationsIn(documents.filter((one) => one.type === 'change')).filter(({ operation }) => {
    const key = /^\/properties\/([^/]+)\/x-field\/retired$/.exec(operation.at)?.[1];
    return key !== undefined && new RegExp(`\\b${key}\\b`).test(problem.message);
  });
}

function operationsIn(changes: readonly Definition[]): Culprit[] {
  return changes.flatMap((definition) => {
    const { target, operations } = definition.document as {
      target: { type: string; id: string };
      operations: Operation[];
    };
    return operations.map((operation) => culprit(definition, target, operation, operation));
  });
}

/** The same object for the same operation, so that two problems park it once. */
function culprit(
  definition: Definition,
  { type, id }: { type: string; id: string },
  operation: Operation,
  key: object,
): Culprit {
  const made = known.get(key) ?? { definition, type, id, operation };
  known.set(key, made);
  return made;
}

function without(documents: readonly Definition[], culprits: ReadonlySet<Culprit>): Definition[] {
  const gone = new Set([...culprits].map(({ operation }) => operation));
  const whole = new Set(
    [...culprits].filter(({ definition }) => definition.type !== 'change').map(({ definition }) => definition),
  );
  return documents
    .filter((one) => !whole.has(one))
    .flatMap((one) => {
      if (one.type !== 'change') return [one];
      const operations = one.document.operations as readonly Operation[];
      const kept = operations.filter((operation) => !gone.has(operation));
      if (kept.length === operations.length) return [one];
      return kept.length === 0 ? [] : [{ ...one, document: { ...one.document, operations: kept } }];
    });
}
