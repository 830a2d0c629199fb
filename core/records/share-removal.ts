import { literal, quote } from '../query/index.js';
import { lockRows, type Locked } from './lock.js';
import { entityOf, runHooks, type Removal } from './removal.js';
import type { TxCtx } from './transaction.js';

const share = 'core.share';

/** Shares belong to records and principals that others than the actor may reach: they go with them whoever removes these. */
export function asSystem(removal: Removal): Removal {
  return { ...removal, ctx: removal.ctx.asSystem('shares') as TxCtx };
}

/** Shares that a removal took along or brought back are told to the hooks: whom they reach, and the audit, must know. */
export async function tellShares(
  removal: Removal,
  operation: 'delete' | 'restore',
  shares: readonly Locked[],
): Promise<void> {
  await runHooks(asSystem(removal), entityOf(removal, share), 'after', operation, shares);
}

/** Shares as they are as long as their records are there: of one in the bin it can no longer be told what it shared. */
export async function lockShares(removal: Removal, ids: readonly string[]): Promise<Locked[]> {
  if (ids.length === 0) return [];
  const { deps, ctx, catalog } = asSystem(removal);
  return lockRows(deps, ctx, catalog, share, { column: 'id', type: 'uuid', values: ids }, 'purge', 'any');
}

/** The shares of records that are purged, or with principals that are; those in the bin too. */
export async function sharesOf(removal: Removal, entity: string, ids: readonly string[]): Promise<Locked[]> {
  const model = removal.catalog.schema.entities.get(share);
  const [record, principal] = ['record', 'principal'].map((key) => model?.fields.get(key));
  if (!model || !record || !principal || entity === share) return [];
  const [ofEntity, ofId] = record.kind.columns(record).map(({ name }) => quote(name));
  const toPrincipal = quote(principal.kind.columns(principal)[0].name);
  const isWith = entity === 'core.principal' ? ` or s.${toPrincipal} in (select unnest($1::uuid[]))` : '';
  const rows = await removal.ctx.tx.query<{ id: string }>(
    `select s.id from ${model.table} s where (s.${ofEntity} = ${literal(entity)} and s.${ofId} in (select unnest($1::uuid[])))${isWith}`,
    [ids],
  );
  return lockShares(
    removal,
    rows.map(({ id }) => id),
  );
}
