import type { Catalog } from '../catalog/index.js';
import type { FieldLevel } from '../query/index.js';
import { amountCurrency, identityEntities, type EntityModel, type FieldModel } from '../schema/index.js';

export type Rows = 'all' | 'own' | 'none';
/** What a role may permit on an entity. */
export type Operation = 'create' | 'read' | 'update' | 'delete' | 'purge' | 'import' | 'export' | 'share' | 'assign';

/** What one role allows on one entity. */
export interface RoleGrant {
  readonly id: string;
  readonly grant: RoleDocument['grants'][number];
  readonly fields: ReadonlyMap<string, FieldLevel>;
}

/** What a set of roles allows on one entity. */
export interface EntityGrant {
  readonly read: Rows;
  readonly update: Rows;
  readonly delete: Rows;
  readonly create: boolean;
  readonly purge: boolean;
  readonly import: boolean;
  readonly export: boolean;
  readonly share: boolean;
  readonly assign: boolean;
  /** All that some row shows. */
  readonly fields: ReadonlyMap<string, FieldLevel>;
  /** Roles that allow reading, for explanations. */
  readonly roles: readonly string[];
  /** The roles of each way to a row: of a retired field that each way showed, the value is seen. */
  readonly fieldRoles: readonly (readonly string[])[];
  /** Each role by itself; none of the system, which may everything. */
  readonly by: readonly RoleGrant[];
}

/** A role document, as far as access reads it. */
interface RoleDocument {
  audit?: boolean;
  grants: {
    entity: string;
    read?: Rows;
    readWhen?: string;
    update?: Rows;
    delete?: Rows;
    create?: boolean;
    purge?: boolean;
    import?: boolean;
    export?: boolean;
    share?: boolean;
    assign?: boolean;
  }[];
  fields?: { entity: string; field: string; access: 'none' | FieldLevel }[];
}

/** The union of roles on an entity. Which of its rows shows which of the fields is told by `readRows`. */
export function uniteGrants(catalog: Catalog, roleIds: readonly string[], entity: EntityModel): EntityGrant {
  const by = roleIds.flatMap((id) => {
    const role = catalog.definitions('role').get(id)?.document as RoleDocument | undefined;
    return role ? [{ id, grant: grantOf(role, id, entity.id), fields: fieldsOf(role, entity) }] : [];
  });
  const readers = by.filter(({ grant }) => (grant.read ?? 'none') !== 'none');
  const read = largest(readers.map(({ grant }) => grant.read));
  const widest = readers.filter(({ grant }) => grant.read === read);
  const apart = read === 'all' ? [] : widest.filter(({ grant }) => grant.readWhen !== undefined);
  const some = (operation: 'create' | 'purge' | 'import' | 'export' | 'share' | 'assign'): boolean =>
    by.some(({ grant }) => grant[operation] === true);
  return {
    read,
    update: largest(by.map(({ grant }) => grant.update)),
    delete: largest(by.map(({ grant }) => grant.delete)),
    create: some('create'),
    purge: some('purge'),
    import: some('import'),
    export: some('export'),
    share: some('share'),
    assign: some('assign'),
    fields: uniteFields(readers.map(({ fields }) => fields)),
    roles: readers.map(({ id }) => id),
    fieldRoles: [widest, ...apart.map((role) => [role])].map((roles) => roles.map(({ id }) => id)),
    by,
  };
}

/** Everything: what the system itself may. */
export function fullGrant(entity: EntityModel): EntityGrant {
  const fields = new Map([...entity.fields.keys()].map((key) => [key, 'edit' as const]));
  return {
    read: 'all',
    update: 'all',
    delete: 'all',
    create: true,
    purge: true,
    import: true,
    export: true,
    share: true,
    assign: true,
    fields,
    roles: [],
    fieldRoles: [],
    by: [],
  };
}

const noWrites = { create: false, update: 'none', delete: 'none', purge: false, import: false } as const;
/** Shares are made at the records that they share; who sees which there are sees which records there are. */
const noShares = { ...noWrites, read: 'none', export: false } as const;

/** A log of what people said proves something only if nobody rewrites it: entries are made, and go with their person alone. */
export const isLog = (entity: string): boolean => entity === 'core.consent';
const unchangeable = { update: 'none', delete: 'none', purge: false } as const;

/** True where the role lets read the audit. */
export function showsAudit(catalog: Catalog, id: string): boolean {
  const role = catalog.definitions('role').get(id)?.document as RoleDocument | undefined;
  return id === 'core.administrator' || role?.audit === true;
}

/** The grant that names the entity, else that of `*`; which lets write users, teams and territories, and see shares, for the administrator's role alone. */
function grantOf(role: RoleDocument, roleId: string, entity: string): RoleDocument['grants'][number] {
  const named = role.grants.find((grant) => grant.entity === entity);
  const grant = named ?? role.grants.find((other) => other.entity === '*') ?? { entity };
  if (isLog(entity)) return { ...grant, ...unchangeable };
  if (roleId === 'core.administrator') return grant;
  if (entity === 'core.share') return { ...grant, ...noShares };
  if (named !== undefined) return grant;
  return identityEntities.has(entity) ? { ...grant, ...noWrites } : grant;
}

function fieldsOf(role: RoleDocument, entity: EntityModel): Map<string, FieldLevel> {
  const fields = new Map<string, FieldLevel>([...entity.fields.keys()].map((key) => [key, 'edit']));
  for (const { entity: id, field, access } of role.fields ?? []) {
    if (id !== entity.id) continue;
    // The currency of an amount goes with it: whether there is one tells whether there is an amount.
    const model = entity.fields.get(field);
    const currency = model === undefined || model.formula ? null : amountCurrency(model);
    const keys = currency === null ? [field] : [field, currency];
    for (const key of keys) {
      // By its id a record is known; it cannot be seen in part.
      if (access === 'none' || (access === 'masked' && !canMask(model))) fields.delete(key);
      else if (fields.has(key)) fields.set(key, access);
    }
  }
  return fields;
}

/** What is computed, points elsewhere or is kept by the kernel has no mask: it is hidden. */
function canMask(model: FieldModel | undefined): boolean {
  return (
    model !== undefined &&
    !model.system &&
    !model.formula &&
    !model.rollup &&
    !model.lines &&
    !model.kind.relation &&
    !model.kind.sealed
  );
}

const levels: readonly FieldLevel[] = ['masked', 'read', 'edit'];

/** The most that any of the sets allows. */
export function uniteFields(sets: readonly ReadonlyMap<string, FieldLevel>[]): Map<string, FieldLevel> {
  const united = new Map<string, FieldLevel>();
  for (const set of sets)
    for (const [key, level] of set) {
      const known = united.get(key);
      if (known === undefined || levels.indexOf(level) > levels.indexOf(known)) united.set(key, level);
    }
  return united;
}

function largest(rows: readonly (Rows | undefined)[]): Rows {
  if (rows.includes('all')) return 'all';
  return rows.includes('own') ? 'own' : 'none';
}
