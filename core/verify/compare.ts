import type { Answer } from './speak.js';

/** Headers that every answer has anew: the moment, the connection, the id of the request. */
const ofTheMoment: ReadonlySet<string> = new Set(['date', 'connection', 'keep-alive', 'x-request-id']);

/** What may differ between two times of asking the same, by name; everything else is compared byte by byte. */
export interface Plain {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

/** What tells one run from the other although nothing else differs. */
export interface Moment {
  /** Ids that stood before any probe was asked; others were made by the probes and are counted in order. */
  readonly known: ReadonlySet<string>;
  /** No record was changed after it but by the probes. ISO 8601. */
  readonly since: string;
  /** Number of the last entry of the history then; it counts the changes of everybody, as docs/security.md tells. */
  readonly lastEntry: number;
}

/** An answer without what is new each time: cursors are encrypted anew (their length counts), workbooks are read. */
export async function toPlain(answer: Answer, moment: Moment): Promise<Plain> {
  const isWorkbook = (answer.headers['content-type'] ?? '').includes('spreadsheetml');
  const headers = Object.entries(answer.headers)
    .filter(([name]) => !ofTheMoment.has(name) && !(isWorkbook && name === 'content-length'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const body = isWorkbook ? JSON.stringify(await cellsOf(answer.bytes)) : answer.text;
  const fresh = new Map<string, string>();
  const steady = (text: string): string =>
    text
      .replace(/"next":"([A-Za-z0-9_-]{28,})"/g, (_all, cursor: string) => `"next":"<cursor of ${cursor.length}>"`)
      .replace(/"requestId":"[^"]*"/g, '"requestId":"<request>"')
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => {
        if (moment.known.has(id)) return id;
        const name = fresh.get(id) ?? `<new ${fresh.size}>`;
        fresh.set(id, name);
        return name;
      })
      .replace(/"id":"(\d+)"/g, (all, entry: string) => (Number(entry) > moment.lastEntry ? '"id":"<entry>"' : all))
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, (at) => (at >= moment.since ? '<since then>' : at));
  const plainBody = steady(body);
  // The length is that of what is compared: a number that is left out may have had a digit more.
  const isWhole = Number(answer.headers['content-length']) === answer.bytes.length;
  const lengthOf = (name: string, value: string): string =>
    name === 'content-length' && isWhole ? String(plainBody.length) : value;
  return {
    status: answer.status,
    headers: steady(headers.map(([name, value]) => `${name}: ${lengthOf(name, value)}`).join('\n')),
    body: plainBody,
  };
}

/** Where two answers part, some characters of each; null: nowhere. */
export function difference(a: Plain, b: Plain): { readonly left: string; readonly right: string } | null {
  for (const [left, right] of [
    [String(a.status), String(b.status)],
    [a.body, b.body],
    [a.headers, b.headers],
  ] as const) {
    if (left === right) continue;
    let i = 0;
    while (left[i] === right[i]) i++;
    const from = Math.max(0, i - 60);
    return { left: `${a.status} ${left.slice(from, i + 140)}`, right: `${b.status} ${right.slice(from, i + 140)}` };
  }
  return null;
}

/** The answer about a name that is not there, as it would be about the one that was asked for; without what its spelling suggests. */
export function asIfAsked(plain: Plain, names: readonly (readonly [asked: string, none: string])[]): Plain {
  const spelled = (text: string): string =>
    names
      .reduce((all, [asked, none]) => all.replaceAll(asked, '<name>').replaceAll(none, '<name>'), text)
      .replace(/ Did you mean [^?]*\?/g, '');
  return { status: plain.status, headers: withoutLength(spelled(plain.headers)), body: spelled(plain.body) };
}

/** Names are of one length, suggestions are not. */
function withoutLength(headers: string): string {
  return headers.replace(/^content-length: \d+$/m, '');
}

async function cellsOf(bytes: Buffer): Promise<unknown> {
  const { readSheet } = await import('read-excel-file/node');
  return readSheet(bytes);
}
