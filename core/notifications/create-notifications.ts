import type { Ctx, Tx } from '../sdk/index.js';
import type { NotificationDeps } from './deps.js';
import { notify } from './notify.js';
import { listPreferences, setPreferences } from './preferences.js';
import { listNotifications, markRead } from './read.js';
import type { Notifications } from './types.js';

/** Composes the room. */
export function createNotifications(deps: NotificationDeps): Notifications {
  return {
    notify: (ctx, input) =>
      ctx.tx === null
        ? deps.database.transaction((tx) => notify(deps, ctx.withTx(tx) as Ctx & { readonly tx: Tx }, input))
        : notify(deps, ctx as Ctx & { readonly tx: Tx }, input),
    list: (ctx, query) => listNotifications(deps, ctx, query),
    markRead: (ctx, input) => markRead(deps, ctx, input),
    preferences: (ctx) => listPreferences(deps, ctx),
    setPreferences: (ctx, changes) => setPreferences(deps, ctx, changes),
  };
}
