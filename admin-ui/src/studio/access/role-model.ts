import { identityEntities } from '../../../../core/schema/principals.js';
import type { WorkspaceOperation } from '../../../../schemas/studio.js';
import { listOf, pointer, textOf } from '../document.js';
import type { Json } from '../document.js';

/** How far a right over rows goes: not at all, what reaches one, everything. */
export const extents = ['none', 'own', 'all'] as const;
export type Extent = (typeof extents)[number];
/** Rights over rows, and rights that one has or has not; in the order of the columns. */
export const rights = ['read', 'create', 'update', 'delete', 'share', 'assign', 'export', 'import', 'purge'] as const;
export type Right = (typeof rights)[number];
const writes: ReadonlySet<Right> = new Set(['create', 'update', 'delete', 'purge', 'import']);
const overRows: ReadonlySet<Right> = new Set(['read', 'update', 'delete']);

export const fieldLevels = ['edit', 'read', 'masked', 'none'] as const;
export type FieldLevel = (typeof fieldLevels)[number];

/** The name of a role for all entities that it does not name. */
export const everyEntity = '*';
/** Who sees which shares there are sees which records there are: `*` gives nothing of them, but in the administrator's role. */
const ofShares = 'core.share';
const administrator = 'core.administrator';

export function isOverRows(right: Right): right is 'read' | 'update' | 'delete' {
  return overRows.has(right);
}

/** What a role says of an entity, and whether it names it or means it by `*`. Rights that it leaves out are "none" and false. */
export interface Grant {
  readonly isNamed: boolean;
  readonly rights: Readonly<Record<Right, Extent | boolean>>;
  /** CEL: further records to read; '' where there is none. */
  readonly readWhen: string;
}

export function grantOf(role: string, document: Json, entity: string): Grant {
  const named = elementOf(document, entity);
  const found = named ?? elementOf(document, everyEntity);
  const isUnnamed = named === undefined && entity !== everyEntity && role !== administrator;
  const given = rights.map((right) => {
    const nothing = isOverRows(right) ? 'none' : false;
    const isHeld = isUnnamed && (entity === ofShares || (identityEntities.has(entity) && writes.has(right)));
    return [right, isHeld ? nothing : (found?.[right] ?? nothing)] as const;
  });
  return {
    isNamed: named !== undefined,
    rights: Object.fromEntries(given) as Record<Right, Extent | boolean>,
    readWhen: textOf(found, 'readWhen'),
  };
}

/** The operations that give or take a right. An entity that `*` stood for is named from then on, with all else as it was. */
export function setRight(role: string, document: Json, entity: string, right: Right | 'readWhen', value: unknown) {
  const of = { type: 'role', id: role };
  const at = pointer('grants', entity, right);
  const grant = grantOf(role, document, entity);
  if (grant.isNamed)
    return [value === '' ? ({ ...of, op: 'unset', at } as const) : ({ ...of, op: 'set', at, value } as const)];
  const { readWhen, rights: given } = grant;
  const whole = { entity, ...given, ...(readWhen ? { readWhen } : {}), ...(value === '' ? {} : { [right]: value }) };
  const insert: WorkspaceOperation = {
    ...of,
    op: 'insert-before',
    at: pointer('grants', entity),
    value: whole,
    before: null,
  };
  return [insert];
}

/** The operations by which `*` counts for an entity again. */
export function dropGrant(role: string, entity: string): WorkspaceOperation[] {
  return [{ type: 'role', id: role, op: 'remove', at: pointer('grants', entity) }];
}

/** What a role says of a field; null: as its record. */
export function fieldLevelOf(document: Json, entity: string, field: string): FieldLevel | null {
  const found = listOf(document, 'fields').find((one) => one.entity === entity && one.field === field);
  return found === undefined ? null : (found.access as FieldLevel);
}

export function setFieldLevel(
  role: string,
  document: Json,
  entity: string,
  field: string,
  level: FieldLevel | null,
): WorkspaceOperation[] {
  const of = { type: 'role', id: role };
  const at = pointer('fields', `${entity}.${field}`);
  const known = fieldLevelOf(document, entity, field);
  if (known === level) return [];
  if (level === null) return [{ ...of, op: 'remove', at }];
  if (known !== null) return [{ ...of, op: 'set', at: `${at}/access`, value: level }];
  return [{ ...of, op: 'insert-before', at, value: { entity, field, access: level }, before: null }];
}

/** A new role: what every member may do with users, teams and the like, and nothing of anything else. */
export function newRole(title: string, member: Json | undefined): Json {
  const basics = listOf(member, 'grants').filter((grant) => textOf(grant, 'entity').startsWith('core.'));
  return { title, grants: basics };
}

/** The same role under another name. */
export function copyOf(document: Json, title: string): Json {
  const { $schema: _schema, ...rest } = document;
  return { ...rest, title };
}

function elementOf(document: Json, entity: string): Json | undefined {
  return listOf(document, 'grants').find((grant) => grant.entity === entity);
}
