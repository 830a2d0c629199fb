import { makeCatalog } from '../make-catalog.js';
import type { Catalog } from '../types.js';
import type { ChangesDeps } from './deps.js';
import { mustBeEpoch } from './plan-change.js';
import { prepareChange } from './prepare.js';
import type { ChangeInput } from './types.js';

/** The catalog as a change set would leave it, beside the one that it starts from; null where its definitions are refused. */
export async function previewCatalog(
  deps: ChangesDeps,
  input: ChangeInput,
): Promise<{ before: Catalog; after: Catalog } | null> {
  const standing = await deps.standing();
  mustBeEpoch(standing, input.epoch);
  const { problems, layers, nodes } = prepareChange(standing, input);
  if (problems.length > 0) return null;
  const { stored, catalog } = standing;
  return { before: catalog, after: makeCatalog({ ...stored, layers, nodes: nodes.nodes }) };
}
