import type { AccessChange, FieldAccess, FieldAccessChange } from '../../../schemas/studio.js';
import type { Access } from '../../access/index.js';
import type { Catalog } from '../../catalog/index.js';
import { isTrellisError } from '../../base/errors.js';
import type { EntityModel } from '../../schema/index.js';
import type { Ctx } from '../../sdk/index.js';
import type { RecordsDeps } from '../transaction.js';
import type { Side } from './count-rows.js';

/** A user as it is, or is to be, and the catalog that counts then. */
export interface Moment {
  readonly ctx: Ctx;
  readonly catalog: Catalog;
}

/** Fields and operations that change hands on an entity. */
export type Rights = Pick<AccessChange, 'fields' | 'permissions'>;

const further = ['create', 'delete', 'share', 'assign', 'export', 'import', 'purge'] as const;
const ranks: readonly FieldAccess[] = ['none', 'masked', 'read', 'edit'];

/** Fields as the most that some record shows, further operations as roles grant them. */
export function rightsApart(
  { access }: RecordsDeps,
  { before, after }: { before: Moment; after: Moment },
  entity: EntityModel,
): Rights {
  const [could, can] = [before, after].map(({ ctx, catalog }) =>
    further.filter((operation) => access.may(ctx, catalog, entity.id, operation)),
  );
  return {
    fields: fieldChanges(access, before, after, entity),
    permissions: {
      gained: can.filter((one) => !could.includes(one)),
      lost: could.filter((one) => !can.includes(one)),
    },
  };
}

/** True where neither a field nor an operation changes hands. */
export function isNoRight({ fields, permissions }: Rights): boolean {
  return fields.length === 0 && permissions.gained.length === 0 && permissions.lost.length === 0;
}

/** What an actor reaches, or null. All sides are compiled for the same instant, so that only what is compared can differ. */
export function sideOf(
  { deps, now }: { deps: RecordsDeps; now: Date },
  { ctx, catalog }: Moment,
  entity: string,
  operation: 'read' | 'update',
): Side | null {
  try {
    const scope =
      operation === 'read'
        ? deps.access.read(ctx, catalog, entity)
        : deps.access.write(ctx, catalog, entity, operation);
    return { env: { ...deps.access.env(ctx, catalog), now }, scope };
  } catch (refusal) {
    if (isTrellisError(refusal) && (refusal.kind === 'missing' || refusal.kind === 'denied')) return null;
    throw refusal;
  }
}

function fieldChanges(access: Access, before: Moment, after: Moment, entity: EntityModel): FieldAccessChange[] {
  const [was, is] = [before, after].map(({ ctx, catalog }) => access.grant(ctx, catalog, entity.id));
  if (was === null || is === null) return [];
  const planned = after.catalog.schema.entities.get(entity.id);
  return [...entity.fields.keys()]
    .filter((key) => planned?.fields.has(key))
    .map((field) => ({
      field,
      before: was.fields.get(field) ?? ('none' as const),
      after: is.fields.get(field) ?? ('none' as const),
    }))
    .filter((one) => ranks.indexOf(one.before) !== ranks.indexOf(one.after));
}
