import type { Catalog } from '../catalog/index.js';
import type { EntityModel } from '../schema/index.js';
import type { HookOperation, RecordData } from '../sdk/index.js';
import type { Locked } from './lock.js';
import type { RecordsDeps, TxCtx } from './transaction.js';

/** What deleting, restoring and purging work with. */
export interface Removal {
  readonly deps: RecordsDeps;
  readonly ctx: TxCtx;
  readonly catalog: Catalog;
}

/** Runs the hooks of a phase over rows that go or come back as they are. */
export async function runHooks(
  removal: Removal,
  entity: EntityModel,
  phase: 'before' | 'after',
  operation: HookOperation,
  rows: readonly Locked[],
): Promise<void> {
  const { deps, ctx } = removal;
  if (rows.length === 0 || !deps.hooks.has(entity.id, phase, operation)) return;
  const batch = {
    entity: entity.id,
    operation,
    rows: rows.map((row) => ({
      id: row.id,
      old: row.data as RecordData,
      next: row.data as RecordData,
      changed: new Set<string>(),
    })),
  };
  await deps.hooks.run(ctx, phase, batch, () => batch);
}

/** The model of an entity that is known to be there. */
export function entityOf(removal: Removal, id: string): EntityModel {
  return removal.catalog.schema.entities.get(id) as EntityModel;
}
