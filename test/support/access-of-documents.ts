/** Definitions that decide over access, as they are in effect. */
export type State = readonly {
  readonly type: string;
  readonly id: string;
  readonly document: Readonly<Record<string, unknown>>;
}[];

interface Grant {
  readonly entity: string;
  readonly read?: string;
  readonly readWhen?: string;
  readonly update?: string;
  readonly delete?: string;
  readonly [right: string]: unknown;
}

interface Role {
  readonly id: string;
  readonly grants: readonly Grant[];
  readonly fields: readonly { readonly entity: string; readonly field: string; readonly access: string }[];
}

interface Whom {
  readonly roles?: readonly string[];
  readonly teams?: readonly string[];
  readonly everyone?: boolean;
}

interface Rule {
  readonly entity: string;
  readonly off?: boolean;
  readonly until?: string;
  readonly access: string;
  readonly to: Whom;
  readonly ownedBy?: Whom;
  readonly when?: string;
  readonly roles?: readonly string[];
}

interface Row {
  readonly name: string;
  readonly owner: Person | 'me' | null;
  /** Conditions that hold. */
  readonly holds: readonly string[];
  /** What one may do with the record behind each link. */
  readonly parents: Readonly<Record<string, string>>;
}

interface Person {
  readonly roles: readonly string[];
  readonly teams: readonly string[];
}

const levels = ['none', 'masked', 'read', 'edit'];
const people: readonly Person[] = [
  { roles: ['a.r'], teams: [] },
  { roles: ['a.s'], teams: ['T'] },
  { roles: ['a.r', 'a.s'], teams: ['U'] },
  // With a role beside it, a rule that turns from that role to everybody would let go of it; who may change the rule is not held up.
  { roles: ['core.administrator'], teams: [] },
];
const rows: readonly Row[] = (['me', people[0], people[1], null] as const).flatMap((owner, i) =>
  [[], ['p'], ['q'], ['p', 'q']].flatMap((holds) =>
    [
      { k: 'none', l: 'none' },
      { k: 'read', l: 'edit' },
      { k: 'edit', l: 'read' },
      { k: 'none', l: 'read' },
    ].map((parents): Row => ({ name: `${i}${holds.join('')}${parents.k}${parents.l}`, owner, holds, parents })),
  ),
);

/**
 * All that anybody may do, as words, worked out by plain loops from docs/decisions/0015: rights, rows of kinds, fields of theirs, and what
 * fields of the system tell. Knows nothing of core.
 */
export function may(state: State): ReadonlySet<string> {
  const later = [...mayAt(state, true)].map((words) => `later ${words}`);
  return new Set([...mayAt(state, false), ...later]);
}

/** Now, or after all instants at which sharing rules end. */
function mayAt(state: State, isLater: boolean): ReadonlySet<string> {
  const of = <T>(type: string): T[] =>
    state.flatMap((one) => (one.type === type ? [{ ...one.document, id: one.id } as unknown as T] : []));
  const roles = of<Role>('role');
  const sharing = of<Rule>('sharing-rule').filter(({ off, until }) => off !== true && !(isLater && until));
  const limits = of<Rule>('restriction-rule').filter(({ off }) => off !== true);
  const found = new Set<string>();
  for (const { id: entity, document } of state.filter(({ type }) => type === 'entity')) {
    const { access } = document['x-entity'] as { access?: { default: string; parent?: string } };
    for (const [key, property] of Object.entries(document.properties as Record<string, { 'x-field'?: object }>)) {
      const x = property['x-field'] as { systemComputed?: boolean; expression?: string } | undefined;
      if (x?.systemComputed) found.add(`everybody is told by ${entity}.${key}: ${x.expression}`);
    }
    for (const [n, person] of people.entries()) {
      const isAdministrator = person.roles.includes('core.administrator');
      const mine = roles
        .filter(({ id }) => person.roles.includes(id))
        .map((role) => ({
          grant:
            role.grants.find((one) => one.entity === entity) ?? role.grants.find((one) => one.entity === '*') ?? {},
          fields: (role.fields ?? []).filter((one) => one.entity === entity),
        })) as { grant: Partial<Grant>; fields: Role['fields'] }[];
      for (const right of ['create', 'purge', 'import', 'export', 'share', 'assign'])
        if (mine.some(({ grant }) => grant[right] === true)) found.add(`${n} may ${right} ${entity}`);
      const isFor = (whom: Whom, one: Person): boolean =>
        (whom.roles ?? []).some((role) => one.roles.includes(role)) ||
        (whom.teams ?? []).some((team) => one.teams.includes(team));
      for (const row of rows) {
        const isLeft = limits
          .filter((one) => one.entity === entity)
          .every(
            ({ roles: named, when }) =>
              !(named ? named.some((role) => person.roles.includes(role)) : !isAdministrator) ||
              row.holds.includes(String(when)),
          );
        if (!isLeft) continue;
        const reached = (level: string): boolean => {
          const isEnough = (given: string | undefined): boolean =>
            given === 'edit' || (given === 'read' && level === 'read');
          if (row.owner === 'me') return true;
          if (access?.default === 'parent' ? isEnough(row.parents[access.parent ?? '']) : isEnough(access?.default))
            return true;
          return sharing.some(
            (rule) =>
              rule.entity === entity &&
              isEnough(rule.access) &&
              (rule.to.everyone === true || isFor(rule.to, person)) &&
              (rule.when === undefined
                ? row.owner !== null && rule.ownedBy !== undefined && isFor(rule.ownedBy, row.owner as Person)
                : row.holds.includes(rule.when)),
          );
        };
        const readers = mine.filter(
          ({ grant }) =>
            grant.read === 'all' ||
            (grant.read === 'own' &&
              (reached('read') || (grant.readWhen !== undefined && row.holds.includes(grant.readWhen)))),
        );
        if (readers.length > 0) found.add(`${n} reads ${row.name} of ${entity}`);
        for (const operation of ['update', 'delete'])
          if (mine.some(({ grant }) => grant[operation] === 'all' || (grant[operation] === 'own' && reached('edit'))))
            found.add(`${n} may ${operation} ${row.name} of ${entity}`);
        for (const key of ['m', 'n']) {
          const most = Math.max(
            0,
            ...readers.map(({ fields }) => levels.indexOf(fields.find((one) => one.field === key)?.access ?? 'edit')),
          );
          for (const level of levels.slice(1, most + 1))
            found.add(`${n}: ${key} of ${row.name} of ${entity}: ${level}`);
        }
      }
    }
  }
  return found;
}
