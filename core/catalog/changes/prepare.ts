import { uuidv7 } from '../../base/ids.js';
import { conflict } from '../../base/errors.js';
import { workspaceLayer, type FoldedLayers } from '../../schema/index.js';
import { problemsOf } from '../check-layers.js';
import { foldCatalog, wantedNodes, type Folded } from '../fold-catalog.js';
import type { StoredCatalog } from '../layer-store.js';
import { indexNodes, planNodes, type CatalogNode, type NodePlan } from '../node-plan.js';
import type { Catalog, CatalogProblem, Layer } from '../types.js';
import { findBroken, removalsOf } from './broken-references.js';
import { keepsOf } from './standing-rules.js';
import { composeLayer, type Composed } from './compose-layer.js';
import { findPurged, type Purged } from './find-purged.js';
import type { BrokenReference, ChangeInput, ChangeProblem, WorkspaceOperation } from './types.js';

/** The catalog as it stands, with what it is made of. */
export interface Standing {
  readonly stored: StoredCatalog;
  readonly catalog: Catalog;
  /** The fold of everything below the workspace. */
  readonly below: Pick<FoldedLayers, 'definitions' | 'provenance'>;
}

/** Everything that follows from operations, before the database is asked. */
export interface Prepared {
  readonly standing: Standing;
  /** The operations given, and those that keep what roles forbid and take broken references out. */
  readonly operations: readonly WorkspaceOperation[];
  readonly composed: Composed;
  /** Layers as they will be, and their fold. */
  readonly layers: readonly Layer[];
  readonly after: Folded;
  readonly nodes: NodePlan;
  readonly purged: Purged;
  readonly problems: readonly ChangeProblem[];
  readonly broken: readonly BrokenReference[];
}

const maxRounds = 5;

/** Folds the operations into the standing catalog, in memory. Never throws for what operations say: see `problems`. */
export function prepareChange(standing: Standing, input: Pick<ChangeInput, 'operations' | 'onBroken'>): Prepared {
  let operations: readonly WorkspaceOperation[] = input.operations;
  const removed: BrokenReference[] = [];
  for (let round = 1; ; round++) {
    const prepared = prepareOnce(standing, operations);
    const keeps = round < maxRounds ? keepsOf(prepared.after.folded, prepared.broken) : [];
    if (keeps.length > 0) {
      operations = [...operations, ...keeps];
      continue;
    }
    const removals =
      input.onBroken === 'remove' && round < maxRounds ? removalsOf(prepared.after.folded, prepared.broken) : [];
    if (removals.length === 0) return { ...prepared, broken: [...removed, ...prepared.broken] };
    removed.push(...prepared.broken.filter((reference) => reference.removable));
    operations = [...operations, ...removals];
  }
}

function prepareOnce(standing: Standing, operations: readonly WorkspaceOperation[]): Prepared {
  const { stored, catalog, below } = standing;
  const own = stored.layers.find((layer) => layer.plugin === workspaceLayer);
  const others = stored.layers.filter((layer) => layer.plugin !== workspaceLayer);
  const composed = composeLayer({ below, effective: catalog, documents: own?.documents ?? [], operations });
  const layers = composed.layer === null ? others : [...others, composed.layer];
  const purged = findPurged(standing, composed.purges);
  const gone = new Set(purged.nodes.map((node) => node.id));
  const kept = gone.size === 0 ? stored.nodes : stored.nodes.filter((node) => !gone.has(node.id));
  const known = indexNodes(kept);
  const made = new Map<string, string>();
  const idOf = (entity: string, field: string): string => {
    const standing = known.get(entity)?.get(field)?.id;
    if (standing !== undefined) return standing;
    const id = made.get(`${entity}/${field}`) ?? uuidv7();
    made.set(`${entity}/${field}`, id);
    return id;
  };
  const after = foldCatalog(layers, idOf);
  const problems = newProblems(standing, after);
  const broken = findBroken({ before: catalog, after, touched: composed.touched, problems });
  const { plan, reserved } = tryPlan(kept, after, idOf);
  return {
    standing,
    operations,
    composed,
    layers,
    after,
    nodes: plan,
    purged,
    problems: unique([
      ...composed.problems,
      ...purged.problems,
      ...reserved,
      ...problems.map((problem) => toChangeProblem(problem, layers)),
    ]),
    broken,
  };
}

/** What is wrong with the catalog already does not keep anybody from changing something else. */
function newProblems({ stored }: Standing, after: Folded): CatalogProblem[] {
  const found = problemsOf(after);
  if (found.length === 0) return found;
  const known = new Set(problemsOf(foldCatalog(stored.layers, (entity, field) => `${entity}/${field}`)).map(keyOf));
  return found.filter((problem) => !known.has(keyOf(problem)));
}

function tryPlan(
  kept: readonly CatalogNode[],
  after: Folded,
  idOf: (entity: string, field: string) => string,
): { plan: NodePlan; reserved: ChangeProblem[] } {
  try {
    const plan = planNodes(kept, wantedNodes(after), (want) => idOf(want.entity, want.field));
    return { plan, reserved: [] };
  } catch (error) {
    const { code, issues } = error as ReturnType<typeof conflict>;
    if (code !== 'catalog.key_reserved') throw error;
    const reserved = (issues ?? []).map(({ path, message }) => {
      const [plugin, name, field] = path.split('.');
      return { type: 'entity', id: `${plugin}.${name}`, at: field ? `/properties/${field}` : '', code, message };
    });
    return { plan: { upserts: [], nodes: kept }, reserved };
  }
}

/** A fault of a `change` document is told at the place of the definition that it is for. */
function toChangeProblem(
  { type, id, pointer, code, message }: CatalogProblem,
  layers: readonly Layer[],
): ChangeProblem {
  const change =
    type === 'change'
      ? layers.flatMap((layer) => layer.documents).find((one) => one.type === type && one.id === id)
      : undefined;
  if (!change) return { type, id, at: pointer, code, message };
  const { target, operations } = change.document as {
    target: { type: string; id: string };
    operations: { at: string }[];
  };
  const index = /^\/operations\/(\d+)/.exec(pointer)?.[1];
  const prefix = `${target.type}:${target.id}#`;
  const at = index === undefined ? '' : operations[Number(index)].at;
  return {
    ...target,
    at,
    code,
    message: message.startsWith(prefix) ? message.slice(message.indexOf(': ', prefix.length) + 2) : message,
  };
}

function keyOf({ type, id, pointer, code, message }: CatalogProblem): string {
  return `${type}:${id}#${pointer} ${code} ${message}`;
}

function unique(problems: readonly ChangeProblem[]): ChangeProblem[] {
  return [...new Map(problems.map((one) => [`${one.type}:${one.id}#${one.at} ${one.message}`, one])).values()];
}
