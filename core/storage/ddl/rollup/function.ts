import { quoteName, type EntityModel, type FieldModel } from '../../../schema/index.js';
import { dataSchema, qualified } from '../names.js';
import { contributionOf, type Contribution } from './contribution.js';
import { rollupSql, type RollupSql } from './deltas.js';

/** All rollups of one entity over one link, kept by one function. */
export interface RollupSet {
  /** Name of the function. */
  readonly name: string;
  readonly parent: EntityModel;
  readonly child: EntityModel;
  /** The child's link to the parent. */
  readonly link: FieldModel;
  readonly rollups: readonly FieldModel[];
}

/**
 * The body of the function that the triggers of a link call, once a statement. It locks the parents for whom anything changes, in
 * the order of their ids and in a statement of its own, so that the update after it sees what others committed meanwhile; then it
 * adds the differences, and reads all children of a parent only where a difference does not tell: an extreme that was taken
 * away, a change of currency. Deterministic: planning compares its hash.
 */
export function functionBody(set: RollupSet, schema: string = dataSchema): string {
  const { parent, child, rollups } = set;
  const link = quoteName(set.link.kind.columns(set.link)[0].name);
  const parts = rollups.map((field, n) => rollupSql(contributionOf(field, child, 'x'), n));
  const table = qualified(parent.tableName, schema);
  const branch = (rows: string): string => `
    perform 1 from ${table} p where p.id in (select parent from (${rows}) c where parent is not null group by parent having ${parts.map(({ changed }) => changed).join(' or ')}) order by p.id for no key update;
    if found then
      ${updateSql(set, parts, rows, link, schema)};
    end if;`;
  const rowsOf = (source: string, sign: number): string =>
    `select x.${link} as parent, ${sign} as s, ${contributions(set, 'x')} from ${source} x`;
  return `
begin
  if tg_op = 'INSERT' then${branch(rowsOf('new_rows', 1))}
  elsif tg_op = 'DELETE' then${branch(rowsOf('old_rows', -1))}
  else${branch(`${rowsOf('old_rows', -1)} union all ${rowsOf('new_rows', 1)}`)}
  end if;
  return null;
end
`;
}

/**
 * The statement that makes it. The planner knows nothing of how many rows a statement touched, and keeps its plan: without the
 * settings one large statement would leave a plan that reads all parents for each small one after it.
 */
export function functionSql(set: RollupSet, schema: string): string {
  const body = functionBody(set, schema);
  let tag = '$rollup$';
  for (let n = 1; body.includes(tag); n++) tag = `$rollup${n}$`;
  return `create or replace function ${qualified(set.name, schema)}() returns trigger language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off as ${tag}${body}${tag}`;
}

/** The statement that computes one rollup for the parents in $1 (uuid[]), which are locked, from all their children. */
export function fillSql(set: RollupSet, field: FieldModel, schema: string = dataSchema): string {
  const link = quoteName(set.link.kind.columns(set.link)[0].name);
  const contribution = contributionOf(field, set.child, 'x');
  const part = rollupSql(contribution, 0);
  const all = childrenSql({ ...set, rollups: [field] }, [part], link, 'i.id', 'true', schema);
  const assigned = part.fill.map(([column, sql]) => `${column} = ${sql}`).join(', ');
  return `update ${qualified(set.parent.tableName, schema)} p set ${assigned} from unnest($1::uuid[]) as i(id) cross join lateral (${all}) r where p.id = i.id`;
}

function updateSql(set: RollupSet, parts: readonly RollupSql[], rows: string, link: string, schema: string): string {
  const table = qualified(set.parent.tableName, schema);
  const deltas = `select parent, ${parts.flatMap((part) => part.deltas).join(', ')} from (${rows}) c where parent is not null group by parent having ${parts.map(({ changed }) => changed).join(' or ')}`;
  const assigned = parts
    .flatMap((part) => part.set)
    .map(([column, sql]) => `${column} = ${sql}`)
    .join(', ');
  const needs = parts.flatMap(({ needs: need }) => (need === null ? [] : [need]));
  const needing = parts.filter((part) => part.needs !== null);
  const all =
    needs.length === 0
      ? ''
      : ` left join lateral (${childrenSql(set, parts, link, 'q.id', needs.join(' or '), schema, needing)}) r on true`;
  return `update ${table} p set ${assigned} from (${deltas}) d join ${table} q on q.id = d.parent${all} where p.id = q.id`;
}

/** One row over all children of a parent, read only where `gate` is true. */
function childrenSql(
  set: RollupSet,
  parts: readonly RollupSql[],
  link: string,
  parent: string,
  gate: string,
  schema: string,
  wanted: readonly RollupSql[] = parts,
): string {
  const table = qualified(set.child.tableName, schema);
  // `deleted_at is null` stands here too, so that an index on the living serves.
  const rows = `select ${contributions(set, 'x')} from ${table} x where x.${link} = ${parent} and x.deleted_at is null and (${gate})`;
  return `select ${wanted.flatMap((part) => part.all).join(', ')} from (${rows}) c`;
}

function contributions({ rollups, child }: RollupSet, alias: string): string {
  return rollups
    .map((field) => contributionOf(field, child, alias))
    .flatMap(({ value, currency }: Contribution, n) => [
      `${value} as v${n}`,
      ...(currency === null ? [] : [`${currency} as c${n}`]),
    ])
    .join(', ');
}
