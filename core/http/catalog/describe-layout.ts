import type { CatalogForm, CatalogNavigation, CatalogView } from '../../../schemas/catalog.js';
import type { DescribeInput } from './describe-entity.js';
import { isForActor, lockOf, shownTabs } from './form-audience.js';

/** Views of readable entities, without columns that the actor may not read. */
export function describeViews(input: DescribeInput): CatalogView[] {
  const { readable } = input;
  return documents<CatalogView>(input, 'view').flatMap((view) => {
    const can = (path: string | undefined): boolean => path !== undefined && readable.hasPath(view.entity, path);
    // A filter on what one may not read would tell of it, and does not run anyway.
    if (!readable.entities.has(view.entity) || !readable.mayRead(view.entity, view.filter)) return [];
    if (view.type === 'board' && !can(view.groupBy)) return [];
    if (view.type === 'calendar' && !can(view.calendar?.start)) return [];
    if (view.type === 'map' && !can(view.map?.location)) return [];
    const { sort, groupBy, card, totals, calendar, map, ...rest } = view;
    return [
      {
        ...rest,
        columns: (view.columns ?? []).filter((column) => can(column.field)),
        ...(sort === undefined ? {} : { sort: sort.filter(can) }),
        ...(can(groupBy) ? { groupBy } : {}),
        ...(card === undefined ? {} : { card: { fields: card.fields.filter(can) } }),
        ...(calendar === undefined ? {} : { calendar: readableValues(calendar, can) }),
        ...(map === undefined ? {} : { map: readableValues(map, can) }),
        ...(totals === undefined ? {} : { totals: totals.filter((total) => can(total.field)) }),
      },
    ];
  });
}

/** Forms of readable entities, without fields and related lists that the actor may not read. */
export function describeForms(input: DescribeInput): CatalogForm[] {
  const { readable } = input;
  return documents<CatalogForm>(input, 'form').flatMap((form) => {
    const entity = readable.entities.get(form.entity);
    if (entity === undefined || !isForActor(input, form)) return [];
    const can = (path: string): boolean => readable.hasPath(form.entity, path);
    const filled = form.sections
      .filter((section) => readable.mayRead(form.entity, section.showWhen))
      .map((section) => ({
        ...section,
        ...lockOf(input, form.entity, section),
        fields: section.fields.filter((item) => can(item.field)),
      }))
      .filter((section) => section.fields.length > 0);
    const tabs = shownTabs(input, form, filled);
    const sections = filled.filter(({ tab }) => tab === undefined || tabs?.some(({ id }) => id === tab));
    const related = form.related?.flatMap((list) => {
      const inverse = entity.model.inverses.find((candidate) => candidate.key === list.key);
      if (inverse === undefined || !readable.entities.get(inverse.entity)?.fields.has(inverse.field)) return [];
      const columns = list.columns?.filter((column) => readable.hasPath(inverse.entity, column));
      return [
        {
          ...list,
          ...(columns === undefined ? {} : { columns }),
          ...(list.sort === undefined
            ? {}
            : { sort: list.sort.filter((path) => readable.hasPath(inverse.entity, path)) }),
        },
      ];
    });
    const { header } = form;
    const shown =
      header === undefined
        ? undefined
        : {
            ...(header.facts ? { facts: header.facts.filter(can) } : {}),
            ...(header.status !== undefined && can(header.status)
              ? { status: header.status, ...(header.stages ? { stages: true } : {}) }
              : {}),
          };
    return [
      {
        ...form,
        sections,
        ...(tabs === undefined ? {} : { tabs }),
        ...(related === undefined ? {} : { related }),
        ...(shown === undefined ? {} : { header: shown }),
      },
    ];
  });
}

/** Navigation whose entities and views the actor may read, in order. */
export function describeNavigation(input: DescribeInput, views: readonly CatalogView[]): CatalogNavigation[] {
  const known = new Set(views.map((view) => view.id));
  return documents<CatalogNavigation>(input, 'navigation')
    .map((navigation) => ({
      ...navigation,
      items: navigation.items.filter(
        (item) =>
          (item.entity === undefined || input.readable.entities.has(item.entity)) &&
          (item.view === undefined || known.has(item.view)),
      ),
    }))
    .filter((navigation) => navigation.items.length > 0)
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0) || a.id.localeCompare(b.id));
}

function readableValues<T extends object>(fields: T, can: (path: string) => boolean): T {
  return Object.fromEntries(Object.entries(fields).filter(([, key]) => can(key as string))) as T;
}

function documents<T extends { id: string }>({ catalog, locale }: DescribeInput, type: string): T[] {
  return [...catalog.definitions(type).values()].map((definition) => {
    const { $schema: _, ...document } = catalog.localized(definition, locale) as Record<string, unknown>;
    return { ...document, id: definition.id } as unknown as T;
  });
}
