/**
 * Who may see and do what, worked out by plain loops over arrays from docs/decisions/0015 alone: what the SQL is compared with. Knows
 * nothing of core.
 */
export type Level = 'read' | 'edit';
export type Access = 'masked' | 'read' | 'edit';
export type Rows = 'all' | 'own' | 'none';
export type EntityName = 'account' | 'deal' | 'item';

export interface Row {
  readonly id: string;
  readonly owner: string | null;
  readonly deleted: boolean;
  /** account: name, city, score, secret. deal: name, account, stage, amount. item: name, deal, kind. */
  readonly values: Readonly<Record<string, string | number | null>>;
}

export interface Grant {
  readonly entity: string;
  readonly read: Rows;
  readonly update: Rows;
  readonly delete: Rows;
  readonly create: boolean;
  readonly purge: boolean;
  readonly assign: boolean;
  /** Index of a condition of the entity. */
  readonly readWhen?: number;
}

export interface Role {
  readonly id: string;
  readonly grants: readonly Grant[];
  readonly fields: readonly { readonly entity: string; readonly field: string; readonly access: 'none' | Access }[];
}

export interface Person {
  readonly id: string;
  readonly roles: readonly string[];
  /** Indexes of teams. */
  readonly teams: readonly number[];
  /** Indexes of territories. */
  readonly territories: readonly number[];
  /** Index of a person. */
  readonly reportsTo: number | null;
}

/** Users by roles, and by indexes of teams and territories. */
export interface Holders {
  readonly roles?: readonly string[];
  readonly teams?: readonly number[];
  readonly territories?: readonly number[];
}

export interface SharingRule {
  readonly entity: EntityName;
  readonly access: Level;
  readonly to: Holders & { readonly everyone?: true };
  readonly ownedBy?: Holders;
  readonly when?: number;
  /** That it has an end, and whether that has passed. */
  readonly isOver?: boolean;
}

export interface World {
  readonly people: readonly Person[];
  /** Ids; the name of the n-th is `Team n`. */
  readonly teams: readonly string[];
  /** The name of the n-th is `Territory n`; `above`: index of the one that it is part of. */
  readonly territories: readonly { readonly id: string; readonly above: number | null }[];
  readonly roles: readonly Role[];
  readonly defaults: Readonly<Record<EntityName, 'private' | 'read' | 'edit' | 'parent'>>;
  readonly rules: readonly SharingRule[];
  readonly limits: readonly {
    readonly entity: EntityName;
    readonly when: number;
    readonly roles?: readonly string[];
  }[];
  readonly shares: readonly {
    readonly entity: EntityName;
    readonly record: string;
    readonly principal: string;
    readonly level: Level;
    readonly isOver: boolean;
  }[];
  readonly rows: Readonly<Record<EntityName, readonly Row[]>>;
}

export const fieldsOf: Readonly<Record<EntityName, readonly string[]>> = {
  account: ['name', 'city', 'score', 'secret', 'total'],
  deal: ['name', 'account', 'stage', 'amount', 'twice'],
  item: ['name', 'deal', 'kind'],
};
const parents: Readonly<Partial<Record<EntityName, { readonly link: string; readonly entity: EntityName }>>> = {
  deal: { link: 'account', entity: 'account' },
  item: { link: 'deal', entity: 'deal' },
};
const maskable = new Set(['name', 'city', 'score', 'secret', 'stage', 'amount', 'kind']);

interface Condition {
  readonly source: string;
  /** `account`: the linked account as far as the condition sees it. */
  holds(row: Row, account: Row | null): boolean;
}

/** Conditions that rules, limits and roles choose from, in CEL and in words of this file. */
export const conditions: Readonly<Record<EntityName, readonly Condition[]>> = {
  account: [
    { source: 'city == "a"', holds: ({ values }) => values.city === 'a' },
    { source: 'score > 5', holds: ({ values }) => values.score !== null && Number(values.score) > 5 },
    { source: 'city == "b" || secret == "s1"', holds: ({ values }) => values.city === 'b' || values.secret === 's1' },
  ],
  deal: [
    { source: 'stage == "won"', holds: ({ values }) => values.stage === 'won' },
    { source: 'account.city == "a"', holds: (_row, account) => account?.values.city === 'a' },
    {
      source: 'amount >= 3 && stage != "lost"',
      holds: ({ values }) => values.amount !== null && Number(values.amount) >= 3 && values.stage !== 'lost',
    },
  ],
  item: [{ source: 'kind == "x"', holds: ({ values }) => values.kind === 'x' }],
};

