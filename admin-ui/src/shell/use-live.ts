import { useQueryClient } from '@tanstack/vue-query';
import { onMounted, onUnmounted } from 'vue';
import { useI18n } from 'vue-i18n';
import type { ServerEvent } from '../api/index.js';
import { onServerEvent } from '../api/index.js';
import { useCatalog } from '../meta/index.js';

/** Changes of one entity within this time are looked after together. */
const restMs = 1200;

interface Waiting {
  operations: Set<string>;
  ids: Set<string>;
}

/** Keeps what is on the screen current: refreshes lists and records that others changed, and the catalog. */
export function useLive(): void {
  const queries = useQueryClient();
  const catalog = useCatalog();
  const { locale } = useI18n();
  const waiting = new Map<string, Waiting>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop = () => {};

  onMounted(() => (stop = onServerEvent(hear)));
  onUnmounted(() => {
    stop();
    clearTimeout(timer);
  });

  function hear({ topic, payload }: ServerEvent): void {
    if (topic === 'catalog.changed') void catalog.load(locale.value).catch(() => undefined);
    if (topic !== 'record.changed' || typeof payload.entity !== 'string') return;
    const group = waiting.get(payload.entity) ?? { operations: new Set(), ids: new Set() };
    group.operations.add(String(payload.operation));
    for (const id of Array.isArray(payload.ids) ? payload.ids : []) group.ids.add(String(id));
    waiting.set(payload.entity, group);
    timer ??= setTimeout(() => void flush(), restMs);
  }

  async function flush(): Promise<void> {
    timer = undefined;
    // Not through the list's door, which would bring the whole list into the first load.
    const { refreshRecords } = await import('../list/refresh-rows.js');
    for (const [entity, { operations, ids }] of waiting) {
      const isUpdate = operations.size === 1 && operations.has('update');
      void refreshRecords(queries, entity, { operation: isUpdate ? 'update' : 'several', ids: [...ids] });
    }
    waiting.clear();
  }
}
