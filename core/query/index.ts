/**
 * Turns queries into SQL: scope + filter + sort + fields + links → one statement in which PostgreSQL builds the JSON text.
 * Never runs a statement, never decides who may read what: that is in the `Scoped` that only access makes.
 * Invariant: nothing of a field outside `Scoped.fields`, or of a row outside its predicate, can reach a statement's result.
 */
export { compileAggregate } from './aggregate.js';
export {
  anyOf,
  anyTargets,
  compileFilter,
  expressionScope,
  joinTable,
  limitsSql,
  memberSql,
  partSql,
  rowPredicate,
  shownKeysSql,
  shownRow,
  shownSql,
  sqlEnv,
  valueSql,
  visiblePredicate,
  visibleSource,
} from './member.js';
export { fieldsKey } from './kept.js';
export { compileGet, compileIds, compileList, compileLock, compileRows, type ReadStatement } from './read.js';
export { fieldJson, planFields, selectList, titleSql, type FieldPlan } from './select.js';
export { isCommonSearch } from './search-stats.js';
export { literal, quote, Sql } from './sql.js';
export { decidingKeys, groupsOf } from './rows.js';
export { throughSql } from './through.js';
export { isMasked, isVeiled, veiledKeys } from './visible.js';
export type { FieldLevel, QueryEnv, RowLimit, RowPart, RowScope, Scoped, SqlValues } from './types.js';
