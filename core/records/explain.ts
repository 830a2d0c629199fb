import { denied } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import type { Catalog } from '../catalog/index.js';
import { limitsSql, partSql, Sql, throughSql, type RowPart, type Scoped } from '../query/index.js';
import type { Ctx } from '../sdk/index.js';
import { getText } from './read.js';
import { guardedRead, type RecordsDeps } from './transaction.js';
import { notFound } from './lock.js';
import { lookUpThrough, throughOf, type Through, type ThroughKey } from './through.js';

type Operation = 'read' | 'update' | 'delete' | 'purge';

/** What lets a record reach a user. `title` is that of the role or rule; `until` is there where it ends by itself. */
interface Way {
  readonly kind: RowPart['why']['kind'];
  readonly id?: string;
  readonly title?: string;
  readonly until?: string;
  /** Its teams and territories by which it is so; absent: it is so of itself. */
  readonly through?: readonly ThroughKey[];
}

/** Why an operation is possible, or what is in its way. */
interface Reached {
  readonly allowed: boolean;
  /** Ways by which the record is reached. */
  readonly by: readonly Way[];
  /** Restriction rules that it does not meet. */
  readonly restrictedBy: readonly Way[];
  /** permission: no role permits it. sharing: the record does not reach the user. restriction: a rule hides it. */
  readonly missing: 'permission' | 'sharing' | 'restriction' | null;
  readonly parts: readonly RowPart[];
}

/**
 * Why a user can or cannot do what with a record, and with which of its fields: every way by which it is reached, or what is missing.
 * The asker must be able to read the record itself; about others only an administrator may ask. Throws access.denied.
 */
export async function explainText(
  deps: RecordsDeps,
  ctx: Ctx,
  input: { entity: string; id: string; userId: string },
): Promise<{ body: string }> {
  await getText(deps, ctx, { entity: input.entity, id: input.id, fields: ['id'] });
  const { actor: asker } = ctx;
  const scopes = asker.kind === 'user' ? asker.scopes : null;
  const isAdministrator = asker.roles === undefined || (scopes === null && asker.roles.includes('core.administrator'));
  const isItself = asker.kind === 'user' && asker.userId === input.userId;
  if (!isAdministrator && !isItself)
    throw denied('access.denied', 'Only administrators may ask what others can do.', {
      hint: 'Leave out "user" to ask about yourself.',
    });
  // A narrowed key is told what it may do itself.
  const actor = isUuid(input.userId) ? await deps.actors.load(input.userId, null, isItself ? scopes : null) : null;
  if (!actor) throw notFound('core.user', input.userId);
  const theirs = deps.contexts.withActor(ctx, actor);
  const catalog = deps.catalog.current;
  const grant = deps.access.grant(theirs, catalog, input.entity);
  const read = await reached(deps, theirs, catalog, input, 'read');
  const operations = new Map([['read', read]]);
  for (const operation of ['update', 'delete', 'purge'] as const)
    operations.set(operation, await reached(deps, theirs, catalog, input, operation));
  const named = await lookUpThrough(
    deps,
    ctx,
    [...operations.values()].flatMap(({ by }) => by.flatMap(({ through = [] }) => through)),
  );
  const data: Record<string, unknown> = {
    read: { ...told(read, named), because: grant?.roles ?? [], rows: grant?.read ?? 'none' },
  };
  let update = read;
  for (const operation of ['update', 'delete', 'purge'] as const) {
    const own = operations.get(operation) ?? read;
    const found = own.allowed && !read.allowed ? { ...own, allowed: false, missing: read.missing } : own;
    if (operation === 'update') update = found;
    data[operation] = {
      ...told(found, named),
      because: found.allowed ? (grant?.roles ?? []) : [],
      rows: operation === 'purge' ? (grant?.purge ? 'all' : 'none') : (grant?.[operation] ?? 'none'),
    };
  }
  for (const operation of ['share', 'assign'] as const) {
    const isGranted = deps.access.may(theirs, catalog, input.entity, operation);
    data[operation] = {
      allowed: isGranted && read.allowed,
      because: isGranted ? grant?.by.filter(({ grant: own }) => own[operation]).map(({ id }) => id) : [],
      missing: isGranted ? read.missing : 'permission',
    };
  }
  // A field that is hidden from who asks is not named, as in the catalog.
  const known = deps.access.read(ctx, catalog, input.entity).fields;
  data.fields = fieldsOf(catalog, input.entity, known, read, update);
  return { body: JSON.stringify({ data }) };
}

/** As it is answered, with names. */
function told({ parts: _parts, by, ...shown }: Reached, named: (key: ThroughKey) => Through[]): object {
  return {
    ...shown,
    by: by.map(({ through = [], ...way }) => {
      const found = through.flatMap(named);
      return found.length === 0 ? way : { ...way, through: found };
    }),
  };
}

