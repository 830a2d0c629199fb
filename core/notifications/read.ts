import { denied, invalid } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import type { Ctx } from '../sdk/index.js';
import type { NotificationDeps } from './deps.js';
import type { NotificationPage } from './types.js';
import { infoOf, readable, type Shown, type StoredNotification } from './view.js';

/** Unread ones that are counted at most. */
const countLimit = 99;
/** Rows that are looked at for one page, so that a heap of hidden ones cannot hold a request for long. */
const lookLimit = 1_000;

/** A page of the actor's own notifications, with the number of unread ones. */
export async function listNotifications(
  deps: NotificationDeps,
  ctx: Ctx,
  query: { unreadOnly: boolean; limit: number; after?: string },
): Promise<NotificationPage> {
  const userId = ownerOf(ctx);
  if (query.after !== undefined && !isUuid(query.after))
    throw invalid('request.cursor', 'This is no cursor of this list.');
  const { shown, next } = await collect(deps, ctx, { ...query, userId, limit: query.limit });
  const unread = await collect(deps, ctx, { userId, unreadOnly: true, limit: countLimit });
  return { data: shown.map((each) => infoOf(deps, ctx, each)), next, unread: unread.shown.length };
}

/** Marks the actor's own as read. */
export async function markRead(
  deps: NotificationDeps,
  ctx: Ctx,
  { ids }: { ids?: readonly string[] },
): Promise<number> {
  const rows = await deps.database.query({
    text: `update trellis.notification set read_at = $2
where user_id = $1 and in_app and read_at is null and ($3::uuid[] is null or id = any($3::uuid[])) returning id`,
    values: [ownerOf(ctx), ctx.now(), ids === undefined ? null : ids.filter(isUuid)],
  });
  return rows.length;
}

/** The user whose notifications these are. Throws access.denied for the system, which has none. */
export function ownerOf(ctx: Ctx): string {
  if (ctx.actor.kind === 'user') return ctx.actor.userId;
  throw denied('access.denied', 'Only users have notifications.');
}

/** Looks at rows until the page is full of readable ones. */
async function collect(
  deps: NotificationDeps,
  ctx: Ctx,
  query: { userId: string; unreadOnly: boolean; limit: number; after?: string },
): Promise<{ shown: Shown[]; next: string | null }> {
  const shown: Shown[] = [];
  let after = query.after ?? null;
  for (let looked = 0; looked < lookLimit;) {
    const rows = await deps.database.query<StoredNotification>({
      text: listText,
      values: [query.userId, query.unreadOnly, after, query.limit + 1],
    });
    for (const each of await readable(deps, ctx, rows)) {
      if (shown.length === query.limit) return { shown, next: shown[shown.length - 1].row.id };
      shown.push(each);
    }
    if (rows.length <= query.limit) return { shown, next: null };
    looked += rows.length;
    after = rows[rows.length - 1].id;
  }
  return { shown, next: after };
}

const listText = `select id, user_id, kind, entity, record_id, data, created_at, read_at from trellis.notification
where user_id = $1 and in_app and (not $2 or read_at is null)
  and ($3::uuid is null or (created_at, id) < (select created_at, id from trellis.notification where id = $3 and user_id = $1))
order by created_at desc, id desc limit $4`;
