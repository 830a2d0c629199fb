/** Nest injection token of the table of routes. */
export const ROUTES = Symbol('ROUTES');
