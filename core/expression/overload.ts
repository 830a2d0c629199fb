import type { Digits } from './decimal.js';
import type { Node } from './node.js';
import type { TrellisError } from '../base/errors.js';
import type { ExprType, ExprValue, SqlEnv } from './types.js';

/** An operator, function or method: one name, one or more overloads. The whole language is a list of these (`rules/`). */
export interface Rule {
  /** As written: `==`, `ROUND`, `contains`. */
  readonly name: string;
  readonly form: 'operator' | 'function' | 'method';
  /** One line for the guide and the formula editor. */
  readonly summary: string;
  readonly overloads: readonly Overload[];
}

/** One meaning in two back ends, side by side. */
export interface Overload {
  /** E.g. `number, number -> number`. */
  readonly signature: string;
  /** Arguments brought into shape and the type of the result, or null: these arguments are not for this overload. */
  match(args: readonly Node[], mode: MatchMode, say: Say): Match | null;
  /** Gets the values of the arguments in order, then the EvalEnv. Total: never throws. */
  readonly js: (...args: never[]) => ExprValue;
  /** SQL of the result. Uses every argument once at most, or nested calls would double their text each time. */
  readonly sql: (call: Call) => string | Sql;
  /** `spread`: a null argument makes the result null (false, where the result is two-valued), and `js` never sees one. `own`: `js` and `sql` decide. */
  readonly nulls: 'spread' | 'own';
  /** Whether the SQL may be null: where any argument may, where all may, never, always. */
  readonly nullable: 'any' | 'all' | 'never' | 'always';
  /** The result is true or false, never null: null in the SQL means false, and is made so wherever it matters. */
  readonly twoValued: boolean;
  /** The SQL depends on settings of the session, so that no index can hold it. */
  readonly isStable?: true;
  /** Boolean arguments that are conditions: null counts as false there. */
  isCondition(index: number): boolean;
  /** Bound on the digits of the result; absent: the widest number argument. */
  readonly digits?: (args: readonly Digits[]) => Digits;
}

/** First all overloads are tried `exact`, then with conversions: text literal → date or dateTime, date → dateTime. */
export type MatchMode = 'exact' | 'convert';

/** Makes the refusal of one argument. */
export type Say = (node: Node, message: string, hint?: string) => TrellisError;

export interface Match {
  readonly args: readonly Node[];
  readonly type: ExprType;
}

/** SQL text, and whether it may be null. */
export interface Sql {
  readonly sql: string;
  readonly nullable: boolean;
}

/** Where the SQL of a boolean stands: in a `filter`, null means false already; as a `value` it must be said. */
export type Position = 'filter' | 'value';

/** What an overload has at hand while it makes its SQL. */
export interface Call {
  readonly nodes: readonly Node[];
  readonly env: SqlEnv;
  readonly position: Position;
  /** SQL of an argument. `raw`: a field as its column is, without the cast of numbers to numeric. */
  arg(index: number, form?: 'raw'): string;
  /** SQL of all arguments. */
  args(): string[];
  /** Value of an argument that reads no field; undefined where it does. */
  constant(index: number): ExprValue | undefined;
  /** Whether the SQL of an argument may be null; known once `arg` was asked for it. */
  isNullable(index: number): boolean;
}
