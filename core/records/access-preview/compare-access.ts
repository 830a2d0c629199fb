import type {
  AccessChange,
  AccessPreview,
  FieldAccess,
  FieldAccessChange,
  RowChange,
} from '../../../schemas/studio.js';
import type { Catalog } from '../../catalog/index.js';
import { isTrellisError } from '../../base/errors.js';
import type { EntityModel } from '../../schema/index.js';
import type { Ctx } from '../../sdk/index.js';
import { listRecords } from '../read.js';
import type { RecordsDeps } from '../transaction.js';
import { compileCount, countRows, type Side } from './count-rows.js';

/** Two catalogs, of which the second does not count yet. */
export interface CatalogPair {
  readonly before: Catalog;
  readonly after: Catalog;
}

const usersAtMost = 500;
/** Statements, each of which may read a table. */
const countsAtMost = 200;
const further = ['create', 'delete', 'share', 'assign', 'export', 'import', 'purge'] as const;
const ranks: readonly FieldAccess[] = ['none', 'masked', 'read', 'edit'];

/**
 * What each active user would gain and lose if the second catalog took the place of the first: records counted in the database among
 * those that the asker sees, fields and operations as the roles say. Changes nothing.
 */
export async function compareAccess(deps: RecordsDeps, ctx: Ctx, pair: CatalogPair): Promise<AccessPreview> {
  const { data, page } = await listRecords(deps, ctx.asSystem('access preview'), {
    entity: 'core.user',
    filter: 'active == true',
    fields: ['id', 'name'],
    sort: ['name'],
    limit: usersAtMost,
    count: 'exact',
  });
  const count = counter(deps);
  const now = ctx.now();
  const entities = [...pair.before.schema.entities.values()].flatMap((entity) => {
    const asker = sideOf({ deps, now }, ctx, pair.before, entity.id, 'read');
    return asker !== null && pair.after.schema.entities.has(entity.id) ? [{ entity, asker }] : [];
  });
  const changes: AccessChange[] = [];
  for (const { id, name } of data) {
    const actor = await deps.actors.load(String(id), null, null);
    if (actor === null) continue;
    const theirs = deps.contexts.withActor(ctx, actor);
    const user = { id: String(id), title: String(name) };
    for (const { entity, asker } of entities) {
      const change = await compareEntity({ deps, now, theirs, pair, entity, asker, count });
      if (change !== null) changes.push({ user, entity: entity.id, ...change });
    }
  }
  return {
    epoch: pair.before.epoch,
    users: { examined: data.length, total: page.count ?? data.length },
    changes,
  };
}

interface EntityInput {
  readonly deps: RecordsDeps;
  readonly now: Date;
  /** The user's context. */
  readonly theirs: Ctx;
  readonly pair: CatalogPair;
  readonly entity: EntityModel;
  readonly asker: Exclude<Side, null>;
  readonly count: ReturnType<typeof counter>;
}

/** Null where nothing differs. */
async function compareEntity(input: EntityInput): Promise<Omit<AccessChange, 'user' | 'entity'> | null> {
  const { deps, theirs, pair, entity, asker, count } = input;
  const rows = (operation: 'read' | 'update'): Promise<RowChange | null> =>
    count({
      before: sideOf(input, theirs, pair.before, entity.id, operation),
      after: sideOf(input, theirs, pair.after, entity.id, operation),
      asker,
    });
  const [read, update] = [await rows('read'), await rows('update')];
  const fields = fieldChanges(input);
  const [could, can] = [pair.before, pair.after].map((catalog) =>
    further.filter((operation) => deps.access.may(theirs, catalog, entity.id, operation)),
  );
  const permissions = {
    gained: can.filter((one) => !could.includes(one)),
    lost: could.filter((one) => !can.includes(one)),
  };
  const isSame = isNothing(read) && isNothing(update) && fields.length === 0;
  if (isSame && permissions.gained.length === 0 && permissions.lost.length === 0) return null;
  return { read, update, fields, permissions };
}

/** Counts a difference once, however many users it is the same for. */
function counter(deps: RecordsDeps) {
  const known = new Map<string, Promise<RowChange | null>>();
  return (input: Parameters<typeof compileCount>[0]): Promise<RowChange | null> => {
    const statement = compileCount(input);
    if (statement === null) return Promise.resolve(nothing);
    const key = JSON.stringify([statement.text, statement.values]);
    const counted = known.get(key);
    if (counted !== undefined) return counted;
    if (known.size >= countsAtMost) return Promise.resolve(null);
    const made = countRows(deps.db, statement);
    known.set(key, made);
    return made;
  };
}

const nothing: RowChange = { gained: 0, lost: 0, samples: { gained: [], lost: [] } };

function isNothing(rows: RowChange | null): boolean {
  return rows !== null && rows.gained === 0 && rows.lost === 0;
}

/** Both sides are compiled for the same instant, so that only what the catalogs say can differ. */
function sideOf(
  { deps, now }: Pick<EntityInput, 'deps' | 'now'>,
  ctx: Ctx,
  catalog: Catalog,
  entity: string,
  operation: 'read' | 'update',
): Side {
  try {
    const scope =
      operation === 'read'
        ? deps.access.read(ctx, catalog, entity)
        : deps.access.write(ctx, catalog, entity, operation);
    return { env: { ...deps.access.env(ctx, catalog), now }, scope };
  } catch (refusal) {
    if (isTrellisError(refusal) && (refusal.kind === 'missing' || refusal.kind === 'denied')) return null;
    throw refusal;
  }
}

function fieldChanges({ deps, theirs, pair, entity }: EntityInput): FieldAccessChange[] {
  const [was, is] = [pair.before, pair.after].map((catalog) => deps.access.grant(theirs, catalog, entity.id));
  if (was === null || is === null) return [];
  const planned = pair.after.schema.entities.get(entity.id);
  return [...entity.fields.keys()]
    .filter((key) => planned?.fields.has(key))
    .map((field) => ({
      field,
      before: was.fields.get(field) ?? ('none' as const),
      after: is.fields.get(field) ?? ('none' as const),
    }))
    .filter(({ before, after }) => ranks.indexOf(before) !== ranks.indexOf(after));
}
