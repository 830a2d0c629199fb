import { literal, quote, Sql, type QueryEnv } from '../query/index.js';
import type { FieldModel } from '../schema/index.js';
import type { Json } from '../sdk/index.js';
import { pgCode } from '../storage/index.js';
import { authorOf } from './author.js';
import { stored, type Draft } from './draft.js';
import { actorId, answerSql, missingTarget, noAnyTarget, noTarget, type Inserted } from './insert.js';
import { splitOverflow } from './overflow.js';
import type { Write } from './prepare.js';
import { clashIssues } from './unique.js';

const ownColumns = new Set(['id', 'createdAt', 'createdBy', 'updatedAt', 'updatedBy', 'version', 'deletedAt']);

/**
 * Writes the changed columns of the drafts with history, outbox and the JSON of the answer as one statement. Rows are
 * locked already. A draft whose link has no target, or that clashes with a unique value, is left and gets a finding.
 */
export async function updateDrafts(
  write: Write,
  drafts: readonly Draft[],
  withData: boolean,
): Promise<Map<string, Inserted>> {
  if (drafts.length === 0) return new Map();
  // Who leaves a secret as it is has no ciphertext to write again.
  const partly = [...write.entity.fields.values()].find(
    ({ key, kind }) =>
      kind.sealed && drafts.some((draft) => draft.changed.has(key)) && !drafts.every((draft) => draft.changed.has(key)),
  );
  if (partly) {
    const [touched, others] = [true, false].map((is) => drafts.filter((draft) => draft.changed.has(partly.key) === is));
    return new Map([
      ...(await updateDrafts(write, touched, withData)),
      ...(await updateDrafts(write, others, withData)),
    ]);
  }
  const { ctx } = write;
  // A clash aborts the transaction, so it is asked for behind a savepoint wherever a unique value changes at all.
  const mayClash =
    [...write.entity.fields.values()].some(
      (field) => (field.unique || field.key === 'externalId') && drafts.some((draft) => draft.changed.has(field.key)),
    ) || write.entity.unique.some((keys) => keys.some((key) => drafts.some((draft) => draft.changed.has(key))));
  if (!mayClash) return run(write, drafts, withData);
  await ctx.tx.query('savepoint before_update');
  try {
    const updated = await run(write, drafts, withData);
    await ctx.tx.query('release savepoint before_update');
    return updated;
  } catch (error) {
    if (pgCode(error) !== '23505') throw error;
    await ctx.tx.query('rollback to savepoint before_update');
    if (drafts.length === 1) {
      await clashIssues(write, drafts);
      return new Map();
    }
    // Halves until the clashing rows stand alone.
    const middle = Math.ceil(drafts.length / 2);
    const left = await updateDrafts(write, drafts.slice(0, middle), withData);
    const right = await updateDrafts(write, drafts.slice(middle), withData);
    return new Map([...left, ...right]);
  }
}

