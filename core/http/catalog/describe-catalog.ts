import type { CatalogAnswer } from '../../../schemas/catalog.js';
import type { Provenance } from '../../catalog/index.js';
import type { PluginAnswer } from '../../plugin-host/index.js';
import { describeEntity, type DescribeInput } from './describe-entity.js';
import { describeForms, describeNavigation, describeViews } from './describe-layout.js';

/** Origins of a definition's parts, by JSON Pointer. */
export type ProvenanceMap = Readonly<Record<string, Provenance>>;

/** The whole answer of `GET /api/catalog`. `currencies`: ISO codes in use. */
export function describeCatalog(
  input: DescribeInput,
  more: { currencies: readonly string[]; plugins: readonly PluginAnswer[] },
): CatalogAnswer {
  const { ctx, catalog, readable, locale } = input;
  const { name, zone, currency, region } = ctx.workspace;
  const views = describeViews(input);
  return {
    epoch: catalog.epoch,
    locale,
    locales: [...catalog.locales],
    workspace: {
      name,
      locale: ctx.workspace.locale,
      zone,
      currency,
      region,
      currencies: [...new Set([currency, ...more.currencies])],
    },
    plugins: more.plugins
      .filter((plugin) => plugin.state === 'enabled')
      .map(({ id, title, version, icon }) => ({ id, title, version, icon })),
    mayReadAudit: input.access.mayReadAudit(ctx, catalog),
    entities: [...readable.entities.values()].map((entity) => describeEntity(input, entity)),
    views,
    forms: describeForms(input),
    navigation: describeNavigation(input, views),
  };
}

/** Which plugin at which version an entity and each of its readable fields come from. */
export function provenanceOf({ catalog, readable }: DescribeInput, id: string): ProvenanceMap {
  const entity = readable.entities.get(id);
  const pointers = [
    '',
    '/title',
    '/x-entity',
    ...[...(entity?.fields.keys() ?? [])].map((key) => `/properties/${key}`),
  ];
  const found: Record<string, Provenance> = {};
  for (const pointer of pointers) {
    const origin = catalog.provenance('entity', id, pointer);
    if (origin !== null) found[pointer] = origin;
  }
  return found;
}
