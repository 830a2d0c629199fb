import type { SqlValues } from './types.js';

/** Text and values of one statement in the making; aliases are unique within it. */
export class Sql implements SqlValues {
  readonly values: unknown[] = [];
  /** Set where the planner must see the values: a plan for average ones would serve rare or common ones badly. */
  replan = false;
  private aliases = 0;

  /** A statement that goes on from here by itself. */
  copy(): Sql {
    const other = new Sql();
    other.values.push(...this.values);
    other.replan = this.replan;
    other.aliases = this.aliases;
    return other;
  }

  param(value: unknown, type?: string): string {
    this.values.push(value);
    return type === undefined ? `$${this.values.length}` : `$${this.values.length}::${type}`;
  }

  /** A fresh table alias: `_x1`, `_x2` …; no field is called so, since keys begin with a letter. */
  alias(): string {
    return `_x${++this.aliases}`;
  }
}

/** A quoted identifier, e.g. an API key as output column name. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A literal; only for keys and ids from the catalog, never for input. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
