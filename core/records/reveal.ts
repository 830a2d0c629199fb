import { denied, invalid } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import { didYouMean } from '../base/suggest.js';
import {
  anyOf,
  limitsSql,
  quote,
  Sql,
  visiblePredicate,
  visibleSource,
  type QueryEnv,
  type Scoped,
} from '../query/index.js';
import type { Ctx } from '../sdk/index.js';
import { actorId } from './insert.js';
import { notFound } from './lock.js';
import { secretContext } from './prepare.js';
import { noteRead } from './sensitive.js';
import { guardedWrite, type RecordsDeps } from './transaction.js';

/**
 * The text of a secret, for plugin code; no route leads here. Who may not edit the field in this very record may not see it. Each
 * time is kept in the record's history as operation `reveal`, with actor and reason. Null where none is set.
 * Throws record.not_found, secret.not_secret, access.denied, secret.key_unknown.
 */
export async function reveal(
  deps: RecordsDeps,
  ctx: Ctx,
  input: { entity: string; id: string; field: string },
): Promise<string | null> {
  const text = await guardedWrite(deps, ctx, async (inner, catalog) => {
    const scope = deps.access.read(inner, catalog, input.entity);
    const field = scope.fields.has(input.field) ? scope.entity.fields.get(input.field) : undefined;
    if (!field?.kind.sealed) {
      const secrets = [...scope.entity.fields.values()].filter(
        (each) => each.kind.sealed && scope.fields.has(each.key),
      );
      throw invalid(
        'secret.not_secret',
        `${scope.entity.title} has no secret "${input.field}".${didYouMean(
          input.field,
          secrets.map(({ key }) => key),
        )}`,
        { params: { field: input.field } },
      );
    }
    const refused = denied('access.denied', 'You may not see this secret.', { params: { field: field.key } });
    if (!deps.access.may(inner, catalog, input.entity, 'update')) throw refused;
    if (!isUuid(input.id)) throw notFound(input.entity, input.id);
    const sql = new Sql();
    const env = deps.access.env(inner, catalog);
    const from = visibleSource(sql, env, scope);
    const predicate = visiblePredicate(sql, env, scope, 't');
    const [column] = field.kind.columns(field);
    const write = deps.access.write(inner, catalog, input.entity, 'update');
    const isEdited = editedWhere(sql, env, write, field.key, 'w');
    const [row] = await inner.tx.query<{ sealed: string | null; version: number; edited: boolean }>(
      `select t.${quote(column.name)} as sealed, t.version, exists (select 1 from ${write.entity.source} w where w.id = t.id and ${isEdited}) as edited from ${from} t where t.id = ${sql.param(input.id, 'uuid')} and t.deleted_at is null and ${predicate}`,
      sql.values,
    );
    if (!row) throw notFound(input.entity, input.id);
    if (!row.edited) throw refused;
    if (row.sealed === null) return null;
    const text = deps.secrets.open(row.sealed, secretContext(field, input.id));
    const reason = inner.actor.kind === 'system' ? inner.actor.reason : null;
    await inner.tx.query(
      `insert into trellis.history (entity, record_id, version, operation, at, actor, reason, previous) values ($1, $2, $3, 'reveal', $4, $5, $6, '{}')`,
      [scope.entity.uuid, input.id, row.version, inner.now(), actorId({ ctx: inner }), reason],
    );
    return text;
  });
  if (text !== null)
    await noteRead(deps.reads, ctx, { how: 'reveal', entity: input.entity, fields: [input.field], ids: [input.id] });
  return text;
}

/** True for rows that are reached by a way that lets the field be set. */
function editedWhere(sql: Sql, env: QueryEnv, write: Scoped, key: string, alias: string): string {
  if (write.fields.get(key) !== 'edit') return 'false';
  if (write.rows.kind !== 'some') return write.rows.kind === 'all' ? 'true' : 'false';
  const parts = write.rows.parts.filter(({ fields }) => fields.get(key) === 'edit');
  return [anyOf(sql, env, write, parts, alias), ...limitsSql(sql, env, write, alias)].join(' and ');
}