/** The rules applied to one world. */
export class AccessModel {
  constructor(private readonly world: World) {}

  /** Fields that the person sees of the row, and how; null: the row does not exist for it. Deleted rows are judged like others. */
  seen(person: Person, entity: EntityName, row: Row): Map<string, Access> | null {
    if (!this.isWithinLimits(person, entity, row)) return null;
    const roles = this.rolesOf(person).filter((role) => {
      const grant = grantOf(role, entity);
      if (grant?.read === 'all') return true;
      if (grant?.read !== 'own') return false;
      return this.isReached(person, entity, row, 'read') || this.holdsReadWhen(person, entity, row, grant.readWhen);
    });
    return roles.length === 0 ? null : this.united(person, entity, roles);
  }

  /** True where the person may change, delete or purge the row; that it sees the row is another question. */
  may(person: Person, operation: 'update' | 'delete' | 'purge', entity: EntityName, row: Row): boolean {
    return this.isWithinLimits(person, entity, row) && this.writers(person, operation, entity, row).length > 0;
  }

  /** Keys that the person may set in the row by an update. */
  settable(person: Person, entity: EntityName, row: Row): Set<string> {
    const united = this.united(person, entity, this.writers(person, 'update', entity, row));
    return new Set([...united].filter(([, access]) => access === 'edit').map(([key]) => key));
  }

  mayAssign(person: Person, entity: EntityName): boolean {
    return this.rolesOf(person).some((role) => grantOf(role, entity)?.assign === true);
  }

  mayCreate(person: Person, entity: EntityName): boolean {
    return this.rolesOf(person).some((role) => grantOf(role, entity)?.create === true);
  }

  /** True where the person may make a record like the row. */
  mayMake(person: Person, entity: EntityName, row: Row): boolean {
    if (!this.isWithinLimits(person, entity, row)) return false;
    return this.rolesOf(person).some((role) => {
      const grant = grantOf(role, entity);
      if (grant?.create !== true) return false;
      return grant.update === 'all' || grant.read === 'all' || this.isReached(person, entity, row, 'edit');
    });
  }

  /** Union over all roles that let read something of the entity. */
  known(person: Person, entity: EntityName): Map<string, Access> {
    const readers = this.rolesOf(person).filter((role) => (grantOf(role, entity)?.read ?? 'none') !== 'none');
    return this.united(person, entity, readers);
  }

  readsSome(person: Person, entity: EntityName): boolean {
    return this.rolesOf(person).some((role) => (grantOf(role, entity)?.read ?? 'none') !== 'none');
  }

  private rolesOf(person: Person): Role[] {
    return this.world.roles.filter(({ id }) => person.roles.includes(id));
  }

  private writers(person: Person, operation: 'update' | 'delete' | 'purge', entity: EntityName, row: Row): Role[] {
    return this.rolesOf(person).filter((role) => {
      const grant = grantOf(role, entity);
      if (!grant || (operation === 'purge' && !grant.purge)) return false;
      const rows = operation === 'update' ? grant.update : grant.delete;
      return rows === 'all' || (rows === 'own' && this.isReached(person, entity, row, 'edit'));
    });
  }

  /** The most that any of the roles allows; a computed field only where what it is computed from can be read at all. */
  private united(person: Person, entity: EntityName, roles: readonly Role[]): Map<string, Access> {
    const order = ['none', 'masked', 'read', 'edit'];
    const found = new Map<string, Access>();
    for (const role of roles)
      for (const field of fieldsOf[entity]) {
        const access = accessOf(role, entity, field);
        if (access !== 'none' && order.indexOf(access) > order.indexOf(found.get(field) ?? 'none'))
          found.set(field, access);
      }
    for (const [field, from, input] of [
      ['twice', 'deal', 'amount'],
      ['total', 'deal', 'amount'],
    ] as const) {
      if (!found.has(field)) continue;
      const readers = this.rolesOf(person).filter((role) => (grantOf(role, from)?.read ?? 'none') !== 'none');
      if (!readers.some((role) => ['read', 'edit'].includes(accessOf(role, from, input)))) found.delete(field);
    }
    return found;
  }

