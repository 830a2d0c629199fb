import { conflict, denied } from '../base/errors.js';
import type { Ctx, Tx } from '../sdk/index.js';
import { administratorRole } from './types.js';

/** True for the system and for a signed-in administrator; an API key only where no scope narrows it. */
export function isAdministrator(ctx: Ctx): boolean {
  const { actor } = ctx;
  if (actor.kind === 'system') return actor.roles === undefined;
  return actor.scopes === null && actor.roles.includes(administratorRole);
}

/** Throws auth.administrator_required for anybody who is none. */
export function requireAdministrator(ctx: Ctx): void {
  if (!isAdministrator(ctx)) throw denied('auth.administrator_required', 'Only an administrator may do this.');
}

/** Makes changes of who administers wait for one another; call before the change, in its transaction. */
export async function lockAdministrators(tx: Tx): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtext('trellis.administrators'))`);
}

/** Throws user.last_administrator where, after the change, nobody could administer any more. */
export async function requireAnAdministrator(tx: Tx): Promise<void> {
  if (!(await hasAdministrator(tx))) throw lastAdministrator();
}

/** Throws user.last_administrator where nobody but these administers. */
export async function requireOtherAdministrator(tx: Tx, userIds: readonly string[]): Promise<void> {
  if (!(await hasOtherAdministrator(tx, userIds))) throw lastAdministrator();
}

/** True where at least one active user holds the administrator role. */
export async function hasAdministrator(tx: Tx): Promise<boolean> {
  const rows = await tx.query(
    'select 1 from trellis.user_role r join trellis.credential c on c.user_id = r.user_id and c.active where r.role = $1 limit 1',
    [administratorRole],
  );
  return rows.length > 0;
}

/** True where an active user other than these holds the administrator role. */
export async function hasOtherAdministrator(tx: Tx, userIds: readonly string[]): Promise<boolean> {
  const rows = await tx.query(
    'select 1 from trellis.user_role r join trellis.credential c on c.user_id = r.user_id and c.active where r.role = $1 and r.user_id <> all($2::uuid[]) limit 1',
    [administratorRole, userIds],
  );
  return rows.length > 0;
}

function lastAdministrator(): Error {
  return conflict('user.last_administrator', 'This is the last active administrator.', {
    hint: 'Make somebody else an administrator first.',
  });
}
