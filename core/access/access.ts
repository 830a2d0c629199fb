import { denied, missing } from '../base/errors.js';
import { didYouMean } from '../base/suggest.js';
import type { Catalog, CatalogService } from '../catalog/index.js';
import type { QueryEnv, RowScope, Scoped } from '../query/index.js';
import type { EntityModel, FieldModel } from '../schema/index.js';
import type { Actor, Ctx } from '../sdk/index.js';
import { withoutHiddenInputs } from './computed-fields.js';
import { fullGrant, uniteGrants, type EntityGrant, type Operation, type Rows } from './grants.js';
import { guardSql } from './guard.js';
import { readableRetired } from './retired.js';

export interface AccessDeps {
  readonly catalog: CatalogService;
  /** 32 bytes by which cursors are encrypted. */
  readonly cursorKey: Uint8Array;
  /** Quoted display collation. */
  readonly collation: string;
}

export interface Access {
  /** What statements of this actor are compiled against. */
  env(ctx: Ctx, catalog: Catalog): QueryEnv;
  /** The entity as the actor may read it. Throws entity.not_found, also where it may read none of it. */
  read(ctx: Ctx, catalog: Catalog, entity: string): Scoped;
  /** The rows that the actor may change. Throws access.denied where the operation is not granted at all. */
  write(ctx: Ctx, catalog: Catalog, entity: string, operation: 'create' | 'update' | 'delete' | 'purge'): Scoped;
  /** True where roles (and the scopes of an API key) allow the operation on some rows. */
  may(ctx: Ctx, catalog: Catalog, entity: string, operation: Operation): boolean;
  /** Fields that nothing defines any longer, as far as the actor could read them last; titles in its language. */
  retired(ctx: Ctx, catalog: Catalog, entity: string): FieldModel[];
  /** What the roles grant on the entity; null where it cannot be read. */
  grant(ctx: Ctx, catalog: Catalog, entity: string): EntityGrant | null;
}

/** Nest injection token of `Access`. */
export const ACCESS = Symbol('ACCESS');

