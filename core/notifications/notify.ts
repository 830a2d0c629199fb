import { invalid } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import { writeOutbox } from '../jobs/index.js';
import type { Ctx, NotifyInput, Tx } from '../sdk/index.js';
import type { NotificationDeps } from './deps.js';
import { findKind, notificationKinds } from './kinds.js';
import { mailJobName } from './mail-job.js';

/** Characters of `data` as JSON. */
const maxData = 10_000;
/** Notifications that one job mails. */
const mailsPerJob = 100;

/** Writes what is to be told, and tells it: an event for who looks at the application, a job for the mails. */
export async function notify(
  deps: NotificationDeps,
  ctx: Ctx & { readonly tx: Tx },
  input: NotifyInput,
): Promise<void> {
  const kind = findKind(notificationKinds(deps.catalog.current), input.kind);
  const users = [...new Set(input.userIds)].filter(isUuid);
  if (users.length === 0) return;
  const actor = ctx.actor.kind === 'user' ? ctx.actor.userId : ctx.actor.onBehalfOf;
  const data = JSON.stringify({ ...input.data, ...(actor === null ? {} : { actor }) });
  if (data.length > maxData)
    throw invalid('notification.too_large', `The values of a notification may have ${maxData} characters.`);
  const rows = await ctx.tx.query<{ id: string; user_id: string; in_app: boolean; by_mail: boolean }>(insertText, [
    users.map(() => ctx.newId()),
    users,
    kind.id,
    input.record?.entity ?? null,
    input.record?.id ?? null,
    data,
    input.idempotencyKey ?? null,
    ctx.now(),
    kind.defaults.app,
    kind.defaults.mail,
  ]);
  // `id` is the user's: events of the same id are gathered, and one look shows all that is new.
  await writeOutbox(
    ctx.tx,
    rows
      .filter((row) => row.in_app)
      .map(({ user_id: userId }) => ({ topic: 'notification.created', payload: { userId, id: userId } })),
  );
  const mailed = rows.filter((row) => row.by_mail).map((row) => row.id);
  for (let i = 0; i < mailed.length; i += mailsPerJob)
    await ctx.jobs.enqueue(ctx, mailJobName, { ids: mailed.slice(i, i + mailsPerJob) });
}

/** $1 ids, $2 users, $3 kind, $4 entity, $5 record, $6 data, $7 key, $8 now, $9 in the app by default, $10 by mail by default. */
const insertText = `with given as (
  select g.id, g.user_id,
    coalesce((select p.wanted from trellis.notification_preference p where p.user_id = g.user_id and p.kind = $3 and p.channel = 'app'), $9) as in_app,
    coalesce((select p.wanted from trellis.notification_preference p where p.user_id = g.user_id and p.kind = $3 and p.channel = 'mail'), $10) as by_mail
  from unnest($1::uuid[], $2::uuid[]) as g (id, user_id) join trellis.credential c on c.user_id = g.user_id and c.active
), written as (
  insert into trellis.notification (id, user_id, kind, entity, record_id, data, idempotency_key, in_app, created_at)
  select id, user_id, $3, $4, $5, $6, $7, in_app, $8 from given where in_app or by_mail
  on conflict (user_id, idempotency_key) where idempotency_key is not null do nothing
  returning id
)
select g.* from given g join written w on w.id = g.id`;
