/**
 * HTTP: the edge (origin, credential, parameters), controllers, problem documents, event stream, API description, metrics,
 * the static admin. The only room that knows HTTP; it decides nothing about data and keeps no state but open streams.
 * Invariants: every refusal leaves as one problem document by one table; every parameter, key and part is known by name;
 * nothing of an error of ours reaches a client but the request id.
 */
export { createHttpApp } from './create-http-app.js';
export { mustBeFree, portProblem } from './free-port.js';
export { HttpModule } from './http.module.js';
