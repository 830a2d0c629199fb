/** Injection tokens of things that belong to no room. */
export const CONFIG = Symbol('CONFIG');
export const LOG = Symbol('LOG');
export const CONTEXTS = Symbol('CONTEXTS');
export const ACTOR_STORE = Symbol('ACTOR_STORE');