/** Actor + roles → scopes. Compiled once for a set of roles and a catalog. */
export function createAccess(deps: AccessDeps): Access {
  const compiled = new WeakMap<Catalog, Map<string, Map<string, EntityGrant>>>();
  const effective = new WeakMap<EntityGrant, EntityGrant>();
  const envs = new WeakMap<Catalog, WeakMap<Actor, { scopes: Map<string, Scoped | null> }>>();

  const grantFor = (actor: Actor, catalog: Catalog, entity: EntityModel): EntityGrant =>
    memo(effective, saidGrant(actor, catalog, entity), () =>
      withoutHiddenInputs(catalog.schema, entity, (each) => saidGrant(actor, catalog, each)),
    );

  const saidGrant = (actor: Actor, catalog: Catalog, entity: EntityModel): EntityGrant => {
    const byRoles = memo(compiled, catalog, () => new Map<string, Map<string, EntityGrant>>());
    const roles = actor.roles;
    const key = roles === undefined ? '*' : [...roles].sort().join(',');
    const byEntity = memo(byRoles, `${actor.kind}:${key}`, () => new Map<string, EntityGrant>());
    return memo(byEntity, entity.id, () =>
      roles === undefined ? fullGrant(entity) : uniteGrants(catalog, roles, entity),
    );
  };

  const scopesOf = (actor: Actor, catalog: Catalog): Map<string, Scoped | null> =>
    memo(
      memo(envs, catalog, () => new WeakMap<Actor, { scopes: Map<string, Scoped | null> }>()),
      actor,
      () => ({ scopes: new Map<string, Scoped | null>() }),
    ).scopes;

  const readScope = (actor: Actor, catalog: Catalog, id: string): Scoped | null =>
    memo(scopesOf(actor, catalog), id, () => {
      const entity = catalog.schema.entities.get(id);
      if (!entity || !scopeAllows(actor, id, 'read')) return null;
      const grant = grantFor(actor, catalog, entity);
      return grant.read === 'none' ? null : scoped(entity, rowScope(actor, entity, grant.read, grant), grant.fields);
    });

  const access: Access = {
    env: (ctx, catalog) => ({
      get asSystem() {
        return ctx.actor.roles === undefined ? this : access.env(ctx.asSystem('computed'), catalog);
      },
      schema: catalog.schema,
      scopeOf: (id) => readScope(ctx.actor, catalog, id),
      now: ctx.now(),
      zone: ctx.workspace.zone,
      me: ctx.actor.kind === 'user' ? ctx.actor.userId : ctx.actor.onBehalfOf,
      collation: deps.collation,
      cursorKey: deps.cursorKey,
      guard: (sql) => guardSql(sql, ctx.actor),
    }),
    read(ctx, catalog, id) {
      const found = readScope(ctx.actor, catalog, id);
      if (found) return found;
      const readable = [...catalog.schema.entities.keys()].filter((key) => readScope(ctx.actor, catalog, key) !== null);
      throw missing('entity.not_found', `There is no entity "${id}".${didYouMean(id, readable)}`, {
        params: { entity: id },
      });
    },
    write(ctx, catalog, id, operation) {
      const readable = access.read(ctx, catalog, id);
      const { entity } = readable;
      const grant = grantFor(ctx.actor, catalog, entity);
      if (!access.may(ctx, catalog, id, operation)) {
        throw denied('access.denied', `You may not ${operation} ${entity.titlePlural.toLowerCase()}.`, {
          params: { entity: id, operation },
          hint: 'Ask an administrator for a role that allows it.',
        });
      }
      if (operation === 'create') return readable;
      return scoped(
        entity,
        rowScope(ctx.actor, entity, operation === 'update' ? grant.update : grant.delete, null),
        grant.fields,
      );
    },
    may(ctx, catalog, id, operation) {
      const entity = catalog.schema.entities.get(id);
      if (!entity || !scopeAllows(ctx.actor, id, operation)) return false;
      const granted = grantFor(ctx.actor, catalog, entity)[operation];
      return typeof granted === 'boolean' ? granted : granted !== 'none';
    },
    retired(ctx, catalog, id) {
      const grant = access.grant(ctx, catalog, id);
      return grant === null ? [] : readableRetired(ctx, catalog.retiredFields(id), grant);
    },
    grant(ctx, catalog, id) {
      const found = readScope(ctx.actor, catalog, id);
      return found && grantFor(ctx.actor, catalog, found.entity);
    },
  };
  return access;
}

/** An API key may be narrowed to `read`, `write`, or to entities: `contacts.company:read`. */
function scopeAllows(actor: Actor, entity: string, operation: Operation): boolean {
  if (actor.kind === 'system' || actor.scopes === null) return true;
  const needed = operation === 'read' || operation === 'export' ? ['read', 'write'] : ['write'];
  return needed.some((verb) => actor.scopes?.includes(verb) || actor.scopes?.includes(`${entity}:${verb}`));
}

function rowScope(actor: Actor, entity: EntityModel, rows: Rows, grant: EntityGrant | null): RowScope {
  if (actor.roles === undefined || rows === 'all') return { kind: 'all' };
  if (rows === 'none') return { kind: 'none' };
  // Reference data has no owner: "own" reaches nothing of it unless a condition does.
  if (entity.ownership === 'none')
    return grant?.readWhen ? { kind: 'owned', principals: [], when: grant.readWhen } : { kind: 'none' };
  return { kind: 'owned', principals: actor.kind === 'user' ? actor.principals : [], when: grant?.readWhen ?? null };
}

function scoped(entity: EntityModel, rows: RowScope, fields: ReadonlyMap<string, 'read' | 'edit'>): Scoped {
  return { entity, rows, fields } as unknown as Scoped;
}

interface Keyed<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): unknown;
}

function memo<K, V>(map: Keyed<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
