import { invalid, missing } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import type { Json } from '../sdk/index.js';
import type { Database } from '../storage/index.js';

/** One audit entry as it is read. */
export interface AuditEntry {
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  /** The acting user, or null. */
  readonly actor: { readonly id: string; readonly title: string | null } | null;
  readonly requestId: string | null;
  /** Null after the payload was erased; the hash stays. */
  readonly payload: Json;
  /** sha256(salt || payload), hexadecimal. */
  readonly payloadHash: string;
  /** Place in the chain and the hash that seals it, hexadecimal; null until the next sealing. */
  readonly seq: number | null;
  readonly hash: string | null;
}

/** Which entries; all that is given must hold. */
export interface AuditFilter {
  readonly kind?: string;
  /** Id of the acting user. */
  readonly actor?: string;
  readonly entity?: string;
  /** Id of a record or user that the details name. */
  readonly record?: string;
  /** From this instant on, and before that one. */
  readonly from?: Date;
  readonly to?: Date;
  /** Contained in the details, the kind or the name of who acted, in any case. */
  readonly q?: string;
}

export interface AuditQuery extends AuditFilter {
  /** 1–500; absent: 50. */
  readonly limit?: number;
  /** The cursor of an earlier page. */
  readonly after?: string;
}

export interface AuditPage {
  readonly data: AuditEntry[];
  readonly page: { readonly limit: number; readonly next: string | null };
}

/** Newest first. Throws request.cursor. */
export async function listEntries(database: Database, query: AuditQuery): Promise<AuditPage> {
  const limit = query.limit ?? 50;
  const { conditions, values } = conditionsOf(query);
  if (query.after !== undefined) {
    const { at, id } = readCursor(query.after);
    conditions.push(`(e.at, e.id) < ($${values.push(at)}::timestamptz, $${values.push(id)}::uuid)`);
  }
  const where = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
  const rows = await database.query<EntryRow>({
    text: `${entryText}${where} order by e.at desc, e.id desc limit $${values.push(limit + 1)}`,
    values,
    replan: true,
  });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    data: page.map(toEntry),
    page: { limit, next: rows.length > limit && last ? cursorOf(last) : null },
  };
}

/** One entry. Throws audit.not_found. */
export async function getEntry(database: Database, id: string): Promise<AuditEntry> {
  const [row] = isUuid(id)
    ? await database.query<EntryRow>({ text: `${entryText} where e.id = $1`, values: [id] })
    : [];
  if (row === undefined) throw missing('audit.not_found', 'There is no such entry.');
  return toEntry(row);
}

interface EntryRow {
  readonly id: string;
  readonly at: Date;
  readonly exact: string;
  readonly kind: string;
  readonly actor: string | null;
  readonly actor_name: string | null;
  readonly request_id: string | null;
  readonly payload_hash: Buffer;
  readonly payload: string | null;
  readonly seq: string | null;
  readonly hash: Buffer | null;
}

const entryText = `select e.id, e.at, e.at::text as exact, e.kind, e.actor, c.name as actor_name, e.request_id, e.payload_hash, p.payload, e.seq, e.hash
from trellis.audit_entry e left join trellis.audit_payload p on p.entry_id = e.id left join trellis.credential c on c.user_id = e.actor`;

function conditionsOf(filter: AuditFilter): { conditions: string[]; values: unknown[] } {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const add = (value: unknown, condition: (param: string) => string): void => {
    if (value !== undefined) conditions.push(condition(`$${values.push(value)}`));
  };
  add(filter.kind, (param) => `e.kind = ${param}`);
  // What is no id names nobody.
  if ([filter.actor, filter.record].some((id) => id !== undefined && !isUuid(id)))
    return { conditions: ['false'], values };
  add(filter.actor, (param) => `e.actor = ${param}::uuid`);
  add(filter.entity, (param) => `p.entity = ${param}`);
  add(filter.record && [filter.record], (param) => `p.records @> ${param}::uuid[]`);
  add(filter.from, (param) => `e.at >= ${param}`);
  add(filter.to, (param) => `e.at < ${param}`);
  add(
    filter.q && `%${filter.q.replace(/[\\%_]/g, '\\$&')}%`,
    (param) =>
      `(p.payload ilike ${param} or e.kind ilike ${param} or c.name ilike ${param} or e.request_id ilike ${param})`,
  );
  return { conditions, values };
}

function toEntry(row: EntryRow): AuditEntry {
  return {
    id: row.id,
    at: row.at.toISOString(),
    kind: row.kind,
    actor: row.actor === null ? null : { id: row.actor, title: row.actor_name },
    requestId: row.request_id,
    payload: row.payload === null ? null : (JSON.parse(row.payload) as Json),
    payloadHash: row.payload_hash.toString('hex'),
    seq: row.seq === null ? null : Number(row.seq),
    hash: row.hash?.toString('hex') ?? null,
  };
}

function cursorOf({ exact, id }: EntryRow): string {
  return Buffer.from(JSON.stringify([exact, id])).toString('base64url');
}

function readCursor(text: string): { at: string; id: string } {
  try {
    const [at, id] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as [string, string];
    if (/^\d{4}-\d\d-\d\d[T ][\d:.+-]+Z?$/.test(at) && isUuid(id)) return { at, id };
  } catch (cause) {
    throw invalid('request.cursor', 'This is no cursor of this list.', { cause });
  }
  throw invalid('request.cursor', 'This is no cursor of this list.');
}
