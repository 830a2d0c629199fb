import type { Catalog } from '../catalog/index.js';
import { checkExpression, type CheckedExpression } from '../expression/index.js';
import type { FieldLevel, RowLimit, RowPart, RowScope, Scoped } from '../query/index.js';
import { exprScope, type EntityModel } from '../schema/index.js';
import type { Actor } from '../sdk/index.js';
import { uniteFields, type EntityGrant, type RoleGrant, type Rows } from './grants.js';

type Fields = ReadonlyMap<string, FieldLevel>;
type Way = Omit<RowPart, 'fields'>;
type Level = 'read' | 'edit';

/** What the ways to rows are found for. */
export interface ReachInput {
  readonly actor: Actor;
  readonly catalog: Catalog;
  readonly entity: EntityModel;
  readonly grant: EntityGrant;
  /** The actor's scope of another entity at a level; null where none of it is reached. */
  scopeOf(entity: string, level: Level): Scoped | null;
}

export type Writing = 'create' | 'update' | 'delete' | 'purge';

/** Rows that the actor may read, each way with the fields that roles let it show. */
export function readReach(input: ReachInput): RowScope {
  const roles = input.grant.by.map((role) => ({ role, rows: role.grant.read ?? 'none' }));
  const whens = roles.flatMap(({ role, rows }) => {
    if (rows !== 'own' || role.grant.readWhen === undefined) return [];
    const expression = checked(input, role.grant.readWhen);
    const why = { kind: 'role', id: role.id } as const;
    return expression ? [{ role, way: { why, rows: { by: 'when', expression, asSystem: false } } as Way }] : [];
  });
  return reach(input, roles, 'read', whens, (key, told) => [[key, told === 'edit' ? 'read' : told]]);
}

/**
 * Rows that the actor may change, delete or purge, or of which the new one may be. `own` is what reaches it for editing. Who may
 * read or change all makes records for everybody.
 */
export function writeReach(input: ReachInput, operation: Writing): RowScope {
  const roles = input.grant.by.map((role) => ({ role, rows: writtenRows(role.grant, operation, input.actor) }));
  const isOfFields = operation === 'create' || operation === 'update';
  return reach(input, roles, 'edit', [], (key, told) => (isOfFields && told === 'edit' ? [[key, told]] : []));
}

function writtenRows(grant: RoleGrant['grant'], operation: Writing, actor: Actor): Rows {
  if (operation === 'create') {
    if (grant.create !== true) return 'none';
    // A public door is nobody, and what it makes nobody's.
    return grant.update === 'all' || grant.read === 'all' || actor.kind === 'system' ? 'all' : 'own';
  }
  if (operation === 'purge' && grant.purge !== true) return 'none';
  return grant[operation === 'update' ? 'update' : 'delete'] ?? 'none';
}

interface Holder {
  readonly role: RoleGrant;
  readonly rows: Rows;
}

function reach(
  input: ReachInput,
  holders: readonly Holder[],
  level: Level,
  whens: readonly { readonly role: RoleGrant; readonly way: Way }[],
  shape: (key: string, told: FieldLevel) => [string, FieldLevel][],
): RowScope {
  const { grant } = input;
  const kept = (fields: Fields): Fields =>
    new Map([...fields].flatMap(([key, told]) => (grant.fields.has(key) ? shape(key, told) : [])));
  const past = holders.filter(({ rows }) => rows === 'all').map(({ role }) => role);
  const own = holders.filter(({ rows }) => rows === 'own').map(({ role }) => role);
  const parts: RowPart[] = [];
  const ofAll = kept(uniteFields(past.map(({ fields }) => fields)));
  for (const { id } of past) parts.push({ why: { kind: 'role', id }, rows: { by: 'all' }, fields: ofAll });
  const add = (ways: readonly Way[], roles: readonly RoleGrant[]): void => {
    const fields = kept(uniteFields([...past, ...roles].map((role) => role.fields)));
    if (past.length > 0 && isSame(fields, ofAll)) return;
    const known = parts.find((part) => isSame(part.fields, fields))?.fields ?? fields;
    for (const way of ways) parts.push({ ...way, fields: known });
  };
  if (own.length > 0) add(sharedWays(input, level), own);
  for (const { role, way } of whens) add([way], [role]);
  const only = limitsOf(input);
  if (parts.length === 0) return { kind: 'none' };
  if (only.length === 0 && parts.every(({ rows }) => rows.by === 'all')) return { kind: 'all' };
  return { kind: 'some', parts, only };
}

