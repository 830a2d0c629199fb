/** The figures of a changing model: what a change of the catalog costs while others work, and what a large catalog costs at all. */
import { addFieldUnderLoad } from './add-field.js';
import { largeCatalog } from './large.js';
import { rollupsUnderLoad } from './rollups.js';
import type { CatalogBench } from './stage.js';
import { wideEntity } from './wide.js';

const parts = {
  'catalog-rollups': rollupsUnderLoad,
  'catalog-wide': wideEntity,
  'catalog-large': largeCatalog,
  'catalog-add': addFieldUnderLoad,
};

/** Measures the parts that `only` names: `catalog` all, `catalog-large` one; nothing where it names something else. */
export async function catalogFigures(bench: CatalogBench): Promise<void> {
  for (const [name, measure] of Object.entries(parts)) if (name.startsWith(bench.only)) await measure(bench);
}
