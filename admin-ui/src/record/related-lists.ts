import type { CatalogEntity, CatalogField, CatalogForm, CatalogRelated } from '../meta/index.js';

export interface RelatedList {
  related: CatalogRelated;
  /** The pointing entity and its field. */
  entity: CatalogEntity;
  field: CatalogField;
  columns: CatalogField[];
  sort: string[];
}

type Lookup = (id: string) => CatalogEntity | undefined;

/** Fields that a related list shows where the form names none: the title and the next few narrow ones. */
const COLUMNS = 4;
const SHORT = new Set([
  'text',
  'choice',
  'date',
  'dateTime',
  'email',
  'phone',
  'money',
  'user',
  'link',
  'integer',
  'percent',
  'rating',
  'boolean',
]);

/**
 * The related lists of a record page. With a form that names some: those, in its order. Without: all but hidden entities,
 * and all but records that may hang on anything, which stand in the timeline.
 */
export function relatedLists(entity: CatalogEntity, form: CatalogForm | undefined, lookup: Lookup): RelatedList[] {
  const chosen = form?.related?.flatMap((place) => {
    const related = entity.related.find((one) => one.key === place.key);
    return related ? [{ related, place }] : [];
  });
  const places =
    chosen ??
    entity.related
      .filter((related) => related.kind !== 'anyLink' && lookup(related.entity)?.hidden === false)
      .map((related) => ({ related, place: undefined }));
  return places.flatMap(({ related, place }) => {
    const source = lookup(related.entity);
    const field = source?.fields.find((one) => one.key === related.field);
    if (!source || !field || !source.permissions.read) return [];
    return [
      {
        related,
        entity: source,
        field,
        columns: columnsOf(source, related.field, place?.columns),
        sort: place?.sort ?? source.defaultSort,
      },
    ];
  });
}

/** Entities that may hang on any record and are shown in the timeline: with the fields by which they point here. */
export function timelineSources(entity: CatalogEntity, lookup: Lookup): { entity: CatalogEntity; fields: string[] }[] {
  const sources = new Map<string, string[]>();
  for (const related of entity.related)
    if (related.kind === 'anyLink')
      sources.set(related.entity, [...(sources.get(related.entity) ?? []), related.field]);
  return [...sources].flatMap(([id, fields]) => {
    const source = lookup(id);
    return source && !source.hidden && source.permissions.read ? [{ entity: source, fields }] : [];
  });
}

/** The filter that finds the records of a related list. */
export function relatedFilter(kind: CatalogRelated['kind'], field: string, id: string): string {
  return kind === 'links' ? `${JSON.stringify(id)} in ${field}` : `${field} == ${JSON.stringify(id)}`;
}

/** The value with which a new record of a related list points here. */
export function presetFor(
  related: CatalogRelated,
  here: { entity: string; id: string; title: string },
): Record<string, unknown> {
  const link = { id: here.id, title: here.title };
  if (related.kind === 'links') return { [related.field]: [link] };
  return { [related.field]: related.kind === 'anyLink' ? { ...link, entity: here.entity } : link };
}

function columnsOf(source: CatalogEntity, pointing: string, wished: string[] | undefined): CatalogField[] {
  const byKey = new Map(source.fields.map((field) => [field.key, field]));
  if (wished) return wished.flatMap((key) => byKey.get(key) ?? []);
  const title = byKey.get(source.titleField);
  const rest = source.fields.filter(
    (field) => !field.system && field.key !== source.titleField && field.key !== pointing && SHORT.has(field.kind),
  );
  return [...(title ? [title] : []), ...rest].slice(0, COLUMNS);
}
