import type { Ctx } from '../sdk/index.js';
import type { NotificationDeps } from './deps.js';
import { findKind, notificationKinds } from './kinds.js';
import { ownerOf } from './read.js';
import type { Channel, NotificationPreference } from './types.js';

/** All kinds with what the actor chose, by title. */
export async function listPreferences(deps: NotificationDeps, ctx: Ctx): Promise<NotificationPreference[]> {
  const catalog = deps.catalog.current;
  const rows = await deps.database.query<{ kind: string; channel: Channel; wanted: boolean }>({
    text: 'select kind, channel, wanted from trellis.notification_preference where user_id = $1',
    values: [ownerOf(ctx)],
  });
  const chosen = new Map(rows.map((row) => [`${row.kind} ${row.channel}`, row.wanted]));
  return [...notificationKinds(catalog).values()]
    .map(({ id, definition, defaults }) => {
      const { title, description = '' } = catalog.localized(definition, ctx.locale) as Record<string, string>;
      const channels = {
        app: chosen.get(`${id} app`) ?? defaults.app,
        mail: chosen.get(`${id} mail`) ?? defaults.mail,
      };
      return { kind: id, title, description, channels, defaults };
    })
    .sort((a, b) => a.title.localeCompare(b.title, ctx.locale));
}

/** Sets what is given. */
export async function setPreferences(
  deps: NotificationDeps,
  ctx: Ctx,
  changes: Readonly<Record<string, Partial<Record<Channel, boolean | null>>>>,
): Promise<NotificationPreference[]> {
  const userId = ownerOf(ctx);
  const kinds = notificationKinds(deps.catalog.current);
  const rows = Object.entries(changes).flatMap(([kind, channels]) =>
    Object.entries(channels).map(([channel, wanted]) => ({ kind: findKind(kinds, kind).id, channel, wanted })),
  );
  await deps.database.query({ text: setText, values: [userId, JSON.stringify(rows)] });
  return listPreferences(deps, ctx);
}

const setText = `with given as (
  select kind, channel, wanted from jsonb_to_recordset($2::jsonb) as g (kind text, channel text, wanted boolean)
), removed as (
  delete from trellis.notification_preference p using given g
  where p.user_id = $1 and p.kind = g.kind and p.channel = g.channel and g.wanted is null
)
insert into trellis.notification_preference (user_id, kind, channel, wanted)
select $1, kind, channel, wanted from given where wanted is not null
on conflict (user_id, kind, channel) do update set wanted = excluded.wanted`;
