import type { CheckedExpression } from './check.js';
import { fitted } from './coercions.js';
import { compileSql } from './compile.js';
import type { Node } from './node.js';
import type { SqlEnv } from './types.js';

/** What an expression needs besides the record. */
export interface ContextUse {
  readonly now: boolean;
  readonly zone: boolean;
  readonly me: boolean;
}

/** Which of time, zone and user an expression asks for: TODAY(), DATE(createdAt), ME() … */
export function contextUse(checked: CheckedExpression): ContextUse {
  const used = { now: false, zone: false, me: false };
  const env: SqlEnv = {
    get now() {
      used.now = true;
      return new Date(0);
    },
    get zone() {
      used.zone = true;
      return 'UTC';
    },
    get me() {
      used.me = true;
      return null;
    },
    param: () => '$1',
    member: () => 'null',
  };
  compileSql(checked, env);
  return used;
}

/** True where the SQL of an expression gives the same for the same row for ever, so that an index may hold it. */
export function isImmutable(checked: CheckedExpression): boolean {
  const { now, zone, me } = contextUse(checked);
  return !now && !zone && !me && !some(checked.ast, (node) => node.kind === 'apply' && node.overload.isStable === true);
}

/** Nodes of an expression; a path counts what `ofPath` says. */
export function nodeCount(checked: CheckedExpression, ofPath: (path: readonly string[]) => number): number {
  const count = (node: Node): number =>
    node.kind === 'path' ? ofPath(node.path) : childrenOf(node).reduce((sum, each) => sum + count(each), 1);
  return count(checked.ast);
}

/** The expression whose number is rounded to its places and null where it passes 15 digits; others as they are. */
export function fitNumber(checked: CheckedExpression, places: number): CheckedExpression {
  return checked.type.t === 'number' ? { ...checked, ast: fitted(checked.ast, places) } : checked;
}

/**
 * A parameter written into the SQL instead: for what definitions say, so that an index over the same text serves. Never for
 * input. Throws TypeError for text that PostgreSQL cannot hold.
 */
export function inlineParam(value: unknown, pgType: string): string {
  if (Array.isArray(value)) return `array[${value.map((item) => quoted(item)).join(', ')}]::${pgType}`;
  return `${quoted(value)}::${pgType}`;
}

function quoted(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  const text = String(value);
  if (text.includes('\0')) throw new TypeError('the text holds a NUL character');
  return `'${text.replaceAll("'", "''")}'`;
}

function some(node: Node, test: (node: Node) => boolean): boolean {
  return test(node) || childrenOf(node).some((child) => some(child, test));
}

function childrenOf(node: Node): readonly Node[] {
  if (node.kind === 'apply') return node.args;
  return node.kind === 'list' ? node.items : [];
}
