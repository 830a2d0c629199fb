import type { Ref } from 'vue';
import { computed, ref, watch } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { CatalogEntity } from '../meta/index.js';
import { useCatalog } from '../meta/index.js';
import { useDensity } from '../ui/index.js';
import type { ListState, ListTab } from './list-state.js';
import { defaultView, sameState, stateOfView } from './list-state.js';
import { useSavedViews } from './use-saved-views.js';

type Look = Pick<ListState, 'columns' | 'totals' | 'density'>;

/**
 * What the list shows now: the chosen tab, with the user's own changes on top. Filter, sort, group and search live in the address, so
 * that a link shows the same; columns, totals and density are remembered on this machine until saved or reset.
 */
export function useListState(entity: Ref<CatalogEntity>, allTitle: Ref<string>) {
  const route = useRoute();
  const router = useRouter();
  const catalog = useCatalog();
  const { density } = useDensity();
  const saved = useSavedViews(computed(() => entity.value.id));
  const fieldAt = (path: string) => catalog.fieldAt(entity.value.id, path);

  const tabs = computed<ListTab[]>(() => {
    const views = catalog.viewsOf(entity.value.id);
    const own = views.some((view) => view.type === 'list')
      ? views
      : [{ ...defaultView(entity.value), title: allTitle.value }, ...views];
    return [...own.map((view) => ({ id: view.id, title: view.title, view })), ...saved.tabs.value];
  });
  const tab = computed<ListTab>(
    () => tabs.value.find((each) => each.id === route.query.view) ?? (tabs.value[0] as ListTab),
  );
  const base = computed(() => stateOfView(tab.value.view, entity.value, fieldAt, density.value));

  const look = ref<Partial<Look>>({});
  const lookKey = computed(() => `trellis.list.${tab.value.id}`);
  watch(lookKey, (key) => (look.value = readLook(key)), { immediate: true });

  const text = (key: string): string | undefined =>
    typeof route.query[key] === 'string' ? route.query[key] : undefined;
  const state = computed<ListState>(() => ({
    ...base.value,
    ...look.value,
    columns: (look.value.columns ?? base.value.columns).filter((column) => fieldAt(column.field) !== undefined),
    filter: text('filter') ?? base.value.filter,
    sort: text('sort')?.split(',').filter(Boolean) ?? base.value.sort,
    groupBy: groupOf(text('group')),
  }));
  /** An empty text in the address is "not grouped", whatever the view says. */
  function groupOf(path: string | undefined): string | null {
    if (path === undefined) return base.value.groupBy;
    return path !== '' && fieldAt(path) !== undefined ? path : null;
  }
  const q = computed(() => text('q') ?? '');
  const peek = computed(() => text('peek') ?? null);
  const isChanged = computed(() => !sameState(state.value, base.value));

  function setQuery(values: Record<string, string | undefined>, push = false): void {
    const query = { ...route.query, ...values };
    void router[push ? 'push' : 'replace']({ query });
  }

  function setLook(values: Partial<Look>): void {
    look.value = { ...look.value, ...values };
    writeLook(lookKey.value, look.value);
  }

  return {
    tabs,
    tab,
    state,
    q,
    peek,
    isChanged,
    saved,
    setFilter: (filter: string) => setQuery({ filter: filter === base.value.filter ? undefined : filter }),
    setSort: (sort: string[]) =>
      setQuery({ sort: sort.join(',') === base.value.sort.join(',') ? undefined : sort.join(',') }),
    setGroup: (path: string | null) => setQuery({ group: path === base.value.groupBy ? undefined : (path ?? '') }),
    setSearch: (next: string) => setQuery({ q: next === '' ? undefined : next }),
    /** Neither search nor filter; in one step, since a second change of the address would start from the old one. */
    showAll: () => setQuery({ q: undefined, filter: base.value.filter === '' ? undefined : '' }),
    setPeek: (id: string | null) => setQuery({ peek: id ?? undefined }, peek.value === null),
    setTab: (id: string) =>
      setQuery({ view: id, filter: undefined, sort: undefined, group: undefined, peek: undefined }, true),
    setLook,
    reset(): void {
      look.value = {};
      writeLook(lookKey.value, {});
      setQuery({ filter: undefined, sort: undefined, group: undefined });
    },
    /** After saving, the view itself holds what was laid over it. */
    forgetLook(): void {
      look.value = {};
      writeLook(lookKey.value, {});
    },
  };
}

function readLook(key: string): Partial<Look> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function writeLook(key: string, look: Partial<Look>): void {
  try {
    if (Object.keys(look).length === 0) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(look));
  } catch {
    // A full or blocked storage costs only the memory of the look.
  }
}
