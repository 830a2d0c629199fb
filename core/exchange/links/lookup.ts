import { isUuid } from '../../base/ids.js';
import type { Access } from '../../access/index.js';
import type { Catalog } from '../../catalog/index.js';
import { isMasked, Sql, visiblePredicate, visibleSource } from '../../query/index.js';
import type { Scoped } from '../../query/index.js';
import { principalEntities, type FieldModel } from '../../schema/index.js';
import type { Ctx, Statement } from '../../sdk/index.js';

/** A record that was found by a text. */
export interface Found {
  readonly entity: string;
  readonly id: string;
}

/** Runs a statement, inside a transaction or not. */
export type Run = (statement: Statement) => Promise<Record<string, unknown>[]>;

/** Entities in which a link's target is looked for. */
export function targetsOfLink(catalog: Catalog, field: FieldModel): string[] {
  const named = field.to.includes('*')
    ? [...catalog.schema.entities.values()].filter((entity) => !entity.hidden).map((entity) => entity.id)
    : field.to;
  return named.flatMap((id) => (id === 'core.principal' ? [id, ...principalEntities] : [id]));
}

/**
 * Live records that the actor may read, by the value of one field: one statement an entity, however many values.
 * `matchBy` is `id`, `externalId`, `title` (the entity's title field) or a field key. A field that the actor may not
 * read finds nothing, like one that does not exist.
 */
export async function lookup(
  access: Access,
  ctx: Ctx,
  catalog: Catalog,
  run: Run,
  input: { entities: readonly string[]; matchBy: string; values: readonly string[] },
): Promise<Map<string, Found[]>> {
  const found = new Map<string, Found[]>();
  for (const entity of input.entities) {
    if (!access.may(ctx, catalog, entity, 'read')) continue;
    const scope = access.read(ctx, catalog, entity);
    const field = scope.entity.fields.get(input.matchBy === 'title' ? scope.entity.titleField : input.matchBy);
    if (!field || field.retired || !(scope.fields.has(field.key) || field.key === 'id') || field.kind.relation)
      continue;
    if (isMasked(scope, field.key)) continue;
    const values = input.matchBy === 'id' ? input.values.filter(isUuid) : [...input.values];
    if (values.length === 0) continue;
    for (const row of await run(statementOf(access, ctx, catalog, scope, field, values))) {
      const key = String(row.value);
      found.set(key, [...(found.get(key) ?? []), { entity, id: String(row.id) }]);
    }
  }
  return found;
}

function statementOf(
  access: Access,
  ctx: Ctx,
  catalog: Catalog,
  scope: Scoped,
  field: FieldModel,
  values: readonly string[],
): Statement {
  const sql = new Sql();
  const column = field.kind.exprSql(field, 't', []);
  const type = field.key === 'id' ? 'uuid' : 'text';
  const wanted = `${column} in (select unnest(${sql.param(values, `${type}[]`)}))`;
  const env = access.env(ctx, catalog);
  const predicate = visiblePredicate(sql, env, scope, 't');
  return {
    text: `select ${column}::text as value, t.id from ${visibleSource(sql, env, scope)} t where ${wanted} and t.deleted_at is null and ${predicate}`,
    values: sql.values,
  };
}
