import type { RowChange } from '../../../schemas/studio.js';
import { Sql, rowPredicate, titleSql, visibleSource, type QueryEnv, type Scoped } from '../../query/index.js';
import type { Statement, Tx } from '../../sdk/index.js';
import { pgCode } from '../../storage/index.js';

/** Counting stops behind this many. */
const countedAtMost = 10_000;
const samplesAtMost = 3;
const timeoutMs = 4_000;
/** Statements, each of which may read a table. */
const countsAtMost = 1_000;

/** A scope with what it is compiled against. */
export interface Side {
  readonly env: QueryEnv;
  readonly scope: Scoped;
}

/** Which rows are reached, as a condition over `t` of the entity's own relation. */
export type Reached = (sql: Sql) => string;

/** The rows of a side; null: none is reached. */
export function reachedBy(side: Side | null): Reached {
  return side === null ? () => 'false' : (sql) => rowPredicate(sql, side.env, side.scope, 't');
}

/** Rows of a statement, or null where it took too long or asks for what is not there yet. */
export type Run = (statement: Statement) => Promise<Record<string, unknown>[] | null>;

/** Each statement inside of a transaction, which outlives its failure. `leftMs`: how long it may take at most. */
export function runInside(tx: Tx, leftMs: () => number = () => timeoutMs): Run {
  return async (statement) => {
    const left = Math.min(timeoutMs, Math.floor(leftMs()));
    if (left <= 0) return null;
    await tx.query('savepoint asked');
    try {
      return await asked(tx, statement, left);
    } catch (error) {
      return unlessRefused(error);
    } finally {
      await tx.query('rollback to savepoint asked');
      await tx.query('release savepoint asked');
    }
  };
}

/** What is counted: among the rows that the asker sees and that do not go with the change. */
export interface Counting {
  readonly before: Reached;
  readonly after: Reached;
  readonly asker: Side;
  /** No row that none of these reaches can differ; null: any may. */
  readonly within: readonly { readonly reached: Reached }[] | null;
  /** Ids of the rows that go. */
  readonly gone: readonly string[];
}

/** `isTouched`: rows come by other ways than before, also those that are neither gained nor lost. */
export interface Count {
  readonly rows: RowChange;
  readonly isTouched: boolean;
}

/** What is gained and lost between two conditions, counted once however many users it is the same for; null: not counted. */
export function counter(run: Run): (input: Counting) => Promise<Count | null> {
  const known = new Map<string, Promise<Count | null>>();
  return (input) => {
    const statement = compileCount(input);
    if (statement === null) return Promise.resolve(untouched);
    const key = JSON.stringify([statement.text, statement.values]);
    const counted = known.get(key);
    if (counted !== undefined) return counted;
    if (known.size >= countsAtMost) return Promise.resolve(null);
    const made = run(statement).then((rows) => rows && toCount(rows[0] as unknown as Counted));
    known.set(key, made);
    return made;
  };
}

/** The statement that counts, or null where both sides compile to the same condition: then no row can differ. */
function compileCount({ before, after, asker, within, gone }: Counting): Statement | null {
  if (conditionOf(before).key === conditionOf(after).key) return null;
  const sql = new Sql();
  const { env, scope } = asker;
  const among = `${standing(sql, scope.entity.source, gone)} and (${rowPredicate(sql, env, scope, 't')})${boundSql(sql, scope, within)}`;
  const title = `(select ${titleSql(scope, 'v')} from ${visibleSource(sql, env, scope)} v where v.id = g.id)`;
  const only = (here: Reached, there: Reached): string =>
    `select t.id ${among} and (${here(sql)}) and (${there(sql)}) is not true limit ${countedAtMost + 1}`;
  const text = `with gained as materialized (${only(after, before)}), lost as materialized (${only(before, after)}) select exists (select ${among}) as is_touched, ${told('gained', title)}, ${told('lost', title)}`;
  return { text, values: sql.values, replan: true };
}

/** ` and …`: each way finds its rows by its own index, which an OR of them would not. */
function boundSql(sql: Sql, { entity }: Scoped, within: Counting['within']): string {
  if (within === null || within.some(({ reached }) => conditionOf(reached).text === 'true')) return '';
  const ways = within.map(({ reached }) => `select t.id from ${entity.source} t where (${reached(sql)})`);
  return ` and t.id in (${ways.join(' union all ') || 'select null::uuid'})`;
}

/** `from … where …`: the rows that are there and stay. */
export function standing(sql: Sql, source: string, gone: readonly string[]): string {
  const stays = gone.length === 0 ? '' : ` and t.id <> all(${sql.param(gone, 'uuid[]')})`;
  return `from ${source} t where t.deleted_at is null${stays}`;
}

/** A condition by itself, to be looked at; `key` tells it from others. */
export function conditionOf(reached: Reached): { text: string; key: string } {
  const sql = new Sql();
  const text = reached(sql);
  return { text, key: JSON.stringify([text, sql.values]) };
}

/** Every row comes as before. */
export const untouched: Count = {
  rows: { gained: 0, lost: 0, samples: { gained: [], lost: [] } },
  isTouched: false,
};

async function asked(tx: Tx, { text, values }: Statement, ms = timeoutMs): Promise<Record<string, unknown>[]> {
  await tx.query(`set local statement_timeout = ${ms}`);
  return tx.query(text, values);
}

function unlessRefused(error: unknown): null {
  if (['57014', '42703', '42P01'].includes(pgCode(error))) return null;
  throw error;
}

interface Counted {
  is_touched: boolean;
  gained: string;
  lost: string;
  gained_samples: RowChange['samples']['gained'];
  lost_samples: RowChange['samples']['lost'];
}

function toCount(row: Counted): Count {
  const samples = { gained: row.gained_samples, lost: row.lost_samples };
  return { rows: { gained: Number(row.gained), lost: Number(row.lost), samples }, isTouched: row.is_touched };
}

function told(side: 'gained' | 'lost', title: string): string {
  return `(select count(*) from ${side}) as ${side}, (select coalesce(json_agg(row_to_json(s)), '[]') from (select g.id, ${title} as title from ${side} g limit ${samplesAtMost}) s) as ${side}_samples`;
}
