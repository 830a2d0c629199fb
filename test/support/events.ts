import { expectOk, until, type Client } from './client.js';

/** What came over an event stream. */
export interface EventStream {
  readonly events: { topic: string; payload: Record<string, unknown> }[];
  readonly headers: Headers;
  readonly ended: Promise<void>;
  close(): void;
}

/** Opens the stream of events as whoever the headers say. What is told of begins somewhat later: see `upToDate`. */
export async function listenTo(url: string, headers: Record<string, string>): Promise<EventStream> {
  const abort = new AbortController();
  const response = await fetch(`${url}/api/events`, { headers, signal: abort.signal });
  if (response.status !== 200) throw new Error(`No event stream: ${response.status}`);
  const events: EventStream['events'] = [];
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() as string;
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data !== undefined) events.push(JSON.parse(data) as EventStream['events'][number]);
      }
    }
  };
  return { events, headers: response.headers, ended: read().catch(() => undefined), close: () => abort.abort() };
}

/**
 * Waits until the streams have told all that happened before, and forgets what they told. The outbox tells in order, so a
 * shared view made now comes last; it is made again while a stream may not have stood yet when it was.
 */
export async function upToDate(admin: Client, streams: readonly EventStream[]): Promise<void> {
  for (let patienceMs = 1_000; ; patienceMs *= 2) {
    const marker = expectOk(
      await admin.post('/api/records/core.savedView', {
        name: `Marker ${String(process.hrtime.bigint())}`,
        entity: 'core.team',
        document: { entity: 'core.team', title: 'Teams', type: 'list', columns: [{ field: 'name' }] },
        shared: true,
      }),
      201,
    );
    const id = String(marker.body.data.id);
    const silent = () => Promise.resolve(streams.filter(({ events }) => !JSON.stringify(events).includes(id)).length);
    try {
      await until(silent, (n) => n === 0, patienceMs);
    } catch (error) {
      if (patienceMs > 60_000) throw error;
      continue;
    }
    for (const { events } of streams) events.splice(0);
    return;
  }
}
