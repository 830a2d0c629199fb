import { defineStore } from 'pinia';
import { ref } from 'vue';

export interface RecentRecord {
  entity: string;
  id: string;
  title: string;
  /** Milliseconds since 1970. */
  at: number;
}

const kept = 20;

/** Records opened lately on this machine, newest first, kept apart for each user. */
export const useRecent = defineStore('recent', () => {
  const records = ref<RecentRecord[]>([]);
  let key = '';

  function open(userId: string): void {
    key = `trellis.recent.${userId}`;
    records.value = read(key);
  }

  function visit(record: Omit<RecentRecord, 'at'>): void {
    records.value = addRecent(records.value, { ...record, at: Date.now() });
    write(key, records.value);
  }

  function drop(entity: string, id: string): void {
    records.value = records.value.filter((each) => each.entity !== entity || each.id !== id);
    write(key, records.value);
  }

  return { records, open, visit, drop };
});

/** The list with a record on top, without doubles, at most 20. */
export function addRecent(records: readonly RecentRecord[], record: RecentRecord): RecentRecord[] {
  return [record, ...records.filter((each) => each.entity !== record.entity || each.id !== record.id)].slice(0, kept);
}

function read(key: string): RecentRecord[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(value) ? value.filter(isRecent) : [];
  } catch {
    return [];
  }
}

function write(key: string, records: RecentRecord[]): void {
  try {
    localStorage.setItem(key, JSON.stringify(records));
  } catch {
    // A full or blocked storage costs only the memory of recent records.
  }
}

function isRecent(value: unknown): value is RecentRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as RecentRecord).id === 'string' &&
    typeof (value as RecentRecord).entity === 'string'
  );
}
