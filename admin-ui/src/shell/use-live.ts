import { useQueryClient } from '@tanstack/vue-query';
import { onMounted, onUnmounted } from 'vue';
import { useI18n } from 'vue-i18n';
import type { ServerEvent } from '../api/index.js';
import { keys, onServerEvent } from '../api/index.js';
import { useCatalog } from '../meta/index.js';

/** Changes of the same entity within this time refresh its lists once. */
const restMs = 1500;

/** Keeps what is on the screen current: refreshes lists and records that others changed, and the catalog. */
export function useLive(): void {
  const queries = useQueryClient();
  const catalog = useCatalog();
  const { locale } = useI18n();
  const waiting = new Map<string, ReturnType<typeof setTimeout>>();
  let stop = () => {};

  onMounted(() => (stop = onServerEvent(hear)));
  onUnmounted(() => {
    stop();
    for (const timer of waiting.values()) clearTimeout(timer);
  });

  function hear(event: ServerEvent): void {
    if (event.topic === 'catalog.changed') void catalog.load(locale.value).catch(() => undefined);
    const { entity } = event.payload;
    if (event.topic === 'record.changed' && typeof entity === 'string') refreshSoon(entity);
  }

  function refreshSoon(entity: string): void {
    if (waiting.has(entity)) return;
    const refresh = () => {
      waiting.delete(entity);
      void queries.invalidateQueries({ queryKey: keys.entity(entity) });
    };
    waiting.set(entity, setTimeout(refresh, restMs));
  }
}
