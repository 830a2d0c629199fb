/** What came over an event stream. */
export interface EventStream {
  readonly events: { topic: string; payload: Record<string, unknown> }[];
  readonly ended: Promise<void>;
  close(): void;
}

/** Opens the stream of events as whoever the headers say; resolves once it stands and follows the outbox. */
export async function listenTo(url: string, headers: Record<string, string>): Promise<EventStream> {
  const abort = new AbortController();
  const response = await fetch(`${url}/api/events`, { headers, signal: abort.signal });
  if (response.status !== 200) throw new Error(`No event stream: ${response.status}`);
  const events: EventStream['events'] = [];
  const read = async (): Promise<void> => {
    let text = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += new TextDecoder().decode(chunk);
      const blocks = text.split('\n\n');
      text = blocks.pop() as string;
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data !== undefined) events.push(JSON.parse(data) as EventStream['events'][number]);
      }
    }
  };
  const ended = read().catch(() => undefined);
  // The tail takes its place at its next look, every half second.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  return { events, ended, close: () => abort.abort() };
}
