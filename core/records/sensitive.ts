import { checkExpression, compileSql } from '../expression/index.js';
import { expressionScope, fieldsKey, planFields, type QueryEnv, type Scoped } from '../query/index.js';
import type { FieldModel, SchemaModel } from '../schema/index.js';
import type { AggregateQuery, Ctx } from '../sdk/index.js';
import type { ReadLog, SensitiveRead } from './read-log.js';

/** What of a query can show a value, or tell of one. */
export interface Use {
  readonly fields?: readonly string[];
  readonly filter?: string;
  readonly q?: string;
  readonly sort?: readonly string[];
  readonly groupBy?: AggregateQuery['groupBy'];
  readonly measures?: AggregateQuery['measures'];
}

const bySchema = new WeakMap<SchemaModel, Set<FieldModel>>();
const byScope = new WeakMap<Scoped, Map<string, readonly string[]>>();
const usesKept = 200;
const none: readonly string[] = [];

/**
 * Fields marked sensitive, or computed of such, that a query shows or asks by: keys, behind a link `link.key`. Costs nothing where the
 * schema has none. `aggregate`: nothing is shown but groups and measures.
 */
export function sensitiveUse(env: QueryEnv, scope: Scoped, use: Use, isAggregate = false): readonly string[] {
  const sensitive = sensitiveFields(env.schema);
  if (sensitive.size === 0) return none;
  const known = byScope.get(scope) ?? new Map<string, readonly string[]>();
  byScope.set(scope, known);
  const key = keyOf(use, isAggregate);
  let found = known.get(key);
  if (found === undefined) {
    if (known.size >= usesKept) known.clear();
    known.set(key, (found = find(env, scope, use, isAggregate, sensitive)));
  }
  return found;
}

function keyOf({ fields, filter, q, sort, groupBy, measures }: Use, isAggregate: boolean): string {
  const shown = fieldsKey(fields);
  return filter || q || sort || groupBy || measures || isAggregate
    ? JSON.stringify([isAggregate, shown, filter, Boolean(q), sort, groupBy, measures])
    : shown;
}

/** Notes what a user was shown; the system's own reads are nobody's. */
export async function noteRead(
  log: ReadLog,
  ctx: Ctx,
  read: Pick<SensitiveRead, 'how' | 'entity' | 'fields' | 'ids'>,
): Promise<void> {
  if (read.fields.length > 0) await note(log, ctx, read);
}

async function note(
  log: ReadLog,
  ctx: Ctx,
  read: Pick<SensitiveRead, 'how' | 'entity' | 'fields' | 'ids'>,
): Promise<void> {
  if (ctx.actor.kind !== 'user') return;
  const { userId: actor, actedBy } = ctx.actor;
  await log.note({ at: ctx.now(), actor, actedBy: actedBy?.userId ?? null, requestId: ctx.requestId, ...read });
}

/** Notes that a user took a file; `id` of its attachment. */
export async function noteDownload(log: ReadLog, ctx: Ctx, id: string): Promise<void> {
  await note(log, ctx, { how: 'file', entity: 'core.attachment', fields: [], ids: [id] });
}

/** Ids of the records of a page, whose rows stand in `data` without the brackets. */
export function idsIn(data: string): string[] {
  return (JSON.parse(`[${data}]`) as { id?: string }[]).flatMap(({ id }) => id ?? []);
}

function find(
  env: QueryEnv,
  scope: Scoped,
  use: Use,
  isAggregate: boolean,
  sensitive: ReadonlySet<FieldModel>,
): readonly string[] {
  const paths: (readonly string[])[] = isAggregate ? [] : shownPaths(env, scope, use.fields);
  if (use.q)
    paths.push(...[...scope.entity.fields.values()].filter((field) => field.searchable).map((field) => [field.key]));
  for (const key of use.sort ?? []) paths.push(key.replace(/^[-+]/, '').split('.'));
  for (const { field } of use.groupBy ?? []) paths.push([field]);
  for (const { field } of use.measures ?? []) if (field !== undefined) paths.push([field]);
  if (use.filter) paths.push(...pathsOf(env, scope, use.filter));
  return [...new Set(paths.filter((path) => isSensitive(env, scope, path, sensitive)).map((path) => path.join('.')))];
}

function shownPaths(env: QueryEnv, scope: Scoped, fields: readonly string[] | undefined): string[][] {
  return planFields(env, scope, fields).flatMap(({ field, nested }) => {
    if (nested.length > 0) return nested.map((key) => [field.key, key]);
    const lines = field.lines && env.scopeOf(field.lines.entity);
    return lines ? [...lines.fields.keys()].map((key) => [field.key, key]) : [[field.key]];
  });
}

function pathsOf(env: QueryEnv, scope: Scoped, filter: string): (readonly string[])[] {
  const paths: (readonly string[])[] = [];
  const checked = checkExpression(filter, expressionScope(env, scope.entity.id), { t: 'boolean' });
  compileSql(checked, {
    now: env.now,
    zone: env.zone,
    me: env.me,
    param: () => '$1',
    member: (path) => {
      paths.push(path);
      return 'null';
    },
  });
  return paths;
}

/** Follows links; of those that lead to several entities it takes each. */
function isSensitive(
  env: QueryEnv,
  scope: Scoped,
  [key, ...rest]: readonly string[],
  sensitive: ReadonlySet<FieldModel>,
): boolean {
  const field = scope.fields.has(key) ? scope.entity.fields.get(key) : undefined;
  if (field === undefined) return false;
  if (sensitive.has(field)) return true;
  if (rest.length === 0) return false;
  const targets = field.lines
    ? [field.lines.entity]
    : field.to.includes('*')
      ? [...env.schema.entities.keys()]
      : field.to;
  return targets.some((id) => {
    const target = env.scopeOf(id);
    return target !== null && isSensitive(env, target, rest, sensitive);
  });
}

/** Those that are marked, and those that are computed of such. */
function sensitiveFields(schema: SchemaModel): Set<FieldModel> {
  let found = bySchema.get(schema);
  if (found === undefined) {
    found = new Set();
    const all = [...schema.entities.values()].flatMap(({ fields }) => [...fields.values()]);
    for (const field of all) if (field.sensitivity === 'sensitive') found.add(field);
    for (let before = -1; found.size > 0 && before !== found.size;) {
      before = found.size;
      for (const field of all) if (computedOf(schema, field).some((each) => found?.has(each))) found.add(field);
    }
    bySchema.set(schema, found);
  }
  return found;
}

function computedOf(schema: SchemaModel, { formula, rollup }: FieldModel): FieldModel[] {
  return [...(formula?.reads ?? []), ...(rollup?.reads ?? [])].flatMap(
    ({ entity, field }) => schema.entities.get(entity)?.fields.get(field) ?? [],
  );
}
