/**
 * The types of the expression language, as plain data.
 * `record` is a link to one record: its fields are its members, and it compares with text by its id.
 */
export type ExprType =
  | { readonly t: 'text' | 'number' | 'boolean' | 'date' | 'dateTime' | 'null' | 'json' }
  | { readonly t: 'list'; readonly of: ExprType }
  | { readonly t: 'object'; readonly name: string; readonly members: Readonly<Record<string, ExprType>> }
  | { readonly t: 'record'; readonly entities: readonly string[] };

/** What names an expression may use: the fields of its entity, looked up lazily through links. */
export interface ExprScope {
  /** Field key → type, for an entity; null where the entity is unknown. */
  members(entity: string): ReadonlyMap<string, ExprType> | null;
  /** The entity whose fields are the top-level names; null where only `variables` are known. */
  readonly entity: string | null;
  /** Further top-level names, e.g. `me`. */
  readonly variables?: Readonly<Record<string, ExprType>>;
}

/** A value while evaluating: what a field holds, in JavaScript. Decimals are decimal.js, instants epoch milliseconds. */
export type ExprValue =
  | import('decimal.js').Decimal
  | string
  | boolean
  | null
  | ExprDate
  | ExprInstant
  | ExprValue[]
  | { readonly [key: string]: ExprValue };

/** A calendar date, `YYYY-MM-DD`. */
export interface ExprDate {
  readonly date: string;
}

/** An instant, milliseconds since 1970-01-01T00:00Z. */
export interface ExprInstant {
  readonly ms: number;
}

/** What a checked expression needs while it is evaluated in JavaScript. */
export interface EvalEnv {
  /** Value of a path of names (`['company','name']`) as plain JSON from the record (numbers, text, booleans, ISO dates, arrays). */
  get(path: readonly string[]): unknown;
  readonly now: Date;
  /** IANA zone in which TODAY() and date parts are taken. */
  readonly zone: string;
  /** The acting user's id, or null. */
  readonly me: string | null;
}

/** What a checked expression needs while it is compiled to SQL. */
export interface SqlEnv {
  /** SQL of a path of names; may register joins. Called for whole member paths, with the checked type. */
  member(path: readonly string[], type: ExprType): string;
  /** Registers a parameter and returns its placeholder with a cast, e.g. `$3::numeric`. */
  param(value: unknown, pgType: string): string;
  readonly now: Date;
  readonly zone: string;
  readonly me: string | null;
  /**
   * SQL of `link == id` such that an index on the link serves it, or null: compare plainly. `id` registers the parameter.
   */
  recordEquals?(path: readonly string[], id: () => string): string | null;
  /**
   * SQL that is true for every row which may contain `text` in a search index over `path`, or null where there is none.
   * Used to add an indexable condition beside the exact one.
   */
  containsHint?(path: readonly string[], text: string): string | null;
}
