import type { AccessChange, FieldAccess, FieldAccessChange, RowChange } from '../../../schemas/studio.js';
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

export interface EntityInput {
  readonly deps: RecordsDeps;
  readonly before: Moment;
  readonly after: Moment;
  readonly entity: EntityModel;
  /** What the user gains and loses of the rows that it may read, or change. */
  rows(operation: 'read' | 'update'): Promise<RowChange | null>;
}

const further = ['create', 'delete', 'share', 'assign', 'export', 'import', 'purge'] as const;
const ranks: readonly FieldAccess[] = ['none', 'masked', 'read', 'edit'];

/** What a user gains and loses on an entity between two moments; null where nothing differs. */
export async function compareEntity(input: EntityInput): Promise<Omit<AccessChange, 'user' | 'entity'> | null> {
  const { deps, entity } = input;
  const [read, update] = [await input.rows('read'), await input.rows('update')];
  const fields = fieldChanges(input);
  const [could, can] = [input.before, input.after].map(({ ctx, catalog }) =>
    further.filter((operation) => deps.access.may(ctx, catalog, entity.id, operation)),
  );
  const permissions = {
    gained: can.filter((one) => !could.includes(one)),
    lost: could.filter((one) => !can.includes(one)),
  };
  const isSame = isNothing(read) && isNothing(update) && fields.length === 0;
  if (isSame && permissions.gained.length === 0 && permissions.lost.length === 0) return null;
  return { read, update, fields, permissions };
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

function isNothing(rows: RowChange | null): boolean {
  return rows !== null && rows.gained === 0 && rows.lost === 0;
}

function fieldChanges({ deps, before, after, entity }: EntityInput): FieldAccessChange[] {
  const [was, is] = [before, after].map(({ ctx, catalog }) => deps.access.grant(ctx, catalog, entity.id));
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
