import { createHash } from 'node:crypto';
import { didYouMean } from '../../base/suggest.js';
import {
  applyOperations,
  diffDocument,
  sameJson,
  validateDefinition,
  workspaceLayer,
  workspacePosition,
  type FoldedLayers,
  type Operation,
} from '../../schema/index.js';
import type { Definition, Layer } from '../types.js';
import type { ChangeProblem, WorkspaceOperation } from './types.js';

type Document = Readonly<Record<string, unknown>>;

/** A definition that operations changed, as it is in effect. null: it was not there, or is there no longer. */
export interface Touched {
  readonly type: string;
  readonly id: string;
  readonly before: Document | null;
  readonly after: Document | null;
}

/** Field (or, with `field` '', entity) whose data are to go for good. */
export interface Purge {
  readonly entity: string;
  readonly field: string;
}

/** A workspace layer made anew. */
export interface Composed {
  /** Null where nothing is left in it. */
  readonly layer: Layer | null;
  readonly touched: readonly Touched[];
  readonly purges: readonly Purge[];
  readonly problems: readonly ChangeProblem[];
}

export interface ComposeInput {
  /** The fold of everything below the workspace. */
  readonly below: Pick<FoldedLayers, 'definitions'>;
  /** The fold with it. */
  readonly effective: Pick<FoldedLayers, 'definitions'>;
  /** The workspace's documents as they stand. */
  readonly documents: readonly Definition[];
  readonly operations: readonly WorkspaceOperation[];
}

/**
 * Does operations on the effective definitions and writes the workspace layer anew, canonically: a document of its own is kept
 * whole, a change of another's is the difference to what stands below. Pure. What cannot be done is among `problems`.
 */
export function composeLayer({ below, effective, documents, operations }: ComposeInput): Composed {
  const layer = new Map(documents.map((one) => [nameOf(one), one]));
  const problems: ChangeProblem[] = [];
  const touched: Touched[] = [];
  const purges: Purge[] = [];
  for (const [name, group] of groupByTarget(operations)) {
    const { type, id } = group[0];
    const isOwn = isOwnId(id);
    const before = (isOwn ? layer.get(name) : effective.definitions(type).get(id))?.document ?? null;
    const after = change(
      { type, id, before, operations: group, known: effective.definitions(type).keys() },
      problems,
      purges,
    );
    if (after === before || sameJson(after, before)) continue;
    touched.push({ type, id, before, after });
    if (isOwn) put(layer, { type, id }, after);
    else {
      const lower = below.definitions(type).get(id)?.document ?? {};
      const steps = diffDocument({ type, before: lower, after: after ?? {} });
      put(layer, changeOf(type, id), steps.length === 0 ? null : { target: { type, id }, operations: steps });
    }
  }
  return { layer: makeLayer([...layer.values()]), touched, purges, problems };
}

/** The workspace layer of these documents, in their lasting order; null where there is none. */
export function makeLayer(documents: readonly Definition[]): Layer | null {
  if (documents.length === 0) return null;
  const ordered = [...documents].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  // Keys are not sorted: the order of an entity's fields is part of it.
  const text = JSON.stringify(ordered);
  return {
    plugin: workspaceLayer,
    version: '1.0.0',
    position: workspacePosition,
    hash: createHash('sha256').update(text).digest('hex').slice(0, 40),
    documents: ordered,
  };
}

/** True for the id of a document that the workspace made itself. */
export function isOwnId(id: string): boolean {
  return id.startsWith(`${workspaceLayer}.`);
}

/** Type and id under which changes of a definition stand in the layer. */
export function changeOf(type: string, id: string): { type: 'change'; id: string } {
  return { type: 'change', id: `${workspaceLayer}.${type}.${id}` };
}

interface Target {
  readonly type: string;
  readonly id: string;
  readonly before: Document | null;
  readonly operations: readonly WorkspaceOperation[];
  readonly known: Iterable<string>;
}

function change(target: Target, problems: ChangeProblem[], purges: Purge[]): Document | null {
  const { type, id, before, operations } = target;
  let document = before;
  const report = (at: string, code: string, message: string): number => problems.push({ type, id, at, code, message });
  for (const run of runsOf(type, operations)) {
    const [operation] = run;
    if (operation.op === 'purge') {
      document = purge(target, operation.at, document, purges, report);
      continue;
    }
    if (operation.at === '') document = replaceWhole(target, operation, document, report);
    else {
      document ??= startOf(type, id, operation.at);
      if (document === null) {
        report('', 'change.target_missing', `There is no ${type} "${id}".${didYouMean(id, target.known)}`);
        return null;
      }
      const done = applyOperations({ type, document, operations: stepsOf(type, document, run) });
      for (const { operation: failed, code, message } of done.failed) report(failed.at, code, message);
      document = done.document;
    }
  }
  if (document !== null && document !== before)
    for (const { pointer, code, message } of validateDefinition(type, document, `${type}:${id}`))
      report(pointer, code, message);
  return document;
}

