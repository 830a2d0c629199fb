import { randomBytes } from 'node:crypto';
import { isUuid, uuidv7 } from '../base/ids.js';
import type { AuditInput, Json, Tx } from '../sdk/index.js';
import { hashPayload } from './chain.js';

/** An entry to write, with what only the sealer knows of a change: when it was made, and in which transaction. */
export interface Appended extends AuditInput {
  readonly at: Date;
  readonly xid?: string;
}

/** Ids of one payload that it can be found by; a batch names 500. */
const idsAtMost = 1_000;

/** Writes entries, in one statement. They are unchained until the sealer comes by. */
export async function appendEntries(tx: Tx, entries: readonly Appended[]): Promise<void> {
  if (entries.length === 0) return;
  await tx.query(appendText, [JSON.stringify(entries.map(toRow))]);
}

function toRow(entry: Appended): Record<string, Json> {
  const payload = JSON.stringify(entry.payload);
  const salt = randomBytes(16);
  const ids = new Set<string>();
  collectIds(entry.payload, ids);
  return {
    id: uuidv7(),
    at: entry.at.toISOString(),
    kind: entry.kind,
    actor: entry.actor,
    request_id: entry.requestId ?? null,
    xid: entry.xid ?? null,
    payload_hash: hashPayload(salt, payload).toString('hex'),
    salt: salt.toString('hex'),
    payload,
    entity: typeof entry.payload.entity === 'string' ? entry.payload.entity : null,
    records: [...ids],
  };
}

function collectIds(value: Json, into: Set<string>): void {
  if (into.size >= idsAtMost) return;
  if (typeof value === 'string') {
    if (isUuid(value)) into.add(value.toLowerCase());
  } else if (Array.isArray(value)) value.forEach((each) => collectIds(each, into));
  else if (value !== null && typeof value === 'object')
    Object.values(value).forEach((each) => collectIds(each ?? null, into));
}

// json, not jsonb: a payload may hold what jsonb refuses, and stays as text.
const appendText = `with given as (
  select * from json_to_recordset($1::json) as g (id uuid, at timestamptz, kind text, actor uuid, request_id text, xid text,
    payload_hash text, salt text, payload text, entity text, records json)
), entry as (
  insert into trellis.audit_entry (id, at, kind, actor, request_id, payload_hash, xid)
  select id, at, kind, actor, request_id, decode(payload_hash, 'hex'), coalesce(xid::xid8, pg_current_xact_id()) from given returning id
)
insert into trellis.audit_payload (entry_id, salt, payload, entity, records)
select g.id, decode(g.salt, 'hex'), g.payload, g.entity, array(select json_array_elements_text(g.records)::uuid)
from given g join entry e on e.id = g.id`;
