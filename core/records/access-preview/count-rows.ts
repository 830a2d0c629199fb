import type { RowChange } from '../../../schemas/studio.js';
import { rowPredicate, Sql, titleSql, visibleSource, type QueryEnv, type Scoped } from '../../query/index.js';
import type { Statement } from '../../sdk/index.js';
import { pgCode, type Database } from '../../storage/index.js';

/** Counting stops behind this many. */
const countedAtMost = 10_000;
const samplesAtMost = 3;
const timeoutMs = 4_000;

/** A scope with what it is compiled against; null: no row is reached. */
export type Side = { readonly env: QueryEnv; readonly scope: Scoped } | null;

/** The statement that counts, or null where both sides compile to the same condition: then no row can differ. */
export function compileCount(input: { before: Side; after: Side; asker: Exclude<Side, null> }): Statement | null {
  const [before, after] = [conditionOf(input.before), conditionOf(input.after)];
  if (before === after) return null;
  const sql = new Sql();
  const { env, scope } = input.asker;
  const among = `select t.id from ${scope.entity.source} t where t.deleted_at is null and (${rowPredicate(sql, env, scope, 't')})`;
  const title = `(select ${titleSql(scope, 'v')} from ${visibleSource(sql, env, scope)} v where v.id = g.id)`;
  const only = (here: Side, there: Side): string =>
    `${among} and (${predicateOf(sql, here)}) and (${predicateOf(sql, there)}) is not true limit ${countedAtMost + 1}`;
  const text = `with gained as materialized (${only(input.after, input.before)}), lost as materialized (${only(input.before, input.after)}) select ${told('gained', title)}, ${told('lost', title)}`;
  return { text, values: sql.values, replan: true };
}

/** Null where it takes too long, or tables of the planned catalog are not there yet. */
export async function countRows(db: Database, { text, values }: Statement): Promise<RowChange | null> {
  try {
    return await db.transaction(
      async (tx) => {
        await tx.query(`set local statement_timeout = ${timeoutMs}`);
        const [row] = await tx.query<Counted>(text, values);
        return {
          gained: Number(row.gained),
          lost: Number(row.lost),
          samples: { gained: row.gained_samples, lost: row.lost_samples },
        };
      },
      { retries: 0 },
    );
  } catch (error) {
    if (['57014', '42703', '42P01'].includes(pgCode(error))) return null;
    throw error;
  }
}

interface Counted {
  gained: string;
  lost: string;
  gained_samples: RowChange['samples']['gained'];
  lost_samples: RowChange['samples']['lost'];
}

function told(side: 'gained' | 'lost', title: string): string {
  return `(select count(*) from ${side}) as ${side}, (select coalesce(json_agg(row_to_json(s)), '[]') from (select g.id, ${title} as title from ${side} g limit ${samplesAtMost}) s) as ${side}_samples`;
}

/** Text and values of a side by itself, to be compared. */
function conditionOf(side: Side): string {
  const sql = new Sql();
  const text = predicateOf(sql, side);
  return JSON.stringify([text, sql.values]);
}

function predicateOf(sql: Sql, side: Side): string {
  return side === null ? 'false' : rowPredicate(sql, side.env, side.scope, 't');
}
