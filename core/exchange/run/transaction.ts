import type { Ctx, Tx } from '../../sdk/index.js';

/** A context inside a transaction. */
export type TxCtx = Ctx & { readonly tx: Tx };
