import { joinTable, Sql, visiblePredicate, visibleSource } from '../query/index.js';
import type { FieldModel } from '../schema/index.js';
import type { Draft } from './draft.js';
import { missingTarget } from './insert.js';
import type { Write } from './prepare.js';

interface Pair {
  source_id: string;
  target_id: string;
  label: string;
}

/**
 * Writes the to-many links of the drafts, set-wise: at most three statements a field. Targets that are missing, deleted
 * or hidden become findings and are not written.
 */
export async function writeLinks(write: Write, drafts: readonly Draft[]): Promise<void> {
  for (const field of write.entity.fields.values()) {
    if (field.kind.relation !== 'many') continue;
    const touched = drafts.filter((draft) => draft.links.has(field.key));
    if (touched.length > 0) await writeField(write, field, touched);
  }
}

async function writeField(write: Write, field: FieldModel, drafts: readonly Draft[]): Promise<void> {
  const added = drafts.flatMap((draft) => {
    const patch = draft.links.get(field.key);
    return [...(patch?.set ?? []), ...(patch?.add ?? [])].map((item) => ({
      source_id: draft.id,
      target_id: item.id,
      label: item.label ?? '',
    }));
  });
  const missing = await missingTargets(write, field, added);
  for (const draft of drafts) {
    if (added.some((pair) => pair.source_id === draft.id && missing.has(pair.target_id)))
      draft.issues.push(missingTarget(write, field.key));
  }
  const table = joinTable(field);
  const replaced = drafts.filter((draft) => draft.links.get(field.key)?.set !== undefined).map((draft) => draft.id);
  if (replaced.length > 0 && write.operation === 'update')
    await write.ctx.tx.query(`delete from ${table} where source_id in (select unnest($1::uuid[]))`, [replaced]);
  const removed = drafts.flatMap((draft) =>
    (draft.links.get(field.key)?.remove ?? []).map((target_id) => ({ source_id: draft.id, target_id })),
  );
  if (removed.length > 0) {
    await write.ctx.tx.query(
      `delete from ${table} j using json_to_recordset($1::json) as i(source_id uuid, target_id uuid) where j.source_id = i.source_id and j.target_id = i.target_id`,
      [JSON.stringify(removed)],
    );
  }
  const good = added.filter((pair) => !missing.has(pair.target_id));
  if (good.length > 0) await insertPairs(write, table, good);
}

async function insertPairs(write: Write, table: string, pairs: readonly Pair[]): Promise<void> {
  await write.ctx.tx.query(
    `insert into ${table} (source_id, target_id, label, created_at) select i.source_id, i.target_id, i.label, $2 from json_to_recordset($1::json) as i(source_id uuid, target_id uuid, label text) on conflict do nothing`,
    [JSON.stringify(pairs), write.ctx.now()],
  );
}

async function missingTargets(write: Write, field: FieldModel, pairs: readonly Pair[]): Promise<Set<string>> {
  const wanted = [...new Set(pairs.map((pair) => pair.target_id))];
  if (wanted.length === 0) return new Set();
  const env = write.deps.access.env(write.ctx, write.catalog);
  const scope = env.scopeOf(field.to[0]);
  if (!scope) return new Set(wanted);
  const sql = new Sql();
  const rows = await write.ctx.tx.query<{ id: string }>(
    `select t.id from ${visibleSource(sql, env, scope)} t where t.id in (select unnest(${sql.param(wanted, 'uuid[]')})) and t.deleted_at is null and ${visiblePredicate(sql, env, scope, 't')}`,
    sql.values,
  );
  const found = new Set(rows.map((row) => row.id));
  return new Set(wanted.filter((id) => !found.has(id)));
}
