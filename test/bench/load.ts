import { Agent, request } from 'node:http';

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export interface LoadResult {
  /** Answers a second. */
  readonly rate: number;
  readonly errors: number;
}

/** Calls `next()` in a closed loop over `connections` kept-alive connections for `durationMs`. */
export async function load(
  port: number,
  connections: number,
  durationMs: number,
  next: () => Call,
): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let done = 0;
  let errors = 0;
  const startedAt = performance.now();
  const worker = async (): Promise<void> => {
    while (performance.now() - startedAt < durationMs) {
      const status = await send(agent, port, next());
      if (status < 200 || status > 299) errors++;
      done++;
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const seconds = (performance.now() - startedAt) / 1000;
  agent.destroy();
  return { rate: done / seconds, errors };
}

/** One call; resolves with the status once the whole answer is read. */
export function send(agent: Agent, port: number, call: Call): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers =
      call.body === undefined
        ? call.headers
        : {
            'content-type': 'application/json',
            'content-length': String(Buffer.byteLength(call.body)),
            ...call.headers,
          };
    const req = request(
      { agent, host: '127.0.0.1', port, method: call.method, path: call.path, headers },
      (response) => {
        response.on('data', () => undefined);
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    req.on('error', reject);
    req.end(call.body);
  });
}

/** One call with its body parsed, for set-up. */
export async function fetchJson<T>(port: number, call: Call): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${port}${call.path}`, {
    method: call.method,
    headers: { ...(call.body === undefined ? {} : { 'content-type': 'application/json' }), ...call.headers },
    body: call.body,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${call.method} ${call.path}: ${response.status} ${text.slice(0, 500)}`);
  return (text === '' ? null : JSON.parse(text)) as T;
}
