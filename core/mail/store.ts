import type { Database } from '../storage/index.js';
import type { MailInfo, MailState } from './types.js';

/** A row as the list reads it. */
interface InfoRow {
  readonly id: string;
  readonly template: string;
  readonly recipient: string;
  readonly subject: string;
  readonly state: MailState;
  readonly attempts: number;
  readonly created_at: Date;
  readonly sent_at: Date | null;
  readonly next_attempt_at: Date;
  readonly error: string | null;
}

const infoColumns =
  'id, template, recipient, subject, state, attempts, created_at, sent_at, next_attempt_at, error' as const;
const states: readonly MailState[] = ['waiting', 'sending', 'sent', 'failed', 'unknown', 'cancelled'];

/** A page, newest first. `after` is the id of the last one seen. */
export async function listMails(
  database: Database,
  query: { state?: MailState; limit: number; after?: string },
): Promise<{ data: MailInfo[]; next: string | null }> {
  const rows = await database.query<InfoRow>({
    text: `select ${infoColumns} from trellis.mail
where ($1::text is null or state = $1) and ($2::uuid is null or (created_at, id) < (select created_at, id from trellis.mail where id = $2::uuid))
order by created_at desc, id desc limit $3`,
    values: [query.state ?? null, query.after ?? null, query.limit + 1],
  });
  const data = rows.slice(0, query.limit).map(toInfo);
  return { data, next: rows.length > query.limit ? (data[data.length - 1]?.id ?? null) : null };
}

export async function findMail(database: Database, id: string): Promise<MailInfo | null> {
  const [row] = await database.query<InfoRow>({
    text: `select ${infoColumns} from trellis.mail where id = $1::uuid`,
    values: [id],
  });
  return row === undefined ? null : toInfo(row);
}

/** How many stand in which state, and since when the oldest waits. */
export async function countMails(
  database: Database,
): Promise<{ counts: Record<MailState, number>; oldestWaitingAt: string | null }> {
  const rows = await database.query<{ state: MailState; n: number; oldest: Date }>({
    text: 'select state, count(*)::int as n, min(created_at) as oldest from trellis.mail group by state',
    values: [],
  });
  const counts = Object.fromEntries(
    states.map((state) => [state, rows.find((row) => row.state === state)?.n ?? 0]),
  ) as Record<MailState, number>;
  return { counts, oldestWaitingAt: rows.find((row) => row.state === 'waiting')?.oldest.toISOString() ?? null };
}

function toInfo(row: InfoRow): MailInfo {
  return {
    id: row.id,
    template: row.template,
    recipient: row.recipient,
    subject: row.subject,
    state: row.state,
    attempts: row.attempts,
    createdAt: row.created_at.toISOString(),
    sentAt: row.sent_at?.toISOString() ?? null,
    nextAttemptAt: row.state === 'waiting' ? row.next_attempt_at.toISOString() : null,
    error: row.error,
  };
}

/** $1 id, $2 key, $3 template, $4 recipient, $5 address, $6 subject, $7 content, $8 now, $9 expiry, $10 author, $11 purpose, $12 and $13 the person: writes a mail, unless one of its key is there. */
export const insertText = `insert into trellis.mail
(id, idempotency_key, template, recipient, address, subject, content, next_attempt_at, expires_at, created_at, created_by, purpose, subject_entity, subject_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8, $10, $11, $12, $13)
on conflict (idempotency_key) where idempotency_key is not null do nothing returning id`;

/** $1 claim, $2 job, $3 now: takes the next one that is due. */
export const claimText = `update trellis.mail set state = 'sending', claim = $1, claimed_by = $2, claimed_at = $3, data_began_at = null
where id = (select id from trellis.mail where state = 'waiting' and next_attempt_at <= $3 order by next_attempt_at, id limit 1 for update skip locked)
returning id, recipient, address, content, attempts, created_at, claim, purpose, subject_entity, subject_id`;

/** $1 id, $2 claim, $3 now: from here on the server may have it. No row: it is somebody else's by now. */
export const beginDataText =
  "update trellis.mail set data_began_at = $3 where id = $1 and claim = $2 and state = 'sending' returning id";

/** $1 id, $2 claim, $3 now. Also where another run had given it up as unknown: now it is known. */
export const sentText = `update trellis.mail set state = 'sent', sent_at = $3, content = null, error = null, attempts = attempts + 1
where id = $1 and claim = $2 and state in ('sending', 'unknown')`;

/** $1 id, $2 claim, $3 state, $4 error, $5 next attempt, $6 attempts to add. */
export const endText = `update trellis.mail set state = $3, error = $4, next_attempt_at = coalesce($5, next_attempt_at), attempts = attempts + $6,
  content = case when $3 = 'cancelled' then null else content end
where id = $1 and claim = $2 and state = 'sending'`;

/** $1 job, $2 now, $3 silence in seconds: what a run that died had taken. */
export const settleText = `update trellis.mail set
  state = case when data_began_at is null then 'waiting' else 'unknown' end,
  error = case when data_began_at is null then error else 'The server of Trellis ended while this mail was being handed over.' end
where state = 'sending' and (claimed_by = $1 or claimed_at < $2::timestamptz - make_interval(secs => $3)) returning id, state`;

/** $1 now, $2 days after which a mail that was refused is given up, $3 the same of one that met no server. */
export const expireText = `update trellis.mail set state = 'failed', content = null,
  error = case when expires_at <= $1 then 'It could not be sent before its link expired.' else coalesce(error, 'No mail server took it.') end
where state = 'waiting' and (expires_at <= $1 or created_at < $1::timestamptz - make_interval(days => case when attempts > 0 then $2::integer else $3::integer end)) returning id`;

/** The next instant at which one is due, or none. */
export const nextText = "select min(next_attempt_at) as at from trellis.mail where state = 'waiting'";
