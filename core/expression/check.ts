import { didYouMean } from '../base/suggest.js';
import { invalid } from '../base/errors.js';
import { converted, isConvertible } from './coercions.js';
import { fieldDigits, Num } from './decimal.js';
import { applyNode, isTooWide, listNode, literalNode, type Node } from './node.js';
import type { Rule, Say } from './overload.js';
import { resolvePath } from './names.js';
import { refuse } from './report.js';
import { findRule, ruleNames } from './rules/table.js';
import { parseExpression, type Syntax } from './syntax.js';
import type { ExprScope, ExprType } from './types.js';

/** An expression that fits its entity: ready to be evaluated and compiled. */
export interface CheckedExpression {
  readonly source: string;
  readonly ast: Node;
  readonly type: ExprType;
  /** The field paths that it reads, each once: `['company', 'name']`. */
  readonly paths: readonly (readonly string[])[];
}

/**
 * Reads and type-checks an expression. `expected`: the type that its result must have (null fits all, a text literal and
 * a date fit where a dateTime is wanted). Throws expression.syntax, expression.too_large, expression.type
 * ("no such overload: text > number") and expression.unknown_name with a suggestion, each with the place.
 */
export function checkExpression(source: string, scope: ExprScope, expected?: ExprType): CheckedExpression {
  const syntax = parseExpression(source);
  const context: Context = { source, scope, paths: new Map() };
  const ast = expect(build(syntax, context), expected, context);
  return { source, ast, type: ast.type, paths: [...context.paths.values()] };
}

/** `list of text`, `record`, … for messages. */
export function typeName(type: ExprType): string {
  return type.t === 'list' ? `list of ${typeName(type.of)}` : type.t;
}

interface Context {
  readonly source: string;
  readonly scope: ExprScope;
  readonly paths: Map<string, readonly string[]>;
}

function build(syntax: Syntax, context: Context): Node {
  switch (syntax.op) {
    case 'number':
      return numberNode(syntax.text, syntax, context);
    case 'literal':
      return literalNode(
        syntax.value,
        syntax.value === null ? { t: 'null' } : typeof syntax.value === 'string' ? { t: 'text' } : { t: 'boolean' },
        syntax.at,
      );
    case 'name':
    case 'member': {
      const node = resolvePath(syntax, context.scope, context.source);
      context.paths.set(node.path.join('.'), node.path);
      return node;
    }
    case 'list':
      return buildList(syntax, context);
    default:
      return buildCall(syntax, context);
  }
}

function numberNode(text: string, syntax: Syntax, context: Context): Node {
  const value = new Num(text);
  const whole = Math.max(1, value.abs().trunc().toFixed().length);
  const fraction = value.decimalPlaces();
  if (whole > fieldDigits.whole || fraction > fieldDigits.fraction)
    throw refuse(
      'expression.syntax',
      `A number has at most ${fieldDigits.whole} digits before and ${fieldDigits.fraction} after the point.`,
      context.source,
      syntax.at,
    );
  return literalNode(value, { t: 'number' }, syntax.at, { whole, fraction });
}

function buildList(syntax: Syntax & { op: 'list' }, context: Context): Node {
  const items = syntax.items.map((item) => build(item, context));
  return listNode(items, items.find((item) => item.type.t !== 'null')?.type ?? { t: 'null' }, syntax.at);
}

function buildCall(syntax: Syntax & { op: Rule['form'] }, context: Context): Node {
  const rule = findRule(syntax.op, syntax.name) ?? unknown(syntax, context);
  const args = syntax.args.map((arg) => build(arg, context));
  const say: Say = (node, message, hint) => refuse('expression.type', message, context.source, node.at, hint);
  for (const mode of ['exact', 'convert'] as const) {
    for (const overload of rule.overloads) {
      const found = overload.match(args, mode, say);
      if (found === null) continue;
      const node = folded(applyNode(rule.name, overload, found.args, found.type, syntax.at));
      if (isTooWide(node))
        throw invalid('expression.too_large', 'The result could have more than 2,000 digits.', {
          hint: 'Round in between, or multiply fewer values.',
        });
      return node;
    }
  }
  throw say(
    { ...literalNode(null, { t: 'null' }, syntax.at) },
    `no such overload: ${written(rule, args)}`,
    hint(rule, args),
  );
}

/** -5 is a literal, so that it may stand where only a literal may. */
function folded(node: Node): Node {
  if (node.kind !== 'apply' || node.name !== 'neg' || node.args[0].kind !== 'literal') return node;
  const [{ value, digits }] = node.args;
  return value instanceof Num ? literalNode(value.neg(), node.type, node.at, digits) : node;
}

function written(rule: Rule, args: readonly Node[]): string {
  const [a, b] = args.map((arg) => typeName(arg.type));
  if (rule.form === 'method')
    return `${a}.${rule.name}(${args
      .slice(1)
      .map((arg) => typeName(arg.type))
      .join(', ')})`;
  if (rule.form === 'operator' && args.length === 2) return `${a} ${rule.name} ${b}`;
  if (rule.form === 'operator') return `${rule.name === 'neg' ? '-' : rule.name}${a}`;
  return `${rule.name}(${args.map((arg) => typeName(arg.type)).join(', ')})`;
}

function hint(rule: Rule, args: readonly Node[]): string | undefined {
  if (['==', '!='].includes(rule.name) && args.some((arg) => arg.type.t === 'json'))
    return 'A JSON value can only be compared with null, or asked ISBLANK.';
  if (['==', '!='].includes(rule.name) && args.some((arg) => arg.type.t === 'list'))
    return "Ask a list with in: 'vip' in tags.";
  if (rule.name === '+' && args.some((arg) => arg.type.t === 'text'))
    return 'Join values of different types with CONCAT.';
  const signatures = rule.overloads
    .map((overload) => overload.signature.split('->')[0].trim())
    .filter((signature) => !/null/.test(signature));
  return `${rule.name === 'neg' ? '-' : rule.name} takes (${signatures.join(') or (')}).`;
}

function unknown(syntax: Syntax & { op: Rule['form'] }, context: Context): never {
  const { op, name, at } = syntax;
  const words =
    op === 'method' ? 'There is no method' : op === 'function' ? 'There is no function' : 'There is no operator';
  throw refuse(
    'expression.unknown_name',
    `${words} "${name}".${didYouMean(name, ruleNames(op))}`,
    context.source,
    at,
    instead.get(name),
  );
}

const instead = new Map([
  [
    'matches',
    'Patterns are not part of this language, since some of them never end: use contains, startsWith or endsWith.',
  ],
  ['has', 'Write !ISBLANK(field).'],
  ['exists', "Ask a list with in: 'vip' in tags."],
  ['AND', 'Both must hold is written &&.'],
  ['OR', 'One of them is written ||.'],
  ['NOT', 'Not is written !.'],
  ['CONTAINS', 'Write CONTAINS(text, part), or text.contains(part) where case counts.'],
  ['contains', 'Write text.contains(part).'],
]);

function expect(node: Node, expected: ExprType | undefined, context: Context): Node {
  if (expected === undefined || node.type.t === 'null') return node;
  const say: Say = (at, message, words) => refuse('expression.type', message, context.source, at.at, words);
  if (
    node.type.t === expected.t &&
    (node.type.t !== 'list' || expected.t !== 'list' || node.type.of.t === expected.of.t)
  )
    return node;
  const shaped = isConvertible(node, expected) ? converted(node, expected, say) : null;
  if (shaped === null)
    throw say(node, `The expression gives ${typeName(node.type)}, but ${typeName(expected)} is needed.`);
  return shaped;
}
