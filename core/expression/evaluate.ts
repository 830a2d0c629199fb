import type { CheckedExpression } from './check.js';
import { Num } from './decimal.js';
import type { Node } from './node.js';
import type { EvalEnv, ExprValue } from './types.js';
import { fromJson } from './value.js';

/** The value of a checked expression for one record. Total: it never throws for what a record holds. */
export function evaluate(checked: CheckedExpression, env: EvalEnv): ExprValue {
  return evaluateNode(checked.ast, env);
}

/** The value of one node. */
export function evaluateNode(node: Node, env: EvalEnv): ExprValue {
  if (node.kind === 'literal') return node.value;
  if (node.kind === 'path') return fromJson(env.get(node.path), node.type);
  if (node.kind === 'list') return node.items.map((item) => evaluateNode(item, env));
  const { overload } = node;
  const values = node.args.map((arg) => evaluateNode(arg, env));
  if (overload.nulls === 'spread' && values.includes(null)) return overload.twoValued ? false : null;
  const result = (overload.js as (...args: unknown[]) => ExprValue | undefined)(...values, env) ?? null;
  return result instanceof Num && result.isZero() ? zero : result;
}

/** The one zero: a negative one would print its sign. */
const zero = new Num(0);
