import { broken } from '../base/errors.js';
import type { Ctx, Json, Tx } from '../sdk/index.js';

/** The context of a hook, which runs inside a transaction always. */
export function insideOf(ctx: Ctx): Ctx & { readonly tx: Tx } {
  if (ctx.tx === null) throw broken('identity.no_transaction', 'A hook ran outside of a transaction.');
  return ctx as Ctx & { readonly tx: Tx };
}

/** The id that a link holds, as a list: empty where it holds none. */
export function linkedIds(link: Json | undefined): string[] {
  if (typeof link === 'string') return [link];
  const isLink = link !== null && typeof link === 'object' && !Array.isArray(link);
  return isLink && typeof link.id === 'string' ? [link.id] : [];
}
