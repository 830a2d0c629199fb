import type { Ref } from 'vue';
import { computed, ref, shallowRef, watch } from 'vue';
import type { RecordData } from '../api/index.js';

/** Which rows are selected: some by id, or all that match the filter, loaded or not. */
export function useSelection(rows: Ref<RecordData[]>, scope: Ref<string>) {
  const ids = shallowRef<ReadonlySet<string>>(new Set());
  const allMatching = ref(false);
  let anchor = -1;

  // Another filter or view is another set of rows.
  watch(scope, clear);

  const allLoaded = computed(() => rows.value.length > 0 && rows.value.every((row) => ids.value.has(String(row.id))));
  const some = computed(() => allMatching.value || ids.value.size > 0);

  function clear(): void {
    ids.value = new Set();
    allMatching.value = false;
    anchor = -1;
  }

  /** Toggles one row; with `range` everything between it and the row toggled before becomes like it. */
  function toggle(index: number, range = false): void {
    const row = rows.value[index];
    if (row === undefined) return;
    const next = new Set(allMatching.value ? rows.value.map((each) => String(each.id)) : ids.value);
    allMatching.value = false;
    const on = !next.has(String(row.id));
    const from = range && anchor >= 0 ? Math.min(anchor, index) : index;
    const to = range && anchor >= 0 ? Math.max(anchor, index) : index;
    for (const each of rows.value.slice(from, to + 1)) {
      if (on) next.add(String(each.id));
      else next.delete(String(each.id));
    }
    ids.value = next;
    anchor = index;
  }

  function toggleAll(): void {
    if (some.value && (allLoaded.value || allMatching.value)) return clear();
    ids.value = new Set(rows.value.map((row) => String(row.id)));
  }

  return {
    ids,
    allMatching,
    allLoaded,
    some,
    clear,
    toggle,
    toggleAll,
    has: (id: string) => allMatching.value || ids.value.has(id),
  };
}
