import { useQuery, useQueryClient } from '@tanstack/vue-query';
import type { MaybeRefOrGetter } from 'vue';
import { computed, shallowRef, toValue } from 'vue';
import type { RecordData } from '../api/index.js';
import { ApiProblem, getRecord, keys, listRecords, updateRecord } from '../api/index.js';
import type { Conflict } from '../form/index.js';

/** One record, kept current; deleted ones are found in the recycle bin. */
export function useRecord(entity: MaybeRefOrGetter<string>, id: MaybeRefOrGetter<string>) {
  const queries = useQueryClient();
  const key = computed(() => keys.record(toValue(entity), toValue(id)));
  const conflict = shallowRef<Conflict | null>(null);
  const query = useQuery({ queryKey: key, queryFn: ({ signal }) => read(toValue(entity), toValue(id), signal) });
  const record = computed(() => query.data.value ?? null);
  const isDeleted = computed(() => record.value?.deletedAt !== null && record.value?.deletedAt !== undefined);

  /**
   * Writes some fields: shown at once, taken back where the server refuses (the refusal is thrown on). Somebody else's
   * newer version opens the conflict and answers null.
   */
  async function patch(
    body: Record<string, unknown>,
    shown: Record<string, unknown>,
    version?: number,
  ): Promise<RecordData | null> {
    const before = record.value;
    if (before === null) return null;
    queries.setQueryData(key.value, { ...before, ...shown });
    try {
      const saved = await updateRecord(
        toValue(entity),
        toValue(id),
        body as RecordData,
        version ?? Number(before.version),
      );
      queries.setQueryData(key.value, saved);
      void queries.invalidateQueries({ queryKey: keys.entity(toValue(entity)) });
      return saved;
    } catch (error) {
      queries.setQueryData(key.value, before);
      if (!(error instanceof ApiProblem) || error.status !== 412) throw error;
      const theirs = await read(toValue(entity), toValue(id));
      conflict.value = { theirs, mine: body, before };
      return null;
    }
  }

  /** Mine over theirs. */
  async function overwrite(): Promise<void> {
    const found = conflict.value;
    conflict.value = null;
    if (found === null) return;
    queries.setQueryData(key.value, found.theirs);
    await patch(found.mine, {}, Number(found.theirs.version));
  }

  /** Theirs as it is. */
  function reload(): void {
    const found = conflict.value;
    conflict.value = null;
    if (found) queries.setQueryData(key.value, found.theirs);
  }

  return {
    record,
    isDeleted,
    isPending: query.isPending,
    error: query.error,
    refetch: query.refetch,
    conflict,
    patch,
    overwrite,
    reload,
  };
}

async function read(entity: string, id: string, signal?: AbortSignal): Promise<RecordData> {
  try {
    return await getRecord(entity, id, signal);
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 404) throw error;
    const deleted = await listRecords(
      entity,
      { deleted: 'only', filter: `id == ${JSON.stringify(id)}`, limit: 1 },
      signal,
    ).catch(() => null);
    const found = deleted?.data[0];
    if (found === undefined) throw error;
    return found;
  }
}
