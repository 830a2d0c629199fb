import type { Json, OutboxEvent } from '../../sdk/index.js';

/** Ids of one entity and operation that are told one by one; a larger change is told in part, and lists reload whole anyway. */
const idsPerEvent = 500;
/** Different events that wait at most; older ones give way. */
const eventLimit = 1_000;

/** Events that wait to be checked and sent; changes of the same entity and progress of the same thing are gathered into one. */
export interface WaitingEvents {
  add(event: OutboxEvent): void;
  /** All of them, in order of their first arrival; empties it. */
  take(): OutboxEvent[];
  isEmpty(): boolean;
}

export function createWaitingEvents(): WaitingEvents {
  let events = new Map<string, OutboxEvent>();
  return {
    add(event) {
      const payload = (event.payload ?? {}) as { [key: string]: Json };
      const key = keyOf(event.topic, payload);
      const earlier = events.get(key);
      events.set(
        key,
        event.topic === 'record.changed' && earlier
          ? { topic: event.topic, payload: joinIds(earlier.payload as { [key: string]: Json }, payload) }
          : event,
      );
      if (events.size > eventLimit) events.delete(events.keys().next().value as string);
    },
    take() {
      const all = [...events.values()];
      events = new Map();
      return all;
    },
    isEmpty: () => events.size === 0,
  };
}

function keyOf(topic: string, payload: { [key: string]: Json }): string {
  if (topic === 'record.changed') return `${topic} ${String(payload.entity)} ${String(payload.operation)}`;
  return `${topic} ${String(payload.importId ?? payload.id ?? '')}`;
}

function joinIds(earlier: { [key: string]: Json }, later: { [key: string]: Json }): Json {
  const ids = [...new Set([...(earlier.ids as string[]), ...(later.ids as string[])])].slice(0, idsPerEvent);
  if (later.owners === undefined) return { ...later, ids };
  const owners = { ...(earlier.owners as object), ...(later.owners as object) } as { [key: string]: Json };
  return { ...later, ids, owners: Object.fromEntries(ids.map((id) => [id, owners[id] ?? null])) };
}
