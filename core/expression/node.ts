import { fieldDigits, maxDigits, type Digits } from './decimal.js';
import type { Overload } from './overload.js';
import type { Span } from './report.js';
import type { ExprType, ExprValue } from './types.js';

interface NodeBase {
  readonly type: ExprType;
  readonly at: Span;
  /** Reads no field: its value is known before any record is seen. */
  readonly constant: boolean;
  /** Bound on the digits of a number; meaningless for other types. */
  readonly digits: Digits;
}

/** A checked expression as a tree: every operator and function is resolved to one overload of the table. */
export type Node = LiteralNode | PathNode | ListNode | ApplyNode;

export interface LiteralNode extends NodeBase {
  readonly kind: 'literal';
  readonly value: ExprValue;
}

/** Field keys from the record outwards: `['company', 'name']`. */
export interface PathNode extends NodeBase {
  readonly kind: 'path';
  readonly path: readonly string[];
}

export interface ListNode extends NodeBase {
  readonly kind: 'list';
  readonly items: readonly Node[];
}

export interface ApplyNode extends NodeBase {
  readonly kind: 'apply';
  /** The rule's name, for messages. */
  readonly name: string;
  readonly overload: Overload;
  readonly args: readonly Node[];
}

export function literalNode(value: ExprValue, type: ExprType, at: Span, digits: Digits = none): LiteralNode {
  return { kind: 'literal', value, type, at, constant: true, digits };
}

export function pathNode(path: readonly string[], type: ExprType, at: Span): PathNode {
  return { kind: 'path', path, type, at, constant: false, digits: fieldDigits };
}

export function listNode(items: readonly Node[], of: ExprType, at: Span): ListNode {
  return {
    kind: 'list',
    items,
    type: { t: 'list', of },
    at,
    constant: items.every((item) => item.constant),
    digits: none,
  };
}

export function applyNode(
  name: string,
  overload: Overload,
  args: readonly Node[],
  type: ExprType,
  at: Span,
): ApplyNode {
  const numbers = args.filter((arg) => arg.type.t === 'number');
  const digits = overload.digits
    ? overload.digits(args.map((arg) => arg.digits))
    : widest(numbers.map((arg) => arg.digits));
  return { kind: 'apply', name, overload, args, type, at, constant: args.every((arg) => arg.constant), digits };
}

/** True where a result could have more digits than both back ends carry exactly. */
export function isTooWide(node: Node): boolean {
  return node.type.t === 'number' && node.digits.whole + node.digits.fraction > maxDigits;
}

const none: Digits = { whole: 20, fraction: 0 };

function widest(all: readonly Digits[]): Digits {
  return all.reduce(
    (a, b) => ({ whole: Math.max(a.whole, b.whole), fraction: Math.max(a.fraction, b.fraction) }),
    none,
  );
}
