import { rowPredicate, Sql } from '../query/index.js';
import type { FieldModel } from '../schema/index.js';
import type { Ctx, RecordData } from '../sdk/index.js';
import { stored, type Draft } from './draft.js';
import type { TxCtx } from './transaction.js';
import type { Write } from './prepare.js';
import { nextOf } from './values.js';

/**
 * The records as they will be, without new links to what the actor may not read; those that have none are left out. The write
 * refuses such links, and what stands behind them must not decide on what else it says.
 */
export async function withoutHiddenLinks(write: Write<Ctx>, drafts: readonly Draft[]): Promise<Map<Draft, RecordData>> {
  const records = new Map<Draft, RecordData>();
  if (write.ctx.actor.roles === undefined) return records;
  for (const field of write.entity.fields.values()) {
    if (field.kind.relation !== 'one' || field.system || field.retired) continue;
    const linked = drafts.flatMap((draft) => {
      const id = draft.changed.has(field.key) ? stored(field, draft.next[field.key]) : null;
      return typeof id === 'string' ? [{ draft, id }] : [];
    });
    if (linked.length === 0) continue;
    const visible = await visibleTargets(write, field, [...new Set(linked.map(({ id }) => id))]);
    for (const { draft, id } of linked)
      if (!visible.has(id)) records.set(draft, { ...(records.get(draft) ?? nextOf(write, draft)), [field.key]: null });
  }
  return records;
}

async function visibleTargets(
  write: Write<Ctx>,
  field: FieldModel,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const ctx = write.ctx as TxCtx;
  const env = write.deps.access.env(ctx, write.catalog);
  const scope = env.scopeOf(field.to[0]);
  if (!scope) return new Set();
  const sql = new Sql();
  const given = sql.param(ids, 'uuid[]');
  const text = `select t.id::text as id from ${scope.entity.source} t where t.id in (select unnest(${given})) and t.deleted_at is null and ${rowPredicate(sql, env, scope, 't')}`;
  const rows = await ctx.tx.query<{ id: string }>(text, sql.values);
  return new Set(rows.map(({ id }) => id));
}
