import { converted, dayOf, isConvertible, printed, typedNull } from './coercions.js';
import { applyNode, type Node } from './node.js';
import type { Call, Match, MatchMode, Overload, Say, Sql } from './overload.js';
import type { ExprType, ExprValue } from './types.js';

/** What an overload says beside signature, JavaScript and SQL; absent: null spreads. */
export interface OverloadOptions {
  readonly nulls?: Overload['nulls'];
  readonly nullable?: Overload['nullable'];
  /** Boolean results are two-valued unless told otherwise. */
  readonly twoValued?: boolean;
  /** Indexes of boolean arguments where null counts as false. */
  readonly conditions?: readonly number[];
  readonly digits?: Overload['digits'];
  /** A last look at arguments that fit; throws through `say`. */
  readonly check?: (args: readonly Node[], say: Say) => void;
}

/**
 * One overload from a signature: `number, number -> number`, `T, ...T -> T`. Words: the types of ExprType, and
 * `any`; `day` a date, or a dateTime as its date; `printable` anything that has a text, as text; `T` one type for all;
 * `C` the same of number, text, date, dateTime. `...` any number of.
 */
export function on(
  signature: string,
  js: (...args: never[]) => ExprValue,
  sql: (call: Call) => string | Sql,
  options: OverloadOptions = {},
): Overload {
  const [left, result] = signature.split('->').map((part) => part.trim());
  const params = left === '' ? [] : left.split(',').map((word) => param(word.trim()));
  const {
    nulls = 'spread',
    nullable = 'any',
    twoValued = result === 'boolean',
    conditions = [],
    digits,
    check,
  } = options;
  return {
    signature,
    match: (args, mode, say) => {
      const found = matchAll(params, result, args, mode, say);
      if (found !== null) check?.(found.args, say);
      return found;
    },
    js,
    sql,
    nulls,
    nullable,
    twoValued,
    isCondition: (index) => conditions.includes(index),
    digits,
  };
}

/** SQL `(a op b)`. */
export function infix(operator: string): (c: Call) => string {
  return (c) => `(${c.arg(0)} ${operator} ${c.arg(1)})`;
}

/** SQL `name(a, b, …)`. */
export function called(name: string): (c: Call) => string {
  return (c) => `${name}(${c.args().join(', ')})`;
}

interface Param {
  readonly word: string;
  readonly isRest: boolean;
}

function param(word: string): Param {
  return { word: word.replace(/^\.\.\./, ''), isRest: word.startsWith('...') };
}

function matchAll(
  params: readonly Param[],
  result: string,
  args: readonly Node[],
  mode: MatchMode,
  say: Say,
): Match | null {
  const words = slots(params, args.length);
  if (words === null) return null;
  const generic = words.find((word) => word === 'T' || word === 'C');
  const bound =
    generic === undefined
      ? null
      : bind(
          args.filter((_, i) => words[i] === generic),
          mode,
        );
  if (generic !== undefined && (bound === null || (generic === 'C' && !comparable.has(bound.t)))) return null;
  const type = (word: string): ExprType => (word === generic && bound !== null ? bound : { t: word as 'text' });
  if (!args.every((arg, i) => fits(arg, words[i], type(words[i]), mode))) return null;
  return { args: args.map((arg, i) => shaped(arg, words[i], type(words[i]), say)), type: type(result) };
}

/** The word for each argument, or null where the number of arguments is wrong. */
function slots(params: readonly Param[], count: number): string[] | null {
  const words: string[] = [];
  for (const { word, isRest } of params) {
    if (isRest) while (words.length < count) words.push(word);
    else words.push(word);
  }
  return words.length === count ? words : null;
}

const comparable = new Set(['number', 'text', 'date', 'dateTime', 'null']);

/** One type for all: the same, or the date or dateTime that the others can become. */
function bind(args: readonly Node[], mode: MatchMode): ExprType | null {
  const types = args.map((arg) => arg.type).filter((type) => type.t !== 'null');
  if (types.length === 0) return { t: 'null' };
  const candidates = mode === 'exact' ? [types[0]] : ([types[0], { t: 'date' }, { t: 'dateTime' }] as const);
  const found = candidates.find((type) => args.every((arg) => fits(arg, 'T', type, mode)));
  if (found === undefined || found.t === 'object' || found.t === 'json') return null;
  return found.t === 'record'
    ? { t: 'record', entities: [...new Set(types.flatMap((type) => (type.t === 'record' ? type.entities : [])))] }
    : found;
}

function fits(arg: Node, word: string, type: ExprType, mode: MatchMode): boolean {
  if (word === 'null') return arg.type.t === 'null';
  if (word === 'any' || arg.type.t === 'null') return true;
  if (word === 'printable') return arg.type.t === 'text' || (mode === 'convert' && printed(arg) !== null);
  if (word === 'day')
    return arg.type.t === 'date' || arg.type.t === 'dateTime' || (mode === 'convert' && isConvertible(arg, day));
  return sameType(arg.type, type, word) || (mode === 'convert' && isConvertible(arg, type));
}

/** `list` and `record` in a signature stand for all of them. */
function sameType(a: ExprType, b: ExprType, word: string): boolean {
  if (a.t !== b.t || a.t === 'object') return false;
  return a.t !== 'list' || word === 'list' || (b.t === 'list' && sameType(a.of, b.of, 'T'));
}

function shaped(arg: Node, word: string, type: ExprType, say: Say): Node {
  if (word === 'any' || word === 'null') return arg;
  if (word === 'printable') return printed(arg) ?? arg;
  const wanted = word === 'day' ? day : type;
  if (arg.type.t === 'null') return word === 'list' || word === 'record' ? arg : typedNull(arg, wanted);
  if (word === 'day' && arg.type.t === 'dateTime') return applyNode('DATE', dayOf, [arg], day, arg.at);
  return arg.type.t === wanted.t ? arg : (converted(arg, wanted, say) ?? arg);
}

const day: ExprType = { t: 'date' };
