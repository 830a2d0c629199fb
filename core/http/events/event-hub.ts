import type { Access } from '../../access/index.js';
import type { CatalogService } from '../../catalog/index.js';
import type { Identity } from '../../identity/index.js';
import type { Json, OutboxEvent } from '../../sdk/index.js';
import { openStreams, sentEvents } from '../metrics.js';
import { createEventStream, type EventStream, type StreamInput } from './event-stream.js';

/** Streams that one user may hold open at once. */
const streamsPerUser = 12;

/** All open event streams of this node. */
export interface EventHub {
  /** Opens a stream; null where the user holds too many already. */
  open(input: Omit<StreamInput, 'onEnd'>): EventStream | null;
  /** Ends all streams, at shutdown. */
  close(): void;
}

export interface EventHubDeps {
  readonly identity: Identity;
  readonly access: Access;
  readonly catalog: CatalogService;
  /** Calls back with every committed event; returns how to stop. */
  onEvent(listener: (event: OutboxEvent) => void): () => void;
}

/** Hands the outbox's events to the streams; follows the outbox only while somebody listens. */
export function createEventHub(deps: EventHubDeps): EventHub {
  const streams = new Set<EventStream>();
  let stop: (() => void) | null = null;
  const hear = (event: OutboxEvent): void => {
    for (const stream of streams) stream.hear(event);
  };
  deps.catalog.onChange((catalog) => hear({ topic: 'catalog.changed', payload: { epoch: catalog.epoch } as Json }));
  return {
    open(input) {
      const { userId } = input.authenticated.actor;
      if ([...streams].filter((stream) => stream.userId === userId).length >= streamsPerUser) return null;
      const stream = createEventStream(deps, {
        ...input,
        onEnd: () => {
          streams.delete(stream);
          openStreams.set(streams.size);
          if (streams.size > 0) return;
          stop?.();
          stop = null;
        },
        onSent: (count) => sentEvents.inc(count),
      });
      streams.add(stream);
      openStreams.set(streams.size);
      stop ??= deps.onEvent(hear);
      return stream;
    },
    close() {
      for (const stream of streams) stream.end();
    },
  };
}