  /** By ownership, hierarchy, default, parent, rules and shares. */
  private isReached(person: Person, entity: EntityName, row: Row, level: Level): boolean {
    const { world } = this;
    const worked = world.territories.filter((_, n) => this.chain(n).some((at) => person.territories.includes(at)));
    const mine = [person.id, ...person.teams.map((n) => world.teams[n]), ...worked.map(({ id }) => id)];
    const hasOwner = entity !== 'item';
    if (hasOwner && row.owner !== null) {
      if (mine.includes(row.owner)) return true;
      if (this.isBelow(row.owner, person)) return true;
    }
    const standard = world.defaults[entity];
    if (standard === 'edit' || standard === level) return true;
    const parent = parents[entity];
    if (standard === 'parent' && parent) {
      const above = world.rows[parent.entity].find(({ id }) => id === row.values[parent.link]);
      const isOpen =
        above &&
        (level === 'read' ? this.seen(person, parent.entity, above) : this.isEditable(person, parent.entity, above));
      if (isOpen) return true;
    }
    const isRuled = world.rules.some(
      (rule) =>
        rule.entity === entity &&
        rule.isOver !== true &&
        (level === 'read' || rule.access === 'edit') &&
        this.isFor(rule, person) &&
        this.isOf(rule, entity, row),
    );
    if (isRuled) return true;
    return world.shares.some(
      (share) =>
        share.entity === entity &&
        share.record === row.id &&
        !share.isOver &&
        (level === 'read' || share.level === 'edit') &&
        mine.includes(share.principal),
    );
  }

  private isEditable(person: Person, entity: EntityName, row: Row): boolean {
    return this.readsSome(person, entity) && this.may(person, 'update', entity, row);
  }

  private isBelow(owner: string, person: Person): boolean {
    let at = this.world.people.find(({ id }) => id === owner);
    while (at && at.reportsTo !== null) {
      at = this.world.people[at.reportsTo];
      if (at.id === person.id) return true;
    }
    return false;
  }

  private isFor({ to }: SharingRule, person: Person): boolean {
    return (
      to.everyone === true ||
      (to.roles ?? []).some((role) => person.roles.includes(role)) ||
      (to.teams ?? []).some((team) => person.teams.includes(team)) ||
      (to.territories ?? []).some((named) => this.chain(named).some((at) => person.territories.includes(at)))
    );
  }

  /** A territory, what it is part of, and so on up. */
  private chain(territory: number): number[] {
    const found: number[] = [];
    for (let at: number | null = territory; at !== null; at = this.world.territories[at].above) found.push(at);
    return found;
  }

  private isOf({ ownedBy, when }: SharingRule, entity: EntityName, row: Row): boolean {
    if (when !== undefined) return this.holds(entity, row, when);
    if (!ownedBy || row.owner === null) return false;
    const owner = this.world.people.find(({ id }) => id === row.owner);
    return (
      (ownedBy.roles ?? []).some((role) => owner?.roles.includes(role)) ||
      (ownedBy.teams ?? []).some((team) => row.owner === this.world.teams[team] || owner?.teams.includes(team)) ||
      (ownedBy.territories ?? []).some((named) =>
        this.world.territories.some(
          ({ id }, n) => this.chain(n).includes(named) && (row.owner === id || owner?.territories.includes(n)),
        ),
      )
    );
  }

  private isWithinLimits(person: Person, entity: EntityName, row: Row): boolean {
    return this.world.limits.every(
      (limit) =>
        limit.entity !== entity ||
        (limit.roles !== undefined && !limit.roles.some((role) => person.roles.includes(role))) ||
        this.holds(entity, row, limit.when),
    );
  }

  /** As the system sees it. */
  private holds(entity: EntityName, row: Row, when: number): boolean {
    return conditions[entity][when].holds(row, this.accountOf(row));
  }

  /** As the reader sees the linked account's row, all its fields included. */
  private holdsReadWhen(person: Person, entity: EntityName, row: Row, when: number | undefined): boolean {
    if (when === undefined) return false;
    const account = this.accountOf(row);
    return conditions[entity][when].holds(row, account && this.seen(person, 'account', account) ? account : null);
  }

  private accountOf(row: Row): Row | null {
    return this.world.rows.account.find(({ id, deleted }) => id === row.values.account && !deleted) ?? null;
  }
}

function grantOf(role: Role, entity: EntityName): Grant | undefined {
  return (
    role.grants.find((grant) => grant.entity === `w.${entity}`) ?? role.grants.find((grant) => grant.entity === '*')
  );
}

function accessOf(role: Role, entity: EntityName, field: string): 'none' | Access {
  const rule = role.fields.find((each) => each.entity === `w.${entity}` && each.field === field);
  if (rule?.access === 'masked' && !maskable.has(field)) return 'none';
  return rule?.access ?? 'edit';
}
