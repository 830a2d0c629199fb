import pg from 'pg';

interface ListenerOptions {
  readonly url: string;
  readonly channel: string;
  onNotify(payload: string): void;
  /** A server that does not answer for so long is taken to be away; absent: five seconds. */
  readonly patienceMs?: number;
}

/** A connection of its own for NOTIFY, made again whenever it is lost. Returns how to stop, which waits for no silent server. */
export async function startListener(options: ListenerOptions): Promise<() => Promise<void>> {
  const { url, channel, onNotify, patienceMs = 5_000 } = options;
  let stopped = false;
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let connecting: Promise<void> | undefined;
  const connect = async (): Promise<void> => {
    const next = new pg.Client({
      connectionString: url,
      keepAlive: true,
      connectionTimeoutMillis: patienceMs,
      query_timeout: patienceMs,
    });
    next.on('notification', (message) => onNotify(message.payload ?? ''));
    // Until it listens, whoever makes it hears of its failure.
    const lost = (): void => {
      if (client === next) again();
    };
    next.on('error', lost);
    next.on('end', lost);
    try {
      await next.connect();
      await next.query(`listen "${channel.replaceAll('"', '""')}"`);
      client = next;
    } catch (error) {
      await endWithin(next, patienceMs);
      throw error;
    }
  };
  const again = (): void => {
    if (stopped || retry) return;
    client = undefined;
    retry = setTimeout(() => {
      retry = undefined;
      connecting = connect();
      connecting.then(
        // What was notified meanwhile is unknown: wake the consumer once.
        () => stopped || onNotify(''),
        () => again(),
      );
    }, 500);
    retry.unref();
  };
  await connect();
  return async () => {
    stopped = true;
    clearTimeout(retry);
    // One that is just being made again would stay open.
    await connecting?.catch(() => undefined);
    if (client) await endWithin(client, patienceMs);
  };
}

/** Ends a connection, by cutting it where the server does not answer the farewell in time. */
async function endWithin(client: pg.Client, ms: number): Promise<void> {
  const timer = setTimeout(() => client.connection.stream.destroy(), ms);
  await client.end().catch(() => undefined);
  clearTimeout(timer);
}
