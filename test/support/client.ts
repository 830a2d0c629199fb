import { openAsBlob } from 'node:fs';

/**
 * JSON of any shape: tests look into answers freely, and what is not there fails the expectation that asks for it.
 * `String(…)` or `Number(…)` makes a plain value of it.
 */
export type Loose = { readonly [key: string]: Loose } & Iterable<Loose> &
  Pick<readonly Loose[], 'length' | 'map' | 'filter' | 'find' | 'some' | 'slice' | 'flatMap'>;

/** An answer of the server; `body` is its JSON, or its text where it is none. */
export interface Answer {
  readonly status: number;
  readonly body: Loose;
  readonly text: string;
  readonly headers: Headers;
}

/** A file sent as part of a form. */
export interface Upload {
  readonly content: string | Uint8Array | { readonly path: string };
  readonly fileName: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** Speaks HTTP to one server as one actor. */
export class Client {
  constructor(
    readonly url: string,
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  /** The same server with other headers, e.g. as nobody. */
  with(headers: Readonly<Record<string, string>>): Client {
    return new Client(this.url, headers);
  }

  /** The same actor at another node. */
  at(url: string): Client {
    return new Client(url, this.headers);
  }

  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer> {
    return this.send('GET', path, undefined, headers);
  }

  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer> {
    return this.send('POST', path, body, headers);
  }

  patch(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer> {
    return this.send('PATCH', path, body, headers);
  }

  delete(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer> {
    return this.send('DELETE', path, undefined, headers);
  }

  /** A body that is text already keeps its own content type; anything else goes as JSON. */
  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const isText = typeof body === 'string' || body instanceof Uint8Array;
    const json: Record<string, string> =
      body === undefined || isText || body instanceof FormData ? {} : { 'content-type': 'application/json' };
    const payload =
      body === undefined || isText || body instanceof FormData ? (body as RequestInit['body']) : JSON.stringify(body);
    const response = await fetch(this.url + path, {
      method,
      body: payload,
      headers: { ...this.headers, ...json, ...headers },
      redirect: 'manual',
    });
    const text = await response.text();
    const isJson =
      /json/.test(response.headers.get('content-type') ?? '') &&
      !/ndjson/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      body: (isJson ? JSON.parse(text) : text) as Loose,
      text,
      headers: response.headers,
    };
  }

  /** What stands at a path, byte by byte. */
  async bytes(path: string): Promise<Buffer> {
    const response = await fetch(this.url + path, { headers: this.headers });
    if (!response.ok) throw new Error(`Expected a file, got ${response.status}: ${await response.text()}`);
    return Buffer.from(await response.arrayBuffer());
  }

  /** Posts a form with one file. */
  async upload(path: string, upload: Upload): Promise<Answer> {
    const form = new FormData();
    for (const [name, value] of Object.entries(upload.fields ?? {})) form.set(name, value);
    const { content } = upload;
    const blob =
      typeof content === 'object' && 'path' in content ? await openAsBlob(content.path) : new Blob([content as string]);
    form.set('file', blob, upload.fileName);
    return this.send('POST', path, form);
  }
}

/** Asks again until `ready` says so; throws after the time with the last value. */
export async function until<T>(ask: () => Promise<T>, ready: (value: T) => boolean, timeoutMs = 180_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await ask();
    if (ready(value)) return value;
    if (Date.now() > deadline)
      throw new Error(`Not ready after ${timeoutMs} ms: ${JSON.stringify(value)?.slice(0, 2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The answer, if it has one of these statuses; else fails with what the server said. */
export function expectOk(answer: Answer, ...statuses: number[]): Answer {
  if (!(statuses.length > 0 ? statuses.includes(answer.status) : answer.status < 300))
    throw new Error(`Expected ${statuses.join(' or ') || '2xx'}, got ${answer.status}: ${answer.text.slice(0, 2000)}`);
  return answer;
}
