/**
 * Actions: named verbs with typed input, from plugins; and the public doors among them, with pages, rate limits and signed links.
 * Owns trellis.public_call. It decides who may call; what an action reads and writes is checked by records as ever.
 * Invariants: an action runs in one transaction; a public door has the rights of the roles that it declares and no others; a signed
 * link opens one target, until an instant, with what was signed; opening a page changes nothing.
 */
export { ActionsModule } from './actions.module.js';
export { createActions, type ActionsDeps } from './create-actions.js';
export { ACTIONS, type ActionInfo, type Actions, type PublicCaller, type RenderedPage } from './types.js';
