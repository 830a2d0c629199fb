import { denied, invalid } from '../base/errors.js';
import { lockAdministrators, requireOtherAdministrator } from '../identity/index.js';
import type { Ctx, SubjectRef } from '../sdk/index.js';
import { actorId, type Inside } from './deps.js';

/** Users are people too: they are anonymised, and what they did stays somebody's. */
export const userEntity = 'core.user';

/** Nobody erases itself. Throws privacy.self. */
export function refuseOneself(ctx: Ctx, subjects: readonly SubjectRef[]): void {
  const self = actorId(ctx);
  if (subjects.some(({ entity, id }) => entity === userEntity && id === self))
    throw denied('privacy.self', 'You cannot erase yourself.', { hint: 'Another administrator can.' });
}

/** Somebody must be left to administer; `isForGood`: until the transaction ends. Throws user.last_administrator. */
export async function keepAnAdministrator(
  { tx }: Pick<Inside, 'tx'>,
  { entity, ids }: { entity: string; ids: readonly string[] },
  isForGood: boolean,
): Promise<void> {
  if (entity !== userEntity) return;
  if (isForGood) await lockAdministrators(tx);
  await requireOtherAdministrator(tx, ids);
}

/** A user that is restricted could not even be suspended. Throws privacy.not_restrictable. */
export function refuseRestrictedUser({ entity, kind }: { entity: string; kind: 'hold' | 'restriction' }): void {
  if (entity === userEntity && kind === 'restriction')
    throw invalid('privacy.not_restrictable', 'The processing of users is not restricted.', {
      hint: 'Suspend the user under Settings, Users.',
    });
}
