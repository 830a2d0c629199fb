/**
 * The expression language: one meaning, two back ends (JavaScript and SQL). Pure: knows no Nest, no database, no Node.
 * Never: reads a record by itself, runs SQL, inlines a value into SQL (all are parameters).
 * Invariant: for every checked expression and every record, `evaluate` and the SQL of `compileSql` agree. Every operator
 * and function is one entry of `rules/`, with its JavaScript and its SQL side by side; helper functions in SQL are the
 * migration `0002-expression`.
 */
export { checkExpression, typeName, type CheckedExpression } from './check.js';
export { compileSql, type CompileOptions } from './compile.js';
export { evaluate } from './evaluate.js';
export { contextUse, fitNumber, inlineParam, isImmutable, nodeCount, type ContextUse } from './inspect.js';
export { operators, type OperatorDefinition } from './operators.js';
export { recordEnv } from './record-env.js';
export { rules } from './rules/table.js';
export { parseExpression, type Syntax } from './syntax.js';
export type { EvalEnv, ExprDate, ExprInstant, ExprScope, ExprType, ExprValue, SqlEnv } from './types.js';
export { fromJson, toJson } from './value.js';
