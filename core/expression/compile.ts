import type { CheckedExpression } from './check.js';
import { evaluateNode } from './evaluate.js';
import type { ApplyNode, Node } from './node.js';
import type { Call, Position, Sql } from './overload.js';
import { isUuid, paramText, pgType } from './sql-types.js';
import type { EvalEnv, ExprType, ExprValue, SqlEnv } from './types.js';

/** Where the SQL will stand. */
export interface CompileOptions {
  /** `filter`: in a WHERE, where null means false, so that comparisons stay plain and indexes serve them. Absent: `value`. */
  readonly position?: Position;
}

/** SQL of a checked expression; every literal is a parameter. It means what `evaluate` gives. */
export function compileSql(checked: CheckedExpression, env: SqlEnv, options: CompileOptions = {}): string {
  const { position = 'value' } = options;
  if (position === 'filter' && checked.type.t === 'null') return 'false';
  return compileNode(checked.ast, env, position).sql;
}

function compileNode(node: Node, env: SqlEnv, position: Position, form?: 'raw'): Sql {
  if (node.type.t === 'null') return { sql: 'null', nullable: true };
  if (node.constant) return constantSql(evaluateNode(node, constants(env)), node.type, env);
  if (node.kind === 'path') return { sql: pathSql(node.path, node.type, env, form), nullable: true };
  if (node.kind === 'list')
    return {
      sql: `array[${node.items.map((item) => compileNode(item, env, 'value').sql).join(', ')}]::${pgType(node.type)}`,
      nullable: false,
    };
  return applySql(node as ApplyNode, env, position);
}

/** The zone, the time and the user are known before any record is: what depends on no field is computed here. */
function constants(env: SqlEnv): EvalEnv {
  // Lazily: who asks for none of them does not depend on them.
  return {
    get: () => null,
    get now() {
      return env.now;
    },
    get zone() {
      return env.zone;
    },
    get me() {
      return env.me;
    },
  };
}

function constantSql(value: ExprValue, type: ExprType, env: SqlEnv): Sql {
  if (value === null || (type.t === 'record' && !isUuid(value as string)))
    return { sql: `null::${pgType(type)}`, nullable: true };
  if (typeof value === 'boolean') return { sql: String(value), nullable: false };
  const param = Array.isArray(value) ? value.map((item) => (item === null ? null : paramText(item))) : paramText(value);
  return { sql: env.param(param, pgType(type)), nullable: false };
}

/** Numbers of columns may be integers: as numeric they neither overflow nor divide by whole numbers. Ids may come as texts. */
function pathSql(path: readonly string[], type: ExprType, env: SqlEnv, form?: 'raw'): string {
  const sql = env.member(path, type);
  return type.t === 'list' || (type.t === 'number' && form !== 'raw') ? `${sql}::${pgType(type)}` : sql;
}

function applySql(node: ApplyNode, env: SqlEnv, position: Position): Sql {
  const { overload, args } = node;
  const compiled = new Map<number, Sql>();
  const arg: Call['arg'] = (index, form) => {
    const sql = compileNode(args[index], env, overload.isCondition(index) ? 'filter' : 'value', form);
    compiled.set(index, sql);
    return sql.sql;
  };
  const call: Call = {
    nodes: args,
    env,
    position,
    arg,
    args: () => args.map((_, i) => arg(i)),
    constant: (index) => (args[index].constant ? evaluateNode(args[index], constants(env)) : undefined),
    isNullable: (index) => compiled.get(index)?.nullable ?? false,
  };
  const made = overload.sql(call);
  const sql =
    typeof made === 'string' ? { sql: made, nullable: mayBeNull(overload.nullable, [...compiled.values()]) } : made;
  return overload.twoValued && sql.nullable && position === 'value'
    ? { sql: `coalesce(${sql.sql}, false)`, nullable: false }
    : sql;
}

function mayBeNull(rule: ApplyNode['overload']['nullable'], args: readonly Sql[]): boolean {
  if (rule === 'any') return args.some((arg) => arg.nullable);
  if (rule === 'all') return args.every((arg) => arg.nullable);
  return rule === 'always';
}
