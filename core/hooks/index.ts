/**
 * Ordered chains of plugin code at the phases of a write. Never touches the database itself.
 * Invariant: the order of a chain depends on ids and before/after only.
 */
export { createHooks, HOOKS, orderHooks, type Hooks } from './hooks.js';
export { HooksModule } from './hooks.module.js';
