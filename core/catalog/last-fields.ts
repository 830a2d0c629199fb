import { currencyKey, type FieldModel } from '../schema/index.js';
import type { CatalogNode, LastField } from './node-plan.js';
import type { Catalog } from './types.js';

/** The nodes to write, those that are retired with what they were in the catalog that stood until now. */
export function withLast(upserts: readonly CatalogNode[], before: () => Catalog): CatalogNode[] {
  const isGoing = (node: CatalogNode): boolean => node.state === 'retired' && node.field !== '';
  if (!upserts.some(isGoing)) return upserts.map((node) => ({ ...node, last: null }));
  const catalog = before();
  return upserts.map((node) => ({ ...node, last: isGoing(node) ? lastOf(catalog, node) : null }));
}

function lastOf(catalog: Catalog, node: CatalogNode): LastField | null {
  const field = catalog.schema.entities.get(node.entity)?.fields.get(node.field);
  if (!field) return null;
  return {
    property: { ...field.schema, title: field.title, 'x-field': { ...field.x, kind: field.kind.id } },
    titles: titlesOf(catalog, field),
    hiddenFrom: [...catalog.definitions('role').values()]
      .filter((role) => hides(role.document, field))
      .map(({ id }) => id),
  };
}

function titlesOf(catalog: Catalog, field: FieldModel): Record<string, string> {
  const definition = catalog.definitions('entity').get(field.entity);
  if (!definition) return {};
  return Object.fromEntries(
    catalog.locales.flatMap((locale) => {
      const properties = catalog.localized(definition, locale).properties as
        Readonly<Record<string, { title?: unknown }>> | undefined;
      const title = properties?.[field.key]?.title;
      return typeof title === 'string' ? [[locale, title]] : [];
    }),
  );
}

function hides(role: Readonly<Record<string, unknown>>, field: FieldModel): boolean {
  const rules = (role.fields ?? []) as { entity: string; field: string; access: string }[];
  return rules.some(
    (rule) =>
      rule.entity === field.entity &&
      rule.access === 'none' &&
      (rule.field === field.key || currencyKey(rule.field) === field.key),
  );
}
