import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import pg from 'pg';
import {
  checkExpression,
  compileSql,
  evaluate,
  recordEnv,
  toJson,
  type CheckedExpression,
  type EvalEnv,
  type ExprType,
  type SqlEnv,
} from '../../core/expression/index.js';
import { expression as helpers } from '../../core/storage/migrations/0002-expression.js';
import { anyExpression, anyRow, ids, scope, zones, type Row } from './expression-arbitrary.js';

export interface DifferentialOptions {
  /** Expressions to compare, each on `rows` records. */
  readonly expressions: number;
  readonly rows: number;
  readonly seed: number;
}

/**
 * Compares `evaluate` with PostgreSQL on random expressions and records; a difference is thrown with source, record and
 * both values. Answers how many were compared and how many the checker refused.
 */
export async function compareBackEnds(
  url: string,
  options: DifferentialOptions,
): Promise<{ compared: number; refused: number }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const counts = { compared: 0, refused: 0 };
  try {
    await prepare(client);
    const perStatement = 40;
    const batch = fc.tuple(
      fc.array(anyExpression, { minLength: perStatement, maxLength: perStatement, size: 'max' }),
      fc.array(anyRow, { minLength: options.rows, maxLength: options.rows }),
      fc.constantFrom(...zones),
      fc.constantFrom(null, ...ids),
    );
    const batches = Math.ceil(options.expressions / perStatement);
    for (const [sources, rows, zone, me] of fc.sample(batch, { seed: options.seed, numRuns: batches })) {
      const refused = await compareBatch(client, sources, rows, {
        now: new Date('2026-03-29T00:30:00.123Z'),
        zone,
        me,
      });
      counts.refused += refused;
      counts.compared += sources.length - refused;
    }
    return counts;
  } finally {
    await client.end();
  }
}

type Moment = Omit<EvalEnv, 'get'>;

/** Fails with the first difference. Answers how many sources the checker refused. */
export async function compareBatch(
  client: pg.Client,
  sources: readonly string[],
  rows: readonly Row[],
  moment: Moment,
): Promise<number> {
  const checked = sources.flatMap((source) => tryCheck(source));
  if (checked.length === 0) return sources.length;
  const values: unknown[] = [JSON.stringify(rows.map(column))];
  const env = sqlEnv(values, moment);
  const columns = checked.flatMap((expression) => {
    const shown = [shownAs(expression.type, compileSql(expression, env))];
    return expression.type.t === 'boolean'
      ? [...shown, `coalesce(${compileSql(expression, env, { position: 'filter' })}, false)::text`]
      : shown;
  });
  const answer = await run(
    client,
    { rowMode: 'array', text: `select ${columns.join(',\n')} from ${table} order by t.i`, values },
    sources,
  );
  rows.forEach((row, i) => compareRow(checked, row, (answer[i] as unknown as (string | null)[]) ?? [], moment));
  return sources.length - checked.length;
}

function compareRow(
  checked: readonly CheckedExpression[],
  row: Row,
  sql: readonly (string | null)[],
  moment: Moment,
): void {
  let at = 0;
  for (const expression of checked) {
    const value = evaluate(expression, recordEnv(row, moment));
    const js =
      value === null
        ? null
        : Decimal.isDecimal(value)
          ? value.toFixed()
          : typeof toJson(value) === 'string'
            ? String(toJson(value))
            : JSON.stringify(toJson(value));
    if (sql[at] !== js) throw difference(expression, row, moment, js, sql[at]);
    at++;
    if (expression.type.t !== 'boolean') continue;
    if (sql[at] !== String(value === true)) throw difference(expression, row, moment, `${js} (as a filter)`, sql[at]);
    at++;
  }
}

function difference(
  expression: CheckedExpression,
  row: Row,
  moment: Moment,
  js: string | null,
  sql: string | null,
): Error {
  return new Error(
    `JavaScript says ${js}, SQL says ${sql}, of\n${expression.source}\n${JSON.stringify(row)}\n${JSON.stringify(moment)}`,
  );
}

async function run(client: pg.Client, query: pg.QueryArrayConfig, sources: readonly string[]): Promise<unknown[][]> {
  try {
    return (await client.query(query)).rows as unknown[][];
  } catch (cause) {
    throw new Error(
      `PostgreSQL refuses (${(cause as Error).message}) one of\n${sources.join('\n')}\n${sources.length < 3 ? query.text : ''}`,
      { cause },
    );
  }
}

/** The checker may refuse what it bounds (a text literal that is no date, too many digits), nothing else. */
function tryCheck(source: string): CheckedExpression[] {
  try {
    return [checkExpression(source, scope)];
  } catch (error) {
    if (/is not a date|more than 2,000 digits/.test((error as Error).message)) return [];
    throw new Error(`the checker refuses ${source}: ${(error as Error).message}`, { cause: error });
  }
}

function shownAs(type: ExprType, sql: string): string {
  if (type.t === 'number') return `trim_scale(${sql})::text`;
  if (type.t === 'date') return `to_char(${sql}, 'YYYY-MM-DD')`;
  return type.t === 'dateTime'
    ? `to_char(${sql} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
    : `(${sql})::text`;
}

async function prepare(client: pg.Client): Promise<void> {
  await client.query('create schema if not exists trellis');
  const known = await client.query(`select 1 from pg_proc where proname = 'expr_div'`);
  if (known.rowCount === 0) await client.query(helpers.up);
}

const table = `(select i, name collate "C" as name, note collate "C" as note, amount, rate, score, flag, open, close_date, start_date, created_at, due_at, company, company_name collate "C" as company_name,
  company_size, owner, tags, team, nullif(address, 'null'::jsonb) as address, meta
  from json_to_recordset($1::json) as rows(i int, name text, note text, amount numeric, rate numeric, score bigint, flag boolean, open boolean, close_date date, start_date date, created_at timestamptz,
  due_at timestamptz, company uuid, company_name text, company_size numeric, owner uuid, tags text[], team uuid[], address jsonb, meta jsonb)) t`;

function column(row: Row, i: number): object {
  const {
    closeDate: close_date,
    startDate: start_date,
    createdAt: created_at,
    dueAt: due_at,
    company,
    owner,
    team,
    ...same
  } = row;
  return {
    ...same,
    i,
    close_date,
    start_date,
    created_at,
    due_at,
    company: company?.id ?? null,
    company_name: company?.name ?? null,
    company_size: company?.size ?? null,
    owner: owner?.id ?? null,
    team: team?.map(({ id }) => id) ?? null,
  };
}

function sqlEnv(values: unknown[], moment: Moment): SqlEnv {
  return {
    ...moment,
    member: (path) =>
      path.join('.') === 'address.city'
        ? `(t.address->>'city')`
        : `t.${path.join('_').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`,
    param: (value, type) => `$${values.push(value)}::${type}`,
    recordEquals: (path, id) =>
      path.join('.') === 'company' ? `(t.company = ${id()} and t.company is not null)` : null,
    // The exact test must stay exact beside a hint that lets too much through.
    containsHint: (path) => (path.join('.') === 'name' ? '(t.name is not null)' : null),
  };
}
