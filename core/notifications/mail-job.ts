import { isTrellisError } from '../base/errors.js';
import type { Ctx, JobDefinition, Json, RecordData } from '../sdk/index.js';
import type { NotificationDeps } from './deps.js';
import { readable, type StoredNotification } from './view.js';

/** Name of the job that mails notifications. */
export const mailJobName = 'core.mail-notifications';

/**
 * The job: writes the mails of notifications, each under the access of its reader as of now, so that a mail never says more than
 * the application would. Safe to repeat: a notification is mailed under its own key.
 */
export function mailNotificationsJob(deps: NotificationDeps): JobDefinition {
  return {
    name: mailJobName,
    run: async (ctx, payload) => {
      const { ids } = payload as { ids: string[] };
      const rows = await deps.database.query<StoredNotification>({ text: findText, values: [ids] });
      for (const row of rows) {
        if (ctx.signal.aborted) return;
        await mailOne(deps, ctx, row);
      }
    },
  };
}

async function mailOne(deps: NotificationDeps, ctx: Ctx, row: StoredNotification): Promise<void> {
  const actor = await deps.actors.load(row.user_id, null, null);
  if (actor === null) return;
  const user = await userOf(ctx, row.user_id);
  if (user === null) return;
  const locale = typeof user.locale === 'string' ? user.locale : ctx.workspace.locale;
  const zone = typeof user.zone === 'string' ? user.zone : ctx.workspace.zone;
  const reader = deps.contexts.forActor(actor, { locale, zone, signal: ctx.signal, requestId: ctx.requestId });
  const [shown] = await readable(deps, reader, [row]);
  if (shown === undefined) return;
  const { record, values } = shown;
  const path = record === null ? '/' : `/records/${record.entity}/${record.id}`;
  await ctx.mail.send(ctx, {
    to: { email: user.email as string, name: user.name as string },
    template: row.kind,
    data: { url: ctx.mail.url(path), ...values, user: { name: user.name } } as { [key: string]: Json },
    locale,
    zone,
    idempotencyKey: `notification:${row.id}`,
  });
}

/** Where the mail goes; null where the user is gone or has no address. */
async function userOf(ctx: Ctx, id: string): Promise<RecordData | null> {
  try {
    const fields = ['name', 'email', 'locale', 'zone'];
    const user = await ctx.records.get(ctx, { entity: 'core.user', id, fields });
    return typeof user.email === 'string' && user.email !== '' ? user : null;
  } catch (error) {
    if (isTrellisError(error) && error.kind === 'missing') return null;
    throw error;
  }
}

const findText = `select id, user_id, kind, entity, record_id, data, created_at, read_at from trellis.notification
where id = any($1::uuid[]) order by created_at, id`;
