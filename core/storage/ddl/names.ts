import { hash } from 'node:crypto';
import type { EntityModel, FieldModel } from '../../schema/index.js';
import { columnName, quoteName } from '../../schema/index.js';

/** Schema of PostgreSQL in which the tables of all entities live. */
export const dataSchema = 'data';

/** A table of the data schema (or of a shadow of it), qualified and quoted. */
export function qualified(table: string, schema: string = dataSchema): string {
  return `${schema}.${quoteName(table)}`;
}

/**
 * Name of an index: table, sort of index, label, joined by `$`, which no table's name holds. Where it would pass
 * PostgreSQL's 63 bytes, table and label are cut and a hash of the whole follows.
 */
export function indexName(table: string, sort: string, label: string): string {
  const whole = `${table}$${sort}$${label}`;
  if (whole.length <= 63) return whole;
  return `${table.slice(0, 28)}$${sort}$${label.slice(0, 54 - Math.min(28, table.length) - sort.length - 3)}$${shortHash(whole)}`;
}

/**
 * Name of the unique index over field keys (one for `x-field.unique`, several for `x-entity.unique`); `['externalId']` has one
 * too. A clash (SQLSTATE 23505) names it in its `constraint`.
 */
export function uniqueIndexName(entity: EntityModel, keys: readonly string[]): string {
  return indexName(entity.tableName, 'ux', keys.map(columnName).join('$'));
}

/** The unique keys of an entity, each with the name of its index. Retired fields included: their data still stands. */
export function uniqueKeys(entity: EntityModel): { keys: readonly string[]; index: string }[] {
  const single = [...entity.fields.values()]
    .filter((field) => field.unique && !field.system)
    .map((field) => [field.key]);
  return [['externalId'], ...single, ...entity.unique].map((keys) => ({ keys, index: uniqueIndexName(entity, keys) }));
}

/** The sequence behind an autoNumber field, qualified and quoted, for `nextval('…')`. */
export function sequenceName(entity: Pick<EntityModel, 'tableName'>, field: FieldModel): string {
  return qualified(bareSequenceName(entity.tableName, field));
}

/** The same without its schema. */
export function bareSequenceName(table: string, field: FieldModel): string {
  return indexName(table, 'seq', columnName(field.key));
}

/** A text as a literal, for statements that take no parameters. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Eight hex digits of SHA-256. */
export function shortHash(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 8);
}
