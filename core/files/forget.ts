import type { Ctx } from '../sdk/index.js';
import { removeBlob, type CollectDeps } from './collect-blobs.js';

/** Removes contents to which nothing refers any more, at once; what another record has attached too stays. */
export async function forgetBlobs(deps: CollectDeps, ctx: Ctx, hashes: readonly string[]): Promise<void> {
  const later = new Date(ctx.now().getTime() + 60_000);
  for (const hash of hashes) await removeBlob(deps, ctx, hash, later);
}
