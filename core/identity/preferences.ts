import type { Ctx, RecordData } from '../sdk/index.js';
import { requireSession } from './sessions.js';

/**
 * Sets the acting user's own language and time zone; null: the workspace's. Whoever may sign in may do so, whatever the roles
 * say of user records. Throws field.choice, user.zone; auth.session_required for an API key.
 */
export async function setPreferences(ctx: Ctx, input: { locale?: string | null; zone?: string | null }): Promise<void> {
  const actor = requireSession(ctx);
  const values: RecordData = {};
  if (input.locale !== undefined) values.locale = input.locale;
  if (input.zone !== undefined) values.zone = input.zone;
  if (Object.keys(values).length === 0) return;
  await ctx.records.update(ctx.asSystem('own preferences'), { entity: 'core.user', id: actor.userId, values });
}
