import { ApiProblem, problemOf } from './problem.js';

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Sent as JSON, unless it is FormData. */
  body?: unknown;
  query?: Record<string, string | number | boolean | readonly string[] | undefined>;
  /** Sent as If-Match; another current version answers 412. */
  version?: number;
  signal?: AbortSignal;
  headers?: Record<string, string>;
  /** A 401 of this call is an answer, not the end of the session. */
  ownAuth?: boolean;
}

interface ClientHooks {
  locale: () => string;
  onSignedOut: () => void;
  onConnection: (online: boolean) => void;
}

let hooks: ClientHooks = { locale: () => 'en', onSignedOut: () => undefined, onConnection: () => undefined };

/** Tells the client which language to ask in, and whom to tell about an ended session or a lost connection. */
export function configureClient(next: Partial<ClientHooks>): void {
  hooks = { ...hooks, ...next };
}

/** The only place that calls fetch. Answers the parsed JSON (undefined for 204); throws ApiProblem. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options);
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  const body = parse(text);
  if (!response.ok) {
    const problem = problemOf(response.status, body);
    if (response.status === 401 && !options.ownAuth) hooks.onSignedOut();
    throw problem;
  }
  return body as T;
}

/** Posts a form and tells how far it got (0 to 1): fetch cannot, so this one call is an XMLHttpRequest. Throws ApiProblem. */
export function upload<T>(
  path: string,
  body: FormData,
  options: { signal?: AbortSignal; onProgress?: (share: number) => void } = {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open('POST', path);
    call.setRequestHeader('accept', 'application/json');
    call.setRequestHeader('accept-language', hooks.locale());
    call.upload.onprogress = (event) => event.lengthComputable && options.onProgress?.(event.loaded / event.total);
    call.onload = () => {
      const answer = parse(call.responseText);
      if (call.status >= 200 && call.status < 300) return resolve(answer as T);
      if (call.status === 401) hooks.onSignedOut();
      reject(problemOf(call.status, answer));
    };
    call.onerror = () => {
      hooks.onConnection(false);
      reject(new ApiProblem(0, 'network.offline', 'The server cannot be reached.'));
    };
    call.onabort = () => reject(new DOMException('The upload was cancelled.', 'AbortError'));
    options.signal?.addEventListener('abort', () => call.abort());
    call.send(body);
  });
}

/** A path with its query; undefined values are left out. */
export function urlOf(path: string, query: RequestOptions['query'] = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue;
    params.set(key, Array.isArray(value) ? value.join(',') : String(value));
  }
  const text = params.toString();
  return text === '' ? path : `${path}?${text}`;
}

async function send(path: string, options: RequestOptions): Promise<Response> {
  const isForm = options.body instanceof FormData;
  const headers: Record<string, string> = {
    accept: 'application/json',
    'accept-language': hooks.locale(),
    ...options.headers,
  };
  if (options.body !== undefined && !isForm && headers['content-type'] === undefined)
    headers['content-type'] = 'application/json';
  if (options.version !== undefined) headers['if-match'] = `"${options.version}"`;
  try {
    const response = await fetch(urlOf(path, options.query), {
      method: options.method ?? 'GET',
      headers,
      body: bodyOf(options.body),
      signal: options.signal,
      credentials: 'same-origin',
    });
    hooks.onConnection(true);
    return response;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    hooks.onConnection(false);
    throw new ApiProblem(0, 'network.offline', 'The server cannot be reached.', undefined, [], { cause });
  }
}

function bodyOf(body: unknown): BodyInit | undefined {
  if (body === undefined) return undefined;
  return body instanceof FormData || typeof body === 'string' ? body : JSON.stringify(body);
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
