/**
 * The expression language: one meaning, two back ends (JavaScript and SQL). Pure: knows no Nest, no database, no Node.
 * Invariant: for every checked expression and every record, `evaluate` and the SQL of `compileSql` agree.
 */
export type { EvalEnv, ExprDate, ExprInstant, ExprScope, ExprType, ExprValue, SqlEnv } from './types.js';
