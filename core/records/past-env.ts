import { joinTable, type QueryEnv, type Scoped, type SqlValues } from '../query/index.js';
import type { EntityModel } from '../schema/index.js';
import type { Ctx } from '../sdk/index.js';
import { columnFields, columnsOf, rowOf } from './past-fields.js';
import type { PastRow } from './past-rows.js';
import type { PastWorld } from './past-world.js';

/**
 * What statements over an earlier instant are compiled against: entities stand in relations of the statement's own, `ctes`, that hold
 * what is known of them, and others have no records. The reader sees in them what it may see today; what is computed for
 * everybody reads all of it. `TODAY()` and `NOW()` are of then.
 */
export function pastEnv(
  ctx: Ctx,
  env: QueryEnv,
  sql: SqlValues,
  world: PastWorld,
  asOf: Date,
): { env: QueryEnv; ctes: string; sourceOf: (entity: EntityModel) => string } {
  const ctes: string[] = [];
  const names = new Map<string, { all: string; seen: string }>();
  for (const [entity, rows] of world.rows) {
    const name = { all: `_past${names.size}`, seen: `_seen${names.size}` };
    const fields = columnFields(entity);
    const values = [...rows.values()].map((row) => ({ _seen: row.isSeen, ...rowOf(ctx, fields, row.values) }));
    const given = sql.param(JSON.stringify(values), 'json');
    ctes.push(
      `${name.all} as materialized (select * from json_to_recordset(${given}) as t(_seen boolean, ${columnsOf(fields)}))`,
    );
    ctes.push(
      `${name.seen} as (${seenSql(sql, values, rows, { name: name.all, columns: columnsOf(fields), entity })})`,
    );
    names.set(entity.id, name);
  }
  const pairs = new Map<string, string>();
  for (const [field, found] of world.pairs) {
    const name = `_pairs${pairs.size}`;
    const shape = 'source_id uuid, target_id uuid, label text, created_at timestamptz';
    ctes.push(
      `${name} as (select * from json_to_recordset(${sql.param(JSON.stringify(found), 'json')}) as t(${shape}))`,
    );
    pairs.set(field.uuid, name);
  }
  const over = (present: QueryEnv, which: 'all' | 'seen'): QueryEnv => {
    const scopes = new Map<string, Scoped | null>();
    return {
      ...present,
      now: asOf,
      scopeOf(id) {
        const known = scopes.get(id);
        if (known !== undefined) return known;
        const made = scopeThen(present.scopeOf(id), names.get(id)?.[which]);
        scopes.set(id, made);
        return made;
      },
      get asSystem() {
        return which === 'all' ? this : over(present.asSystem, 'all');
      },
      past: { pairsOf: (field) => pairs.get(field.uuid) ?? joinTable(field) },
    };
  };
  return {
    env: over(env, 'seen'),
    ctes: ctes.join(', '),
    sourceOf: (entity) => names.get(entity.id)?.seen ?? entity.source,
  };
}

/** What the reader sees of the rows: those that are hidden are not there, and nor are values that a row does not show. */
function seenSql(
  sql: SqlValues,
  values: readonly Readonly<Record<string, unknown>>[],
  rows: ReadonlyMap<string, PastRow>,
  { name, columns, entity }: { name: string; columns: string; entity: EntityModel },
): string {
  const hidden = [...rows.values()].map((row) => new Set(row.hidden.flatMap((key) => columnNames(entity, key))));
  if (hidden.every((names) => names.size === 0)) return `select * from ${name} where _seen`;
  const shown = values.map((row, i) => Object.fromEntries(Object.entries(row).filter(([key]) => !hidden[i].has(key))));
  const given = sql.param(JSON.stringify(shown), 'json');
  return `select * from json_to_recordset(${given}) as t(_seen boolean, ${columns}) where _seen`;
}

function columnNames(entity: EntityModel, key: string): string[] {
  const field = entity.fields.get(key);
  return field ? field.kind.columns(field).map(({ name }) => name) : [];
}

function scopeThen(scope: Scoped | null, source: string | undefined): Scoped | null {
  if (!scope || source === undefined || scope.rows.kind === 'none') return null;
  // What is masked is left out of the rows.
  const fields = new Map([...scope.fields].map(([key, level]) => [key, level === 'masked' ? 'read' : level] as const));
  return { ...scope, fields, entity: { ...scope.entity, source }, rows: { kind: 'all' } };
}
