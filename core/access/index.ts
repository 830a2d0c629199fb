/**
 * Decides who may read and write what: actor + roles → scope, compiled into the SQL.
 * Never runs a statement on business tables. Invariant: it alone makes `Scoped`, so a query without an actor does not compile.
 */
export { ACCESS, createAccess, type Access, type AccessDeps } from './access.js';
export { AccessModule } from './access.module.js';
export { readableSchema } from './readable-schema.js';
export type { EntityGrant, Operation } from './grants.js';
export { CATALOG_LOCK, guardTest, guardVerdict, openingLock, openingSql } from './guard.js';
