import { denied, missing } from '../base/errors.js';
import { didYouMean } from '../base/suggest.js';
import type { Catalog, CatalogService } from '../catalog/index.js';
import type { FieldLevel, QueryEnv, RowScope, Scoped } from '../query/index.js';
import type { EntityModel, FieldModel } from '../schema/index.js';
import type { Actor, Ctx } from '../sdk/index.js';
import { withoutHiddenInputs } from './computed-fields.js';
import { fullGrant, isLog, showsAudit, uniteFields, uniteGrants, type EntityGrant, type Operation } from './grants.js';
import { guardSql } from './guard.js';
import { readReach, writeReach, type Writing } from './reach.js';
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
  /** The rows that the actor may change, or make, with the fields that it may set in them as `edit`. Throws access.denied where the operation is not granted at all. */
  write(ctx: Ctx, catalog: Catalog, entity: string, operation: Writing): Scoped;
  /** True where roles (and the scopes of an API key) allow the operation on some rows. */
  may(ctx: Ctx, catalog: Catalog, entity: string, operation: Operation): boolean;
  /** Fields that nothing defines any longer, as far as the actor could read them last; titles in its language. */
  retired(ctx: Ctx, catalog: Catalog, entity: string): FieldModel[];
  /** True for administrators and for roles that say so; never for a narrowed API key or a public door. */
  mayReadAudit(ctx: Ctx, catalog: Catalog): boolean;
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
      if (grant.read === 'none') return null;
      return scoped(
        entity,
        actor.roles === undefined ? { kind: 'all' } : readReach(reachInput(actor, catalog, entity)),
        grant.fields,
      );
    });

  const writeScope = (actor: Actor, catalog: Catalog, entity: EntityModel, operation: Writing): Scoped =>
    memo(scopesOf(actor, catalog), `${entity.id} ${operation}`, () => {
      const grant = grantFor(actor, catalog, entity);
      if (actor.roles === undefined) return scoped(entity, { kind: 'all' }, grant.fields);
      const rows = writeReach(reachInput(actor, catalog, entity), operation);
      return scoped(entity, rows, settable(grant, operation));
    }) as Scoped;

  const reachInput = (actor: Actor, catalog: Catalog, entity: EntityModel) => ({
    actor,
    catalog,
    entity,
    grant: grantFor(actor, catalog, entity),
    scopeOf: (id: string, level: 'read' | 'edit'): Scoped | null => {
      const model = catalog.schema.entities.get(id);
      if (!model || !readScope(actor, catalog, id)) return null;
      if (level === 'read') return readScope(actor, catalog, id);
      return may(actor, catalog, id, 'update') ? writeScope(actor, catalog, model, 'update') : null;
    },
  });

  const may = (actor: Actor, catalog: Catalog, id: string, operation: Operation): boolean => {
    const entity = catalog.schema.entities.get(id);
    if (!entity || !scopeAllows(actor, id, operation)) return false;
    const granted = grantFor(actor, catalog, entity)[operation];
    return typeof granted === 'boolean' ? granted : granted !== 'none';
  };

  const access: Access = {
    env: (ctx, catalog) => ({
      get asSystem() {
        return ctx.actor.roles === undefined ? this : access.env(ctx.asSystem('computed'), catalog);
      },
      schema: catalog.schema,
      scopeOf: (id) => readScope(ctx.actor, catalog, id),
      wholeOf: (id) => readScope(everything, catalog, id),
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
      if (!access.may(ctx, catalog, id, operation)) {
        if (operation !== 'create' && isLog(id))
          throw denied('consent.unchangeable', 'Entries about consent are not changed or deleted.', {
            hint: 'Add a new entry that says what holds now.',
          });
        throw denied('access.denied', `You may not ${operation} ${entity.titlePlural.toLowerCase()}.`, {
          params: { entity: id, operation },
          hint: 'Ask an administrator for a role that allows it.',
        });
      }
      return writeScope(ctx.actor, catalog, entity, operation);
    },
    may: (ctx, catalog, id, operation) => may(ctx.actor, catalog, id, operation),
    retired(ctx, catalog, id) {
      const grant = access.grant(ctx, catalog, id);
      return grant === null ? [] : readableRetired(ctx, catalog.retiredFields(id), grant);
    },
    mayReadAudit({ actor }, catalog) {
      if (actor.roles === undefined) return true;
      return actor.kind === 'user' && actor.scopes === null && actor.roles.some((id) => showsAudit(catalog, id));
    },
    grant(ctx, catalog, id) {
      const found = readScope(ctx.actor, catalog, id);
      return found && grantFor(ctx.actor, catalog, found.entity);
    },
  };
  return access;
}

/** Conditions of rules read whatever there is. */
const everything: Actor = { kind: 'system', reason: 'rules', onBehalfOf: null };

/** Fields as a write may set them: what some row lets edit, and what else can be read, which is then told to be read-only. */
function settable(grant: EntityGrant, operation: Writing): ReadonlyMap<string, FieldLevel> {
  const roles = grant.by.filter((role) => role.grant[operation] !== undefined && role.grant[operation] !== false);
  const edited = uniteFields(roles.filter((role) => role.grant[operation] !== 'none').map(({ fields }) => fields));
  return new Map([...grant.fields].map(([key, level]) => [key, edited.get(key) === 'edit' ? level : lower(level)]));
}

function lower(level: FieldLevel): FieldLevel {
  return level === 'edit' ? 'read' : level;
}

/** An API key may be narrowed to `read`, `write`, or to entities: `contacts.company:read`. */
function scopeAllows(actor: Actor, entity: string, operation: Operation): boolean {
  if (actor.kind === 'system' || actor.scopes === null) return true;
  const needed = operation === 'read' || operation === 'export' ? ['read', 'write'] : ['write'];
  return needed.some((verb) => actor.scopes?.includes(verb) || actor.scopes?.includes(`${entity}:${verb}`));
}

function scoped(entity: EntityModel, rows: RowScope, fields: ReadonlyMap<string, FieldLevel>): Scoped {
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
