import type { Ref } from 'vue';
import { watch } from 'vue';
import type { RecordData } from '../api/index.js';
import { useCatalog, useRecent } from '../meta/index.js';

/** Remembers a record that was looked at; one in the recycle bin is not offered again. */
export function useVisit(
  at: { entity: string; id: string },
  record: Ref<RecordData | null>,
  isDeleted: Ref<boolean>,
): void {
  const catalog = useCatalog();
  const recent = useRecent();
  watch(
    record,
    (now) => {
      if (now && !isDeleted.value)
        recent.visit({ entity: at.entity, id: at.id, title: catalog.titleOf(at.entity, now) });
    },
    { immediate: true },
  );
}
