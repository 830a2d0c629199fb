/** A change or progress told by the server: `record.changed`, `import.progress`, `catalog.changed` … */
export interface ServerEvent {
  topic: string;
  payload: Record<string, unknown>;
}

type Listener = (event: ServerEvent) => void;

const topics = [
  'record.changed',
  'import.progress',
  'job.progress',
  'storage.progress',
  'catalog.changed',
  'notification.created',
];
const listeners = new Set<Listener>();
let source: EventSource | null = null;

/** Listens to the server's events; returns a function that stops. One connection serves all listeners. */
export function onServerEvent(listener: Listener): () => void {
  listeners.add(listener);
  source ??= open();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) closeEvents();
  };
}

/** Ends the connection, e.g. at sign-out. */
export function closeEvents(): void {
  source?.close();
  source = null;
}

function open(): EventSource {
  const next = new EventSource('/api/events');
  next.onmessage = (message) => tell('', message);
  for (const topic of topics) next.addEventListener(topic, (message) => tell(topic, message));
  return next;
}

function tell(topic: string, message: MessageEvent<string>): void {
  const event = readEvent(topic, message.data);
  if (event !== null) for (const listener of listeners) listener(event);
}

/** The topic stands in the event's name or beside the payload; null for what cannot be read. */
export function readEvent(topic: string, data: string): ServerEvent | null {
  try {
    const body = JSON.parse(data) as Record<string, unknown>;
    const named = typeof body.topic === 'string' ? body.topic : topic;
    if (named === '') return null;
    const payload = typeof body.payload === 'object' && body.payload !== null ? body.payload : body;
    return { topic: named, payload: payload as Record<string, unknown> };
  } catch {
    return null;
  }
}
