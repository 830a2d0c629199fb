import { definitionTypes, diffDocument, foldLayers, valueAtPointer } from '../../schema/index.js';
import type { Tx } from '../../sdk/index.js';
import { planInStages, readShape, tryOnShadow, type DdlOptions } from '../../storage/index.js';
import type { DefinitionDiff } from '../../../schemas/studio.js';
import { invalid } from '../../base/errors.js';
import { foldCatalog, missingId, uuidLookup } from '../fold-catalog.js';
import { readStored } from '../layer-store.js';
import type { Layer, LayersPlan } from '../types.js';
import type { Ask } from './change-store.js';
import { readConflicts, shown } from './conflict-store.js';
import { toStatement } from './to-statement.js';
import { withWorkspace } from './with-workspace.js';

const maxDiff = 2_000;

/** What applying these layers of plugins would do; the transaction is to be rolled back by the caller. Throws catalog.not_storable. */
export async function planLayers(tx: Tx, plugins: readonly Layer[], options: DdlOptions): Promise<LayersPlan> {
  const stored = await readStored(async ({ text, values }) => tx.query(text, values));
  const ask: Ask = (text, values) => tx.query(text, values);
  const known = new Set((await readConflicts(ask)).map(({ id }) => id));
  const layers = await withWorkspace(tx, stored, plugins);
  const conflicts = (await readConflicts(ask)).filter(({ id }) => !known.has(id)).map(shown);
  const { schema, folded } = foldCatalog(
    layers,
    uuidLookup(stored.nodes.map((node) => ({ ...node, id: node.id ?? missingId }))),
  );
  const shape = await readShape(tx);
  const staged = planInStages(shape, schema, options);
  const steps = [...(staged.preparation?.steps ?? []), ...staged.steps];
  const fault = await tryOnShadow(tx, steps, shape);
  if (fault !== null) throw invalid('catalog.not_storable', fault.message);
  const before = foldLayers(stored.layers);
  const diff: DefinitionDiff[] = [];
  for (const type of definitionTypes) {
    const [old, next] = [before.definitions(type), folded.definitions(type)];
    for (const id of new Set([...old.keys(), ...next.keys()])) {
      const [was, is] = [old.get(id)?.document, next.get(id)?.document];
      if (was === is || diff.length >= maxDiff) continue;
      if (!was || !is) diff.push({ type, id, at: '', ...(was ? { before: was } : {}), ...(is ? { after: is } : {}) });
      else
        for (const { at } of diffDocument({ type, before: was, after: is }))
          diff.push({ type, id, at, before: valueAtPointer(was, at), after: valueAtPointer(is, at) });
    }
  }
  return { statements: steps.map(toStatement), diff: diff.slice(0, maxDiff), conflicts };
}