function replaceWhole(
  { type, id, known }: Target,
  step: { readonly op: string; readonly value?: unknown },
  document: Document | null,
  report: (at: string, code: string, message: string) => number,
): Document | null {
  if (!isOwnId(id)) {
    report(
      '',
      'change.foreign_document',
      `"${id}" belongs to the plugin "${id.split('.')[0]}"; change its properties instead of the whole. New ones are called x.<name>.`,
    );
    return document;
  }
  if (step.op === 'remove') {
    if (document === null) report('', 'change.target_missing', `There is no ${type} "${id}".${didYouMean(id, known)}`);
    return null;
  }
  const value = step.value as Document | null;
  if (step.op !== 'set' || typeof value !== 'object' || value === null || Array.isArray(value)) {
    report('', 'change.bad_operation', 'A whole document can only be set to an object, or removed.');
    return document;
  }
  const wrong = idProblem(type, id, value);
  if (wrong !== null) report(wrong.at, wrong.code, wrong.message);
  const { $schema: _, ...content } = value as Record<string, unknown>;
  return content;
}

/** A document says itself what it is called, or which language it is of; both must be what its id says. */
function idProblem(type: string, id: string, document: Document): Omit<ChangeProblem, 'type' | 'id'> | null {
  const name = id.slice(workspaceLayer.length + 1);
  const shape =
    type === 'entity'
      ? /^[a-z][A-Za-z0-9]*$/
      : type === 'translation'
        ? /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/
        : /^[a-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$/;
  if (!shape.test(name) || name.length > 64)
    return {
      at: '',
      code: 'change.bad_id',
      message: `"${id.slice(0, 80)}" is no id: use x. and at most 64 letters and digits, e.g. "x.project".`,
    };
  const [key, expected] = type === 'entity' ? ['$id', id] : type === 'translation' ? ['locale', name] : [null, ''];
  if (key === null || document[key] === expected) return null;
  return { at: `/${key}`, code: 'change.bad_id', message: `must be "${expected}", as the id of the document says.` };
}

function purge(
  { type, id }: Target,
  at: string,
  document: Document | null,
  purges: Purge[],
  report: (at: string, code: string, message: string) => number,
): Document | null {
  const field = /^\/properties\/([^/]+)$/.exec(at)?.[1];
  if (type !== 'entity' || (field === undefined && at !== '')) {
    report(at, 'change.bad_operation', 'Only a field (/properties/<key>) or an entity as a whole can be purged.');
    return document;
  }
  const properties = (document?.properties ?? {}) as Record<string, { 'x-field'?: { retired?: boolean } } | undefined>;
  const stands = field === undefined ? document !== null : properties[field] !== undefined;
  const isRetired = field !== undefined && properties[field]?.['x-field']?.retired === true;
  if (stands && !isRetired) {
    report(at, 'change.not_retired', 'Only what is retired can be purged: its data are gone for good then.');
    return document;
  }
  purges.push({ entity: id, field: field ?? '' });
  if (!stands || document === null || field === undefined) return document;
  if (!isOwnId(id) && !field.startsWith(`${workspaceLayer}_`)) {
    report(at, 'change.foreign_document', `"${field}" is a field of a plugin, which still defines it.`);
    return document;
  }
  return applyOperations({ type, document, operations: [{ op: 'unset', at }] }).document;
}

/** A translation of the workspace's own begins with its first text. */
function startOf(type: string, id: string, at: string): Document | null {
  if (type !== 'translation' || !isOwnId(id) || !at.startsWith('/messages/')) return null;
  return { locale: id.slice(workspaceLayer.length + 1), messages: {} };
}

const longestRun = 5_000;

/** Operations that are done at one go: document by document, each would copy all of it anew. A whole, or a purge, stands alone. */
function runsOf(type: string, operations: readonly WorkspaceOperation[]): WorkspaceOperation[][] {
  const runs: WorkspaceOperation[][] = [];
  let open: WorkspaceOperation[] | null = null;
  for (const operation of operations) {
    const isAlone =
      operation.op === 'purge' ||
      operation.at === '' ||
      (type === 'translation' && /^\/messages(\/[^/]*)?$/.test(operation.at));
    if (!isAlone && open !== null && open.length < longestRun) open.push(operation);
    else runs.push((open = [operation]));
    if (isAlone) open = null;
  }
  return runs;
}

/** The steps of a run, with those that make the places of a translation's first texts. */
function stepsOf(type: string, document: Document, run: readonly WorkspaceOperation[]): Operation[] {
  const made = new Set(Object.keys((document.messages ?? {}) as object));
  return run.flatMap(({ type: _type, id: _id, ...step }) => {
    const name = type === 'translation' ? /^\/messages\/([^/]+)\/[^/]+$/.exec(step.at)?.[1] : undefined;
    const key = name?.replaceAll('~1', '/').replaceAll('~0', '~');
    if (key === undefined || made.has(key)) return [step as Operation];
    made.add(key);
    return [{ op: 'set', at: `/messages/${name}`, value: {} }, step as Operation];
  });
}

function put(
  layer: Map<string, Definition>,
  { type, id }: { type: string; id: string },
  document: Document | null,
): void {
  const name = nameOf({ type, id });
  if (document === null) layer.delete(name);
  else layer.set(name, { type, id, document });
}

function groupByTarget(operations: readonly WorkspaceOperation[]): Map<string, WorkspaceOperation[]> {
  const groups = new Map<string, WorkspaceOperation[]>();
  for (const operation of operations) {
    const group = groups.get(nameOf(operation));
    if (group) group.push(operation);
    else groups.set(nameOf(operation), [operation]);
  }
  return groups;
}

function nameOf({ type, id }: { readonly type: string; readonly id: string }): string {
  return `${type}:${id}`;
}
