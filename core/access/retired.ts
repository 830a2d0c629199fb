import type { RetiredField } from '../catalog/index.js';
import type { FieldModel } from '../schema/index.js';
import type { Ctx } from '../sdk/index.js';
import type { EntityGrant } from './grants.js';

/**
 * Of fields that nothing defines any longer, those that the actor could read when they went: a role whose rule hid one still
 * has it hidden, though the rule is gone with the field. Where that was not kept, administrators alone may.
 */
export function readableRetired(
  ctx: Pick<Ctx, 'actor' | 'locale'>,
  retired: readonly RetiredField[],
  grant: Pick<EntityGrant, 'fieldRoles'>,
): FieldModel[] {
  const isReadable = ({ hiddenFrom }: RetiredField): boolean =>
    ctx.actor.roles === undefined ||
    grant.fieldRoles.every((roles) =>
      roles.some((role) => (hiddenFrom === null ? role === 'core.administrator' : !hiddenFrom.includes(role))),
    );
  return retired.filter(isReadable).map(({ field, titles }) => ({
    ...field,
    title: titles[ctx.locale] ?? titles[ctx.locale.split('-')[0]] ?? field.title,
  }));
}
