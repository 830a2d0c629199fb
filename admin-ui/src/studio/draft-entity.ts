import type { CatalogEntity, CatalogField, CatalogRelated } from '../meta/index.js';
import { listOf, objectOf, textOf } from './document.js';
import type { Json } from './document.js';

/** Finds a field of a kind that the catalog knows, from which a pending one takes its operators and functions. */
export type FindKindred = (kind: string, exprType: string) => CatalogField | undefined;

const exprTypes: Readonly<Record<string, string>> = {
  integer: 'number',
  decimal: 'number',
  money: 'number',
  percent: 'number',
  rating: 'number',
  duration: 'number',
  boolean: 'boolean',
  date: 'date',
  dateTime: 'dateTime',
  multiChoice: 'list',
  tags: 'list',
  links: 'list',
  lines: 'list',
  link: 'record',
  anyLink: 'record',
  user: 'record',
  file: 'record',
  address: 'object',
  geo: 'object',
  json: 'json',
};

/** The type in expressions of a field of a kind; of a formula or rollup that of what it gives. */
export function exprTypeOf(kind: string, returns?: string): string {
  if (kind === 'formula') return exprTypes[returns ?? ''] ?? 'text';
  if (kind === 'rollup') return exprTypes[returns ?? 'decimal'] ?? 'text';
  return exprTypes[kind] ?? 'text';
}

/** A property of an entity document as the catalog would tell it once it is applied. */
export function draftField(key: string, property: Json, kindred: FindKindred): CatalogField {
  const x = objectOf(property, 'x-field');
  const kind = textOf(x, 'kind') || 'text';
  const returns = textOf(x, 'returns') || undefined;
  const exprType = exprTypeOf(kind, returns);
  const like = kindred(returns ?? kind, exprType);
  const to = targetsOf(kind, x.to);
  const { minimum, maximum, maxLength } = property;
  const options = listOf<{ value: string; title: string; color?: string }>(x, 'options').filter((one) => one.value);
  const labels = [...listOf<{ value: string; title: string }>(x, 'labels')];
  return {
    key,
    title: textOf(property, 'title') || key,
    kind,
    widget: textOf(x, 'widget') || kind,
    required: false,
    system: false,
    readOnly: kind === 'formula' || kind === 'rollup' || kind === 'autoNumber',
    unique: x.unique === true,
    searchable: x.searchable === true,
    sortable: like?.sortable ?? true,
    filterable: like?.filterable ?? kind !== 'secret',
    groupable: like?.groupable ?? true,
    operators: kind === 'secret' ? [] : (like?.operators ?? ['blank', 'notBlank']),
    aggregates: like?.aggregates ?? ['count'],
    exprType,
    schema: pruned({ minimum, maximum: x.max ?? maximum, maxLength }),
    ...pruned({
      help: textOf(property, 'description') || undefined,
      default: property.default,
      options: options.length > 0 ? options : undefined,
      labels: labels.length > 0 ? labels : undefined,
      to,
      scale: x.scale as number | undefined,
      expression: textOf(x, 'expression') || undefined,
      returns,
    }),
  };
}

/** An entity as it will be with its pending document: what the catalog knows of it, and over it what is new or changed. */
export function draftEntity(
  id: string,
  document: Json,
  known: CatalogEntity | undefined,
  base: CatalogEntity | undefined,
  kindred: FindKindred,
): CatalogEntity {
  const x = objectOf(document, 'x-entity');
  const title = textOf(document, 'title') || known?.title || id;
  const byKey = new Map(known?.fields.map((field) => [field.key, field]));
  const properties = Object.entries(objectOf(document, 'properties')).filter(
    ([, property]) => objectOf(property as Json, 'x-field').retired !== true,
  );
  const own = properties.map(([key, property]) => {
    const now = draftField(key, property as Json, kindred);
    const before = byKey.get(key);
    return before?.kind === now.kind ? { ...before, ...changedParts(now) } : now;
  });
  const system = (known ?? base)?.fields.filter((field) => field.system) ?? [];
  const keys = new Set(own.map((field) => field.key));
  // Fields that no property names come with others: the currency of an amount, for example.
  const beside = (known?.fields ?? []).filter(
    (field) => !field.system && !keys.has(field.key) && !Object.hasOwn(objectOf(document, 'properties'), field.key),
  );
  return {
    id,
    plugin: known?.plugin ?? 'x',
    title,
    titlePlural: textOf(x, 'titlePlural') || known?.titlePlural || title,
    icon: textOf(x, 'icon') || known?.icon || 'box',
    titleField: textOf(x, 'titleField') || known?.titleField || (own[0]?.key ?? 'id'),
    ownership: x.ownership === 'none' ? 'none' : 'principal',
    defaultSort: [...listOf<string>(x, 'defaultSort')],
    hidden: known?.hidden ?? false,
    permissions: known?.permissions ?? {
      create: true,
      read: true,
      update: true,
      delete: true,
      purge: true,
      import: true,
      export: true,
      share: true,
      assign: true,
    },
    fields: [...own, ...beside, ...system],
    related: known?.related ?? [],
    ...(known?.recordTypes ? { recordTypes: known.recordTypes } : {}),
  };
}

/** The lists that the links of a pending document put on other entities, by the entity that gets them. */
export function draftLists(entity: CatalogEntity, document: Json): { on: string; related: CatalogRelated }[] {
  return Object.entries(objectOf(document, 'properties')).flatMap(([field, property]) => {
    const x = objectOf(property as Json, 'x-field');
    const kind = textOf(x, 'kind');
    if (kind !== 'link' && kind !== 'links' && kind !== 'anyLink') return [];
    const inverse = typeof x.inverse === 'string' ? { key: x.inverse } : (x.inverse as Json | undefined);
    const key = textOf(inverse, 'key');
    if (key === '' || x.retired === true) return [];
    const title = textOf(inverse, 'title') || entity.titlePlural;
    return (targetsOf(kind, x.to) ?? []).map((on) => ({ on, related: { key, title, entity: entity.id, field, kind } }));
  });
}

/** What of a field of the catalog a pending property may have changed. */
function changedParts(now: CatalogField): Partial<CatalogField> {
  const { title, options, labels, expression, schema, default: value } = now;
  return pruned({ title, options, labels, expression, default: value, schema });
}

function targetsOf(kind: string, to: unknown): string[] | undefined {
  if (kind === 'user') return ['core.user'];
  if (kind === 'file') return ['core.attachment'];
  if (Array.isArray(to)) return to as string[];
  return typeof to === 'string' && to !== '' ? [to] : undefined;
}

function pruned<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