/** How rows reach an actor that goes not past sharing. */
function sharedWays({ actor, catalog, entity, scopeOf }: ReachInput, level: Level): Way[] {
  const ways: Way[] = [];
  if (entity.ownership === 'principal') {
    const principals = actor.kind === 'user' ? actor.principals : [];
    ways.push({ why: { kind: 'ownership' }, rows: { by: 'owners', principals } });
    // The kernel's own records, such as saved views, are nobody's work.
    if (actor.kind === 'user' && actor.reach?.hasReports && entity.plugin !== 'core')
      ways.push({ why: { kind: 'hierarchy' }, rows: { by: 'reports', superior: actor.userId } });
  }
  const { access } = entity;
  if (access.default === 'edit' || access.default === level)
    ways.push({ why: { kind: 'default' }, rows: { by: 'all' } });
  if (access.default === 'parent') {
    const link = entity.fields.get(access.parent);
    const scope = link?.kind.relation === 'one' ? scopeOf(link.to[0], level) : null;
    if (link && scope && scope.rows.kind !== 'none')
      ways.push({ why: { kind: 'parent', id: link.key }, rows: { by: 'parent', link, scope } });
  }
  ways.push(...ruleWays(catalog, actor, entity, level));
  if (actor.kind === 'user' && actor.reach?.shared.includes(entity.id))
    ways.push({ why: { kind: 'share' }, rows: { by: 'shared', principals: actor.principals, level } });
  return ways;
}

/** Users by their roles, and by names of teams and territories. */
interface Holders {
  readonly roles?: readonly string[];
  readonly teams?: readonly string[];
  readonly territories?: readonly string[];
}

interface SharingRule {
  readonly entity: string;
  readonly access: Level;
  readonly to: Holders & { readonly everyone?: boolean };
  readonly ownedBy?: Holders;
  readonly when?: string;
  readonly until?: string;
  readonly off?: boolean;
}

function ruleWays(catalog: Catalog, actor: Actor, entity: EntityModel, level: Level): Way[] {
  const ways: Way[] = [];
  for (const [id, { document }] of catalog.definitions('sharing-rule')) {
    const rule = document as unknown as SharingRule;
    if (rule.off || rule.entity !== entity.id || (level === 'edit' && rule.access !== 'edit') || !isFor(rule.to, actor))
      continue;
    const why = { kind: 'rule', id } as const;
    const end = endOf(rule);
    if (end === null) continue;
    const { ownedBy } = rule;
    if (ownedBy && entity.ownership === 'principal')
      ways.push({ why, rows: { by: 'holders', roles: [], teams: [], territories: [], ...ownedBy, ...end } });
    const expression = rule.when === undefined ? null : checked({ catalog, entity }, rule.when);
    if (expression) ways.push({ why, rows: { by: 'when', expression, asSystem: true, ...end } });
  }
  return ways;
}

/** When a rule ends; null: that is no instant, and the rule shares nothing. */
function endOf({ until }: SharingRule): { until?: string } | null {
  if (until === undefined) return {};
  const end = new Date(until);
  return Number.isNaN(end.getTime()) ? null : { until: end.toISOString() };
}

function isFor({ roles = [], teams = [], territories = [], everyone }: SharingRule['to'], actor: Actor): boolean {
  if (roles.some((role) => actor.roles?.includes(role))) return true;
  if (actor.kind !== 'user') return false;
  if (everyone === true || teams.some((team) => actor.reach?.teams.includes(team))) return true;
  return territories.some((territory) => actor.reach?.territories.includes(territory));
}

/** Restriction rules that apply to the actor; one that does not check leaves nothing. */
function limitsOf({ actor, catalog, entity }: ReachInput): RowLimit[] {
  const limits: RowLimit[] = [];
  for (const [id, { document }] of catalog.definitions('restriction-rule')) {
    const rule = document as unknown as { entity: string; when: string; roles?: readonly string[]; off?: boolean };
    const applies =
      rule.roles === undefined
        ? actor.roles?.includes('core.administrator') === false
        : rule.roles.some((role) => actor.roles?.includes(role));
    if (!rule.off && rule.entity === entity.id && applies)
      limits.push({ id, expression: checked({ catalog, entity }, rule.when) });
  }
  return limits;
}

/** A condition; null where it does not check: an upgrade may have taken away what it names. */
function checked(
  { catalog, entity }: Pick<ReachInput, 'catalog' | 'entity'>,
  source: string,
): CheckedExpression | null {
  try {
    return checkExpression(source, exprScope(catalog.schema, entity.id), { t: 'boolean' });
  } catch {
    return null;
  }
}

function isSame(a: Fields, b: Fields): boolean {
  return a.size === b.size && [...a].every(([key, level]) => b.get(key) === level);
}
