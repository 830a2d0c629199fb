import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { CatalogAnswer, CatalogEntity, CatalogField, CatalogView } from '../../../schemas/catalog.js';
import { getCatalog } from '../api/index.js';

/** The effective definitions in the user's language. Loaded before any page shows; reloaded when language or catalog change. */
export const useCatalog = defineStore('catalog', () => {
  const answer = shallowRef<CatalogAnswer | null>(null);
  const byId = computed(() => new Map((answer.value?.entities ?? []).map((entity) => [entity.id, entity])));
  const fields = computed(
    () =>
      new Map(
        [...byId.value.values()].map((entity) => [
          entity.id,
          new Map(entity.fields.map((field) => [field.key, field])),
        ]),
      ),
  );
  let asked = '';

  async function load(locale: string): Promise<void> {
    asked = locale;
    const next = await getCatalog(locale);
    if (asked === locale) answer.value = next;
  }

  function entityOf(id: string): CatalogEntity | undefined {
    return byId.value.get(id);
  }

  function fieldOf(entity: string, key: string): CatalogField | undefined {
    return fields.value.get(entity)?.get(key);
  }

  /** The field at the end of a path over to-one links, e.g. `company.name`. */
  function fieldAt(entity: string, path: string): CatalogField | undefined {
    const [first = '', ...rest] = path.split('.');
    const field = fieldOf(entity, first);
    if (field === undefined || rest.length === 0) return field;
    const target = field.to?.[0];
    return target === undefined ? undefined : fieldAt(target, rest.join('.'));
  }

  function viewsOf(entity: string): CatalogView[] {
    const views = (answer.value?.views ?? []).filter((view) => view.entity === entity);
    return views.sort(
      (a, b) => Number(b.default ?? false) - Number(a.default ?? false) || (a.order ?? 100) - (b.order ?? 100),
    );
  }

  /** Title of a record as lists and links show it. */
  function titleOf(entity: string, record: Record<string, unknown>): string {
    const field = byId.value.get(entity)?.titleField;
    const value = field === undefined ? undefined : record[field];
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
    if (typeof value === 'object' && value !== null && 'title' in value && typeof value.title === 'string')
      return value.title;
    return typeof record.id === 'string' ? record.id.slice(0, 8) : '';
  }

  /** Entities that people browse, in the order of the navigation, then the rest. */
  const browsable = computed(() => {
    const entities = (answer.value?.entities ?? []).filter((entity) => !entity.hidden && entity.permissions.read);
    const order = (answer.value?.navigation ?? []).flatMap((group) => group.items.flatMap((item) => item.entity ?? []));
    const place = (id: string) => (order.includes(id) ? order.indexOf(id) : order.length);
    return [...entities].sort((a, b) => place(a.id) - place(b.id));
  });

  return { catalog: answer, browsable, load, entityOf, fieldOf, fieldAt, viewsOf, titleOf };
});
