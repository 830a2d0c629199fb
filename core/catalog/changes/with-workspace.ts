import {
  foldLayers,
  mergeUpgrade,
  sameJson,
  workspaceLayer,
  type ParkedOperation,
  type UpgradeQuestion,
} from '../../schema/index.js';
import type { Tx } from '../../sdk/index.js';
import { readBases, type StoredCatalog } from '../layer-store.js';
import type { Definition, Layer } from '../types.js';
import type { Ask } from './change-store.js';
import { isOwnId, makeLayer } from './compose-layer.js';
import { readConflicts, writeConflicts, type ConflictRow, type NewConflict } from './conflict-store.js';
import { parkUnsound } from './park-unsound.js';

/**
 * The plugins' new layers with the workspace's own merged onto them, three ways. What the two sides want differently is written
 * down as conflicts, in the same transaction; until someone chooses, the local side holds. A change of the workspace that would
 * make the catalog unsound is parked in its conflict and tried again with every change of a plugin. Never refuses.
 */
export async function withWorkspace(
  tx: Tx,
  stored: StoredCatalog,
  plugins: readonly Layer[],
): Promise<readonly Layer[]> {
  const own = stored.layers.find((layer) => layer.plugin === workspaceLayer);
  const ask: Ask = (text, values) => tx.query(text, values);
  const rows = own === undefined && stored.layers.length === 0 ? [] : await readConflicts(ask);
  const earlier = stored.layers.filter((layer) => layer.plugin !== workspaceLayer);
  // Roles of a plugin may come to grant more also where the workspace never changed anything.
  if (earlier.length === 0) return own === undefined ? plugins : [...plugins, own];
  const bases = await readBases(tx, [...earlier.map(({ plugin }) => plugin), workspaceLayer]);
  const returning = bases.filter((base) => plugins.some(({ plugin }) => plugin === base.plugin));
  const open = rows.filter((row) => row.choice === null);
  const parked = open.flatMap((row) => row.parked);
  const merged = mergeUpgrade({
    oldBelow: foldLayers([...earlier, ...returning]),
    newBelow: foldLayers(plugins),
    local: own?.documents ?? [],
    parked: parked.filter(({ id }) => !isOwnId(id)),
    decided: (question) => rows.find((row) => row.choice !== null && isSame(row, question))?.choice ?? null,
  });
  const sound = parkUnsound(
    plugins,
    restoreOwn(
      merged.documents,
      parked.filter(({ id }) => isOwnId(id)),
    ),
  );
  const questions = merged.conflicts.filter((question) => question.choice === null);
  const made = conflictsOf(questions, [...merged.parked, ...sound.parked], {
    before: [...earlier, ...returning],
    after: plugins,
  });
  const gone = open.filter((row) => row.parked.length > 0 || made.some((one) => isSamePlace(one, row)));
  await writeConflicts(
    tx,
    gone.map(({ id }) => id),
    made,
  );
  const layer = makeLayer(sound.documents);
  return layer === null ? plugins : [...plugins, layer];
}

/** Documents of the workspace's own that were set aside, whole or in part, are tried again. */
function restoreOwn(documents: readonly Definition[], parked: readonly ParkedOperation[]): readonly Definition[] {
  const restored = new Map(documents.map((one) => [`${one.type}:${one.id}`, one]));
  for (const { type, id, operation } of parked)
    if (operation.op === 'set' && operation.at === '')
      restored.set(`${type}:${id}`, { type, id, document: operation.value as Definition['document'] });
  return [...restored.values()];
}

interface Versions {
  readonly before: readonly Layer[];
  readonly after: readonly Layer[];
}

/** One row a question; parked operations stand with the question of their place, or make one. */
function conflictsOf(
  questions: readonly UpgradeQuestion[],
  parked: readonly ParkedOperation[],
  versions: Versions,
): NewConflict[] {
  const left = new Set(parked);
  const rows = questions.map((question): NewConflict => {
    const mine = [...left].filter(
      (one) =>
        one.type === question.type &&
        one.id === question.target &&
        (question.at === '' || one.operation.at === question.at),
    );
    for (const one of mine) left.delete(one);
    const { choice: _, ...rest } = question;
    return { ...rest, ...versionsOf(question.target, versions), parked: mine, choice: null };
  });
  const others = [...left].map((one): NewConflict => {
    const local = 'value' in one.operation ? { local: one.operation.value } : {};
    return {
      kind: 'removed-used',
      type: one.type,
      target: one.id,
      at: one.operation.at,
      ...local,
      ...versionsOf(one.id, versions),
      parked: [one],
      choice: null,
    };
  });
  return [...rows, ...others];
}

function versionsOf(
  target: string,
  { before, after }: Versions,
): Pick<NewConflict, 'plugin' | 'fromVersion' | 'toVersion'> {
  const plugin = target.split('.')[0];
  const version = (layers: readonly Layer[]): string => layers.find((layer) => layer.plugin === plugin)?.version ?? '';
  return { plugin, fromVersion: version(before), toVersion: version(after) };
}

function isSame(row: ConflictRow, question: Omit<UpgradeQuestion, 'choice'>): boolean {
  return isSamePlace(row, question) && sameJson(row.vendor ?? null, question.vendor ?? null);
}

function isSamePlace(a: Place, b: Place): boolean {
  return a.kind === b.kind && a.type === b.type && a.target === b.target && a.at === b.at;
}

interface Place {
  readonly kind: string;
  readonly type: string;
  readonly target: string;
  readonly at: string;
}
