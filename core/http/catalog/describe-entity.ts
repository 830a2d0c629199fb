import type { CatalogEntity, CatalogField, CatalogRelated } from '../../../schemas/catalog.js';
import type { Access } from '../../access/index.js';
import type { Catalog } from '../../catalog/index.js';
import {
  amountCurrency,
  recordTypeKey,
  systemFieldTitle,
  type FieldModel,
  type OptionModel,
} from '../../schema/index.js';
import type { FieldLevel } from '../../query/index.js';
import type { Ctx } from '../../sdk/index.js';
import { describeRecordTypes } from './describe-record-types.js';
import type { ReadableCatalog, ReadableEntity } from './readable.js';

/** What the description of an entity is made from. */
export interface DescribeInput {
  readonly access: Access;
  readonly ctx: Ctx;
  readonly catalog: Catalog;
  readonly readable: ReadableCatalog;
  readonly locale: string;
}

/** An entity as the actor may see it, texts in one language. */
export function describeEntity(input: DescribeInput, entity: ReadableEntity): CatalogEntity {
  const { access, ctx, catalog } = input;
  const { model } = entity;
  const texts = textsOf(input, model.id);
  const may = (operation: Parameters<Access['may']>[3]): boolean => access.may(ctx, catalog, model.id, operation);
  const permissions = {
    create: may('create'),
    read: may('read'),
    update: may('update'),
    delete: may('delete'),
    purge: may('purge'),
    import: may('import'),
    export: may('export'),
    share: may('share'),
    assign: may('assign'),
  };
  return {
    id: model.id,
    plugin: model.plugin,
    title: texts.title ?? model.title,
    titlePlural: texts['x-entity']?.titlePlural ?? model.titlePlural,
    icon: model.icon,
    ...((texts['x-entity']?.description ?? model.description) === undefined
      ? {}
      : { description: texts['x-entity']?.description ?? model.description }),
    titleField: model.titleField,
    ownership: model.ownership,
    defaultSort: model.defaultSort.filter((path) => input.readable.hasPath(model.id, path)),
    hidden: model.hidden,
    permissions,
    fields: [...entity.fields.values()].map((field) =>
      describeField(
        field.model,
        field.access,
        permissions.create || permissions.update,
        texts.properties?.[field.model.key],
        input.locale,
        (source) => input.readable.mayRead(model.id, source),
      ),
    ),
    related: relatedOf(input, model.id),
    ...(entity.fields.has(recordTypeKey) ? { recordTypes: describeRecordTypes(input, entity) } : {}),
  };
}

interface FieldTexts {
  title?: string;
  description?: string;
  'x-field'?: {
    options?: { value: string; title?: string }[];
    labels?: { value: string; title?: string }[];
    inverse?: string | { key: string; title?: string };
  };
}

interface EntityTexts {
  title?: string;
  'x-entity'?: { titlePlural?: string; description?: string };
  properties?: Record<string, FieldTexts>;
}

function textsOf({ catalog, locale }: DescribeInput, id: string): EntityTexts {
  const definition = catalog.definitions('entity').get(id);
  return definition === undefined ? {} : (catalog.localized(definition, locale) as EntityTexts);
}

function describeField(
  field: FieldModel,
  access: FieldLevel,
  mayWrite: boolean,
  texts: FieldTexts | undefined,
  locale: string,
  mayRead: (source: string) => boolean,
): CatalogField {
  const { kind } = field;
  // Of what is masked nothing can be asked.
  const isMasked = access === 'masked';
  const operators = isMasked ? [] : [...kind.operators(field)];
  const scale = field.x.scale;
  const currency = amountCurrency(field);
  return {
    key: field.key,
    title: field.system ? (systemFieldTitle(field.key, locale) ?? field.title) : (texts?.title ?? field.title),
    ...optional('help', texts?.description ?? field.help),
    kind: kind.id,
    widget: typeof field.x.widget === 'string' ? field.x.widget : kind.widget,
    required: field.required,
    system: field.system,
    ...(isMasked ? { masked: true as const } : {}),
    readOnly: access !== 'edit' || !mayWrite || field.readOnly || kind.insertSql !== undefined,
    unique: field.unique,
    searchable: field.searchable && !isMasked,
    ...(field.sensitivity === 'normal' ? {} : { sensitivity: field.sensitivity }),
    sortable: !isMasked && kind.sortSql(field, 't', '"C"') !== null,
    filterable: operators.length > 0,
    groupable: !isMasked && kind.groupSql(field, 't') !== null,
    operators,
    aggregates: isMasked ? [] : [...kind.aggregates(field)],
    exprType: kind.exprType(field).t,
    ...optional('default', field.default),
    ...(field.options.length === 0 ? {} : { options: withTitles(field.options, texts?.['x-field']?.options) }),
    ...computedOf(field),
    ...conditionsOf(field, mayRead),
    ...(field.to.length === 0 ? {} : { to: [...field.to] }),
    ...(field.labels.length === 0 ? {} : { labels: withTitles(field.labels, texts?.['x-field']?.labels) }),
    schema: kind.valueSchema(field),
    ...(typeof scale === 'number' ? { scale } : {}),
    ...optional('currencyField', currency === null || !mayRead(currency) ? undefined : currency),
  };
}

function withTitles(
  options: readonly OptionModel[],
  texts: readonly { value: string; title?: string }[] | undefined,
): { value: string; title: string; color?: string; retired?: boolean }[] {
  return options.map((option) => ({
    ...option,
    title: texts?.find((text) => text.value === option.value)?.title ?? option.title,
  }));
}

/** Related lists whose entity and pointing field the actor may read. */
function relatedOf(input: DescribeInput, id: string): CatalogRelated[] {
  const { readable } = input;
  const inverses = readable.entities.get(id)?.model.inverses ?? [];
  return inverses.flatMap((inverse) => {
    const field = readable.entities.get(inverse.entity)?.fields.get(inverse.field)?.model;
    if (field === undefined) return [];
    const own = textsOf(input, inverse.entity).properties?.[inverse.field]?.['x-field']?.inverse;
    const title = typeof own === 'object' ? own.title : undefined;
    const kind = field.kind.relation === 'many' ? 'links' : field.kind.relation === 'any' ? 'anyLink' : 'link';
    return [
      {
        key: inverse.key,
        title: title ?? inverse.title,
        entity: inverse.entity,
        field: inverse.field,
        kind,
        onDelete: field.onDelete,
      } satisfies CatalogRelated,
    ];
  });
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}

/** What a browser must know of a computed field: the kind of its result, or the child records that it holds. */
function computedOf({ formula, rollup, lines }: FieldModel): Pick<CatalogField, 'returns' | 'lines' | 'expression'> {
  const returns = formula?.returns ?? rollup?.returns;
  // Who may not read its inputs is not told what they are called.
  const expression = formula && !formula.systemComputed ? formula.expression.source : undefined;
  return {
    ...optional('returns', returns?.id),
    ...optional('expression', expression),
    ...optional('lines', lines),
  };
}

/** A condition over a field that the actor may not read is the server's alone: its text would tell of the field. */
function conditionsOf(
  { conditions }: FieldModel,
  mayRead: (source: string) => boolean,
): Pick<CatalogField, 'showWhen' | 'requireWhen' | 'readOnlyWhen'> {
  const told = (condition: { readonly source: string } | undefined): string | undefined =>
    condition && mayRead(condition.source) ? condition.source : undefined;
  return {
    ...optional('showWhen', told(conditions?.show)),
    ...optional('requireWhen', told(conditions?.require)),
    ...optional('readOnlyWhen', told(conditions?.readOnly)),
  };
}
