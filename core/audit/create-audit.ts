import { createHash, randomBytes } from 'node:crypto';
import { uuidv7 } from '../base/ids.js';
import { denied, invalid } from '../base/errors.js';
import type { AuditInput, AuditLog, Ctx, Json, Tx } from '../sdk/index.js';
import type { Database } from '../storage/index.js';

/** One audit entry as administrators read it. */
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
}

export interface AuditQuery {
  readonly kind?: string;
  readonly actor?: string;
  /** 1–500; absent: 50. */
  readonly limit?: number;
  /** The cursor of an earlier page. */
  readonly after?: string;
}

/** Appends entries, and lists them for administrators. */
export interface Audit extends AuditLog {
  /** Newest first. Throws auth.administrator_required, request.cursor. */
  list(ctx: Ctx, query: AuditQuery): Promise<{ data: AuditEntry[]; page: { limit: number; next: string | null } }>;
}

/** Composes the room. Entries carry the server's clock; nothing here changes or removes one. */
export function createAudit(options: { database: Database; now?: () => Date }): Audit {
  const now = options.now ?? (() => new Date());
  return {
    async append(tx: Tx | null, entry: AuditInput) {
      const payload = JSON.stringify(entry.payload);
      const salt = randomBytes(16);
      const values = [
        uuidv7(),
        now(),
        entry.kind,
        entry.actor,
        entry.requestId ?? null,
        hashPayload(salt, payload),
        salt,
        payload,
      ];
      if (tx === null) await options.database.query({ text: appendText, values });
      else await tx.query(appendText, values);
    },
    list: (ctx, query) => listEntries(options.database, ctx, query),
  };
}

/** What an entry keeps of its payload. */
export function hashPayload(salt: Buffer, payload: string): Buffer {
  return createHash('sha256').update(salt).update(payload, 'utf8').digest();
}

const appendText = `with entry as (
  insert into trellis.audit_entry (id, at, kind, actor, request_id, payload_hash) values ($1, $2, $3, $4, $5, $6) returning id
)
insert into trellis.audit_payload (entry_id, salt, payload) select id, $7, $8 from entry`;

interface EntryRow {
  id: string;
  at: Date;
  kind: string;
  actor: string | null;
  actor_name: string | null;
  request_id: string | null;
  payload_hash: Buffer;
  payload: string | null;
}

async function listEntries(database: Database, ctx: Ctx, query: AuditQuery): ReturnType<Audit['list']> {
  const { actor } = ctx;
  const isAdministrator =
    actor.kind === 'system'
      ? actor.roles === undefined
      : actor.scopes === null && actor.roles.includes('core.administrator');
  if (!isAdministrator) throw denied('auth.administrator_required', 'Only an administrator may read the audit.');
  const limit = query.limit ?? 50;
  const cursor = query.after === undefined ? null : readCursor(query.after);
  const rows = await database.query<EntryRow>({
    text: listText,
    values: [query.kind ?? null, query.actor ?? null, cursor?.at ?? null, cursor?.id ?? null, limit + 1],
  });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    data: page.map(toEntry),
    page: {
      limit,
      next:
        rows.length > limit && last
          ? Buffer.from(JSON.stringify([last.at.toISOString(), last.id])).toString('base64url')
          : null,
    },
  };
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
  };
}

function readCursor(text: string): { at: string; id: string } {
  try {
    const [at, id] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as [string, string];
    if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(at) && /^[0-9a-f-]{36}$/.test(id)) return { at, id };
  } catch (cause) {
    throw invalid('request.cursor', 'This is no cursor of this list.', { cause });
  }
  throw invalid('request.cursor', 'This is no cursor of this list.');
}

const listText = `select e.id, e.at, e.kind, e.actor, c.name as actor_name, e.request_id, e.payload_hash, p.payload
from trellis.audit_entry e left join trellis.audit_payload p on p.entry_id = e.id left join trellis.credential c on c.user_id = e.actor
where ($1::text is null or e.kind = $1) and ($2::text is null or e.actor::text = $2)
  and ($3::timestamptz is null or (e.at, e.id) < ($3::timestamptz, $4::uuid))
order by e.at desc, e.id desc limit $5`;
