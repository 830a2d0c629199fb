import type { Usage } from '../../../schemas/studio.js';
import { definitionTypes } from '../../schema/index.js';
import type { Catalog, Definition } from '../types.js';
import { usagesOf } from '../usages.js';

const known = new WeakMap<Catalog, readonly Usage[]>();

/** What names a definition, or one of its fields, itself among them. */
export function usedBy(catalog: Catalog, { type, id }: Definition): Usage[] {
  let usages = known.get(catalog);
  if (!usages)
    known.set(
      catalog,
      (usages = usagesOf(
        catalog.schema,
        definitionTypes.flatMap((one) => [...catalog.definitions(one).values()]),
      )),
    );
  const name = `${type}:${id}`;
  return usages.filter(({ uses }) => uses === name || uses.startsWith(`${name}/`));
}
