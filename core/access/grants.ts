import type { Catalog } from '../catalog/index.js';
import { checkExpression, type CheckedExpression } from '../expression/index.js';
import { amountCurrency, exprScope, type EntityModel } from '../schema/index.js';

export type Rows = 'all' | 'own' | 'none';
export type Operation = 'create' | 'read' | 'update' | 'delete' | 'purge' | 'import' | 'export';

/** What a set of roles allows on one entity. */
export interface EntityGrant {
  readonly read: Rows;
  /** Rows that `own` reaches besides the owned ones. */
  readonly readWhen: CheckedExpression | null;
  readonly update: Rows;
  readonly delete: Rows;
  readonly create: boolean;
  readonly purge: boolean;
  readonly import: boolean;
  readonly export: boolean;
  readonly fields: ReadonlyMap<string, 'read' | 'edit'>;
  /** Roles that allow reading, for explanations. */
  readonly roles: readonly string[];
  /** Those of them whose fields count. */
  readonly fieldRoles: readonly string[];
}

/** A role document, as far as access reads it. */
interface RoleDocument {
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
  }[];
  fields?: { entity: string; field: string; access: 'none' | 'read' | 'edit' }[];
}

/**
 * The union of roles on an entity. (row, field) pairs stay together: where one role reaches all rows, only the fields
 * of such roles count; a field that another role adds on owned rows is not lent to the others.
 */
export function uniteGrants(catalog: Catalog, roleIds: readonly string[], entity: EntityModel): EntityGrant {
  const grants = roleIds.flatMap((id) => {
    const role = catalog.definitions('role').get(id)?.document as RoleDocument | undefined;
    return role ? [{ id, grant: grantOf(role, id, entity.id), fields: fieldsOf(role, entity) }] : [];
  });
  const readers = grants.filter(({ grant }) => (grant.read ?? 'none') !== 'none');
  const widest = readers.some(({ grant }) => grant.read === 'all')
    ? readers.filter(({ grant }) => grant.read === 'all')
    : readers;
  const plain = widest.filter(({ grant }) => grant.readWhen === undefined || grant.read === 'all');
  const whens = widest.length === 1 && widest[0].grant.read === 'own' ? widest[0].grant.readWhen : undefined;
  const sources = plain.length > 0 ? plain : widest;
  return {
    read: largest(widest.map(({ grant }) => grant.read)),
    readWhen:
      whens === undefined ? null : checkExpression(whens, exprScope(catalog.schema, entity.id), { t: 'boolean' }),
    update: largest(grants.map(({ grant }) => grant.update)),
    delete: largest(grants.map(({ grant }) => grant.delete)),
    create: grants.some(({ grant }) => grant.create === true),
    purge: grants.some(({ grant }) => grant.purge === true),
    import: grants.some(({ grant }) => grant.import === true),
    export: grants.some(({ grant }) => grant.export === true),
    fields: uniteFields(sources.map(({ fields }) => fields)),
    roles: readers.map(({ id }) => id),
    fieldRoles: sources.map(({ id }) => id),
  };
}

/** Everything: what the system itself may. */
export function fullGrant(entity: EntityModel): EntityGrant {
  const fields = new Map([...entity.fields.keys()].map((key) => [key, 'edit' as const]));
  return {
    read: 'all',
    readWhen: null,
    update: 'all',
    delete: 'all',
    create: true,
    purge: true,
    import: true,
    export: true,
    fields,
    roles: [],
    fieldRoles: [],
  };
}

/** By these people come to be, sign in and belong to teams: who writes them decides over access. */
const ofIdentity: ReadonlySet<string> = new Set(['core.principal', 'core.user', 'core.team', 'core.teamMember']);
const noWrites = { create: false, update: 'none', delete: 'none', purge: false, import: false } as const;

/** The grant that names the entity, else that of `*`; which lets write users and teams for the administrator's role alone. */
function grantOf(role: RoleDocument, roleId: string, entity: string): RoleDocument['grants'][number] {
  const named = role.grants.find((grant) => grant.entity === entity);
  const grant = named ?? role.grants.find((other) => other.entity === '*') ?? { entity };
  return named === undefined && ofIdentity.has(entity) && roleId !== 'core.administrator'
    ? { ...grant, ...noWrites }
    : grant;
}

function fieldsOf(role: RoleDocument, entity: EntityModel): Map<string, 'read' | 'edit'> {
  const fields = new Map<string, 'read' | 'edit'>([...entity.fields.keys()].map((key) => [key, 'edit']));
  for (const { entity: id, field, access } of role.fields ?? []) {
    if (id !== entity.id) continue;
    // The currency of an amount goes with it: whether there is one tells whether there is an amount.
    const model = entity.fields.get(field);
    const currency = model === undefined || model.formula ? null : amountCurrency(model);
    const keys = currency === null ? [field] : [field, currency];
    for (const key of keys) {
      if (access === 'none') fields.delete(key);
      else if (fields.has(key)) fields.set(key, access);
    }
  }
  return fields;
}

function uniteFields(sets: readonly Map<string, 'read' | 'edit'>[]): Map<string, 'read' | 'edit'> {
  const united = new Map<string, 'read' | 'edit'>();
  for (const set of sets)
    for (const [key, access] of set) if (access === 'edit' || !united.has(key)) united.set(key, access);
  return united;
}

function largest(rows: readonly (Rows | undefined)[]): Rows {
  if (rows.includes('all')) return 'all';
  return rows.includes('own') ? 'own' : 'none';
}
