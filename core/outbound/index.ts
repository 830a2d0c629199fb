/**
 * Calls to servers elsewhere on behalf of plugins and rules. Never reaches this machine or its network, whatever name, number, redirect or
 * change of a name in between points there, but for the hosts that the operator allows.
 * Invariants: an address is checked where the connection is made, not before; time, size and redirects are bounded; no cookie is kept.
 */
export { isPublicAddress } from './addresses.js';
export { createOutbound, type Outbound, type OutboundOptions } from './outbound.js';
