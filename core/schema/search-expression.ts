import type { EntityModel } from './model.js';

/**
 * SQL text (over `alias.`) of all searchable fields of an entity, or null where it has none. Immutable, so that an index may
 * hold it; the index and the query use this same function, or the index would not serve. `among`: of these fields only.
 */
export function searchExpression(
  entity: EntityModel,
  alias: string,
  among?: { has(key: string): boolean },
): string | null {
  const parts: string[] = [];
  for (const field of entity.fields.values()) {
    if (!field.searchable || field.retired || among?.has(field.key) === false) continue;
    const sql = field.kind.searchSql(field, alias);
    if (sql !== null) parts.push(sql);
  }
  if (parts.length === 0) return null;
  return parts.length === 1 ? parts[0] : `(${parts.map((part) => `coalesce(${part}, '')`).join(` || ' ' || `)})`;
}