async function run(write: Write, drafts: readonly Draft[], withData: boolean): Promise<Map<string, Inserted>> {
  const { ctx, entity } = write;
  const env = write.deps.access.env(ctx, write.catalog);
  const sql = new Sql();
  const fields = changedFields(write, drafts);
  const columns = fields.flatMap((field) => field.kind.columns(field).map((column) => ({ ...column, field })));
  const input = sql.param(JSON.stringify(drafts.map((draft) => encodeRow(fields, draft))), 'json');
  const shape = [
    'id uuid',
    '_previous jsonb',
    ...columns.map((column) => `${quote(column.name)} ${column.type.replace(/\s+collate\s+("[^"]+"|\S+)/i, '')}`),
  ].join(', ');
  const tests = fields
    .filter((field) => drafts.some((draft) => draft.changed.has(field.key)))
    .flatMap((field) => {
      if (field.kind.relation === 'any') return badAnyLink(sql, env, field, drafts) ?? [];
      if (field.kind.relation !== 'one') return [];
      const column = `i.${quote(field.kind.columns(field)[0].name)}`;
      const now = `(select o.${quote(field.kind.columns(field)[0].name)} from ${entity.table} o where o.id = i.id)`;
      return `case when ${column} is not null and ${column} is distinct from ${now} and ${noTarget(sql, env, field, column)} then ${literal(field.key)} end`;
    });
  const bad = tests.length === 0 ? `null::text[]` : `nullif(array_remove(array[${tests.join(', ')}], null), '{}')`;
  const at = sql.param(ctx.now(), 'timestamptz');
  const actor = sql.param(actorId(write), 'uuid');
  const over = splitOverflow(entity, columns, { written: 'upd', input: 'input' });
  const set = [
    ...over.own.map((column) => `${quote(column.name)} = i.${quote(column.name)}`),
    `version = t.version + 1`,
    ...stamps(write, drafts, at, actor),
  ];
  const update = `upd as (update ${entity.table} t set ${set.join(', ')} from input i where t.id = i.id and i._bad is null returning t.*)${over.ctes}`;
  const history = `hist as (insert into trellis.history (entity, record_id, version, operation, at, actor, reason, previous) select ${sql.param(entity.uuid, 'uuid')}, u.id, u.version, 'update', ${at}, ${actor}, ${sql.param(ctx.actor.kind === 'system' ? ctx.actor.reason : null, 'text')}, i._previous from upd u join input i on i.id = u.id)`;
  const changedKeys = [...new Set(drafts.flatMap((draft) => [...draft.changed]))];
  const event = `ob as (insert into trellis.outbox (topic, payload, author) select 'record.changed', jsonb_build_object('entity', ${literal(entity.id)}, 'operation', 'update', 'ids', jsonb_agg(e.id)), ${sql.param(authorOf(ctx, changedKeys), 'jsonb')} from (select u.id, (row_number() over () - 1) / 500 as g from upd u) e group by e.g)`;
  const data = withData ? ', row_to_json(_r)::text as data' : '';
  const row = withData ? answerSql(sql, env, write.deps.access.read(ctx, write.catalog, entity.id)) : '';
  const text = `with input0 as (select * from json_to_recordset(${input}) as i(${shape})), input as (select i.*, ${bad} as _bad from input0 i), ${update}, ${history}, ${event} select t.id, t.version${data}, null::text[] as bad from ${over.source} t${row} union all select b.id, 0${withData ? ', null' : ''}, b._bad from input b where b._bad is not null`;
  const rows = await ctx.tx.query<{ id: string; version: number; data?: string; bad: string[] | null }>(
    text,
    sql.values,
  );
  const updated = new Map<string, Inserted>();
  for (const found of rows) {
    if (found.bad === null) updated.set(found.id, found);
    else
      drafts.find((draft) => draft.id === found.id)?.issues.push(...found.bad.map((key) => missingTarget(write, key)));
  }
  return updated;
}

/** Asks for the targets of those drafts alone that change the link: what stands may lead to what is deleted by now. */
function badAnyLink(sql: Sql, env: QueryEnv, field: FieldModel, drafts: readonly Draft[]): string | null {
  const changing = drafts.filter((draft) => draft.changed.has(field.key));
  const bad = noAnyTarget(sql, env, field, changing);
  if (bad === null || changing.length === drafts.length) return bad;
  const ids = sql.param(
    changing.map(({ id }) => id),
    'uuid[]',
  );
  return `case when i.id = any(${ids}) then ${bad} end`;
}

/** Columns that any of the drafts changes: the others write their present value again. */
function changedFields(write: Write, drafts: readonly Draft[]): FieldModel[] {
  return [...write.entity.fields.values()].filter(
    (field) =>
      !ownColumns.has(field.key) &&
      field.kind.columns(field).length > 0 &&
      drafts.some((draft) => draft.changed.has(field.key)),
  );
}

function encodeRow(fields: readonly FieldModel[], draft: Draft): Record<string, unknown> {
  const row: Record<string, unknown> = { id: draft.id };
  const previous: Record<string, Json> = {};
  for (const field of fields) {
    Object.assign(row, field.kind.encode(stored(field, draft.next[field.key]), field));
    if (draft.changed.has(field.key)) previous[field.uuid] = stored(field, draft.old?.[field.key]);
  }
  row._previous = previous;
  return row;
}

function stamps(write: Write, drafts: readonly Draft[], at: string, actor: string): string[] {
  const given = write.systemFields && drafts.length === 1 ? drafts[0] : null;
  return given?.changed.has('updatedAt') ? [] : [`updated_at = ${at}`, `updated_by = ${actor}`];
}
