/** One answer as it came over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  readonly text: string;
}

/** One request. `form`: a file sent as a form with further parts. */
export interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  readonly form?: { readonly name: string; readonly content: string; readonly parts: Readonly<Record<string, string>> };
}

/** Somebody who speaks HTTP to the server. */
export type Speaker = (ask: Ask) => Promise<Answer>;

/** Speaks with these headers. */
export function speakAs(url: string, headers: Readonly<Record<string, string>>): Speaker {
  return async ({ method = 'GET', path, body, form }) => {
    const isText = typeof body === 'string';
    const sent = form ? formOf(form) : body === undefined ? undefined : isText ? body : JSON.stringify(body);
    const type: Record<string, string> =
      form || body === undefined ? {} : { 'content-type': isText ? 'application/x-ndjson' : 'application/json' };
    const init = { method, body: sent, headers: { ...headers, ...type }, redirect: 'manual' } as const;
    const response = await fetch(url + path, init);
    const bytes = Buffer.from(await response.arrayBuffer());
    return { status: response.status, headers: Object.fromEntries(response.headers), bytes, text: bytes.toString() };
  };
}

/** The `data` of an answer that must be fine. Throws with what the server said. */
export function dataOf<T>(answer: Answer): T {
  if (answer.status >= 300) throw new Error(`The server refused what was needed: ${answer.status} ${answer.text}`);
  return answer.text === '' ? (undefined as T) : (JSON.parse(answer.text) as { data: T }).data;
}

/** The session cookie of a password. */
export async function signIn(url: string, email: string, password: string): Promise<Speaker> {
  const answer = await speakAs(url, {})({ method: 'POST', path: '/api/session', body: { email, password } });
  dataOf(answer);
  return speakAs(url, cookiesOf(answer));
}

/** The header that sends back the cookies of an answer. */
export function cookiesOf({ headers }: Answer): { readonly cookie: string } {
  const lines = (headers['set-cookie'] ?? '').split(/, (?=[\w-]+=)/);
  return { cookie: lines.map((line) => line.split(';')[0]).join('; ') };
}

function formOf({ name, content, parts }: NonNullable<Ask['form']>): FormData {
  const form = new FormData();
  for (const [key, value] of Object.entries(parts)) form.set(key, value);
  form.set('file', new Blob([content]), name);
  return form;
}
