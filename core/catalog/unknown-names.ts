import { didYouMean } from '../base/suggest.js';
import { list } from './check-names.js';
import type { Catalog, Definition } from './types.js';

type Document = Definition['document'];

/** A rule, and how it was before it was changed; null: not at all. */
export interface NamingRule {
  readonly type: string;
  readonly id: string;
  readonly before: Document | null;
  readonly after: Document | null;
}

/** A role, team or territory that a rule names and that is not there. */
export interface UnknownName {
  readonly type: string;
  readonly id: string;
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

type Kind = 'role' | 'team' | 'territory';
type Ask = <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

/** Where rules name whom; `''` is the document itself. */
const places: Readonly<Record<string, readonly string[]>> = {
  'sharing-rule': ['to', 'ownedBy'],
  'restriction-rule': [''],
};
const kinds: readonly (readonly [string, Kind, string])[] = [
  ['roles', 'role', 'definition.unknown_role'],
  ['teams', 'team', 'definition.unknown_team'],
  ['territories', 'territory', 'definition.unknown_territory'],
];
const suggestedFrom = 2_000;

/**
 * What sharing and restriction rules name beyond what they named before and what is there: roles of the catalog, teams and territories of
 * the data. Definitions of other types are passed over.
 */
export async function findUnknownNames(
  ask: Ask,
  catalog: Pick<Catalog, 'schema' | 'definitions'>,
  rules: readonly NamingRule[],
): Promise<UnknownName[]> {
  const named = rules.flatMap((rule) =>
    (places[rule.type] ?? []).flatMap((place) =>
      kinds.flatMap(([key, kind]) => {
        const before = list(objectAt(rule.before, place)[key]);
        return list(objectAt(rule.after, place)[key]).flatMap((name, i) =>
          before.includes(name)
            ? []
            : [{ rule, kind, name: String(name), pointer: `${place && `/${place}`}/${key}/${i}` }],
        );
      }),
    ),
  );
  const found: UnknownName[] = [];
  for (const [, kind, code] of kinds) {
    const wanted = named.filter((each) => each.kind === kind);
    if (wanted.length === 0) continue;
    const { there, others } = await known(ask, catalog, kind, [...new Set(wanted.map(({ name }) => name))]);
    for (const { rule, name, pointer } of wanted)
      if (!there.has(name))
        found.push({
          type: rule.type,
          id: rule.id,
          pointer,
          code,
          message: `unknown ${kind} "${name}".${didYouMean(name, others)}`,
        });
  }
  return found;
}

/** Which of the names are there, and what else could be meant. */
async function known(
  ask: Ask,
  { schema, definitions }: Pick<Catalog, 'schema' | 'definitions'>,
  kind: Kind,
  names: readonly string[],
): Promise<{ there: ReadonlySet<string>; others: readonly string[] }> {
  if (kind === 'role') {
    const roles = [...definitions('role').keys()];
    return { there: new Set(roles), others: roles };
  }
  const entity = schema.entities.get(`core.${kind}`);
  if (!entity) return { there: new Set(), others: [] };
  const from = `select name from ${entity.table} where deleted_at is null`;
  const present = await ask<{ name: string }>(`${from} and name = any($1::text[])`, [names]);
  const there = new Set(present.map(({ name }) => name));
  if (names.every((name) => there.has(name))) return { there, others: [] };
  const others = await ask<{ name: string }>(`${from} order by name limit ${suggestedFrom}`);
  return { there, others: others.map(({ name }) => name) };
}

function objectAt(document: Document | null, place: string): Readonly<Record<string, unknown>> {
  const value = place === '' ? document : document?.[place];
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
