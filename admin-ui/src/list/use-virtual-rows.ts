import { useVirtualizer } from '@tanstack/vue-virtual';
import type { Ref } from 'vue';
import { computed, nextTick, watch } from 'vue';
import type { ListLine } from './groups.js';
import type { Density } from './list-state.js';
import { rowHeights } from './row-heights.js';

/** Rows left below the window when the next page is asked for, so that scrolling never waits. */
const rowsAhead = 60;

/**
 * Which lines stand in the window of a scrolling element, and where; `more` is called before the loaded ones end. `loaded` is
 * the number of loaded rows: those of closed groups add no line, and yet there may be more.
 */
export function useVirtualRows(
  scroller: Ref<HTMLElement | null>,
  lines: Ref<ListLine[]>,
  loaded: Ref<number>,
  density: Ref<Density>,
  more: () => void,
) {
  const height = computed(() => rowHeights[density.value]);
  const virtualizer = useVirtualizer(
    computed(() => ({
      count: lines.value.length,
      getScrollElement: () => scroller.value,
      estimateSize: () => height.value,
      overscan: 10,
      scrollPaddingStart: rowHeights.compact,
      scrollPaddingEnd: rowHeights.compact,
    })),
  );
  const items = computed(() =>
    virtualizer.value.getVirtualItems().flatMap(({ index, start }) => {
      const line = lines.value[index];
      return line === undefined ? [] : [{ index, start, line }];
    }),
  );
  watch(height, () => virtualizer.value.measure());
  watch(
    () => (items.value.at(-1)?.index ?? 0) >= lines.value.length - rowsAhead && loaded.value,
    (near) => near && more(),
  );

  return {
    height,
    items,
    total: computed(() => virtualizer.value.getTotalSize()),
    /** Rows that fit the window. */
    page: () => Math.max(1, Math.floor((scroller.value?.clientHeight ?? 400) / height.value) - 2),
    /** Brings a row into view and waits until it stands there. */
    async reveal(row: number): Promise<void> {
      virtualizer.value.scrollToIndex(row);
      await nextTick();
    },
  };
}