async function reached(
  deps: RecordsDeps,
  ctx: Ctx,
  catalog: Catalog,
  { entity, id }: { entity: string; id: string },
  operation: Operation,
): Promise<Reached> {
  const nothing = { allowed: false, by: [], restrictedBy: [], missing: 'permission', parts: [] } as const;
  const { access } = deps;
  if (!access.may(ctx, catalog, entity, 'read') || !access.may(ctx, catalog, entity, operation)) return nothing;
  const found = await guardedRead(deps, ctx, (current, now) => {
    const scope =
      operation === 'read' ? access.read(current, now, entity) : access.write(current, now, entity, operation);
    const sql = new Sql();
    const env = access.env(current, now);
    const guard = env.guard(sql);
    const { rows } = scope;
    const parts = rows.kind === 'some' ? rows.parts : [];
    const ways = parts.map((part) => `coalesce(${partSql(sql, env, scope, part.rows, 't')}, false)`);
    const through = parts.map((part) => throughSql(sql, env, scope, part.rows, 't'));
    const limits = limitsSql(sql, env, scope, 't').map((limit) => `coalesce(${limit}, false)`);
    return {
      text: `select ${guard}, w.* from (select 1) one left join lateral (select array[${ways.join(', ')}]::boolean[] as ways, jsonb_build_array(${through.join(', ')}) as through, array[${limits.join(', ')}]::boolean[] as limits from ${scope.entity.source} t where t.id = ${sql.param(id, 'uuid')}) w on true`,
      values: sql.values,
      finish: (row) => ({
        scope,
        ways: row.ways as boolean[] | null,
        through: row.through as string[][] | null,
        limits: row.limits as boolean[] | null,
      }),
    };
  });
  return judge(catalog, deps, ctx, { ...found, entity });
}

interface Judged {
  readonly scope: Scoped;
  /** Null, like the others, where there is no such row. */
  readonly ways: boolean[] | null;
  readonly through: string[][] | null;
  readonly limits: boolean[] | null;
  readonly entity: string;
}

function judge(
  catalog: Catalog,
  deps: RecordsDeps,
  ctx: Ctx,
  { scope, ways, through, limits, entity }: Judged,
): Reached {
  const { rows } = scope;
  if (rows.kind === 'none') return { allowed: false, by: [], restrictedBy: [], missing: 'sharing', parts: [] };
  if (rows.kind === 'all') {
    const past = deps.access.grant(ctx, catalog, entity)?.by.filter(({ grant }) => grant.read === 'all') ?? [];
    const by = past.map(({ id }) => wayOf(catalog, { kind: 'role', id }));
    const parts = [{ why: { kind: 'role' }, rows: { by: 'all' }, fields: scope.fields }] as const;
    return { allowed: true, by, restrictedBy: [], missing: null, parts };
  }
  const parts = rows.parts.filter((_, i) => ways?.[i]);
  const restrictedBy = rows.only
    .filter((_, i) => limits?.[i] !== true)
    .map(({ id }): Way => ({ kind: 'rule', id, ...titleOf(catalog, 'restriction-rule', id) }));
  const missing = parts.length === 0 ? 'sharing' : restrictedBy.length > 0 ? 'restriction' : null;
  const by = rows.parts.flatMap((part, i) =>
    ways?.[i]
      ? [
          {
            ...wayOf(catalog, part.why),
            ...endOf(part),
            through: ctx.actor.kind === 'user' ? throughOf(ctx.actor, catalog, part.why, through?.[i] ?? []) : [],
          },
        ]
      : [],
  );
  return { allowed: missing === null, by, restrictedBy, missing, parts };
}

function wayOf(catalog: Catalog, { kind, id }: RowPart['why']): Way {
  if (id === undefined) return { kind };
  return { kind, id, ...(kind === 'parent' ? {} : titleOf(catalog, kind === 'role' ? 'role' : 'sharing-rule', id)) };
}

function endOf({ rows }: RowPart): { until?: string } {
  const isOfRule = rows.by === 'holders' || rows.by === 'when';
  return isOfRule && rows.until !== undefined ? { until: rows.until } : {};
}

function titleOf(catalog: Catalog, type: string, id: string): { title?: string } {
  const title = catalog.definitions(type).get(id)?.document.title;
  return typeof title === 'string' ? { title } : {};
}

/** Field → none, masked, read or edit, in this very record; of those that the asker knows. */
function fieldsOf(
  catalog: Catalog,
  entity: string,
  known: Scoped['fields'],
  read: Reached,
  update: Reached,
): Record<string, string> {
  const told: Record<string, string> = {};
  const best = (reach: Reached, key: string): string | undefined =>
    ['edit', 'read', 'masked'].find((level) => reach.parts.some(({ fields }) => fields.get(key) === level));
  for (const { key, retired } of catalog.schema.entities.get(entity)?.fields.values() ?? []) {
    if (retired || !known.has(key)) continue;
    const shown = read.allowed ? (best(read, key) ?? 'none') : 'none';
    const isEdited = update.allowed && best(update, key) === 'edit';
    told[key] = shown === 'none' || shown === 'masked' ? shown : isEdited ? 'edit' : 'read';
  }
  return told;
}
