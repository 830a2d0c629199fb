import { broken, denied } from '../base/errors.js';
import { guardVerdict, openingSql, type Access } from '../access/index.js';
import type { Catalog, CatalogService } from '../catalog/index.js';
import type { Hooks } from '../hooks/index.js';
import type { ReadStatement } from '../query/index.js';
import type { ActorStore, ContextFactory, Ctx, Tx } from '../sdk/index.js';
import type { Database } from '../storage/index.js';

/** What every verb of this room works with. */
export interface RecordsDeps {
  readonly db: Database;
  readonly catalog: CatalogService;
  readonly access: Access;
  readonly hooks: Hooks;
  readonly contexts: ContextFactory;
  readonly actors: ActorStore;
}

/** A context that is inside a transaction. */
export type TxCtx = Ctx & { readonly tx: Tx };

const ATTEMPTS = 4;

/** Thrown inside, never out of here: the statement was made for a catalog or an actor of yesterday. */
class Stale extends Error {
  constructor(readonly what: 'catalog' | 'actor') {
    super(`stale ${what}`);
  }
}

/**
 * Runs one guarded read: compiled for the current catalog and actor, discarded and repeated where either changed
 * meanwhile. Inside a transaction the opening has proven both.
 */
export async function guardedRead<T>(
  deps: RecordsDeps,
  ctx: Ctx,
  compile: (ctx: Ctx, catalog: Catalog) => ReadStatement<T>,
): Promise<T> {
  let current = ctx;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const catalog = deps.catalog.current;
    const statement = compile(current, catalog);
    if (ctx.tx) return statement.finish((await ctx.tx.query(statement.text, statement.values))[0]);
    const [row] = await deps.db.query(statement);
    const verdict = guardVerdict(row, current.actor, catalog.epoch);
    if (verdict === 'ok') return statement.finish(row);
    current = await refresh(deps, current, verdict);
  }
  throw broken('catalog.unstable', 'The catalog changed several times while the request ran.', { hint: 'Try again.' });
}

/** Runs a write in its transaction, or in the one that the context already has. */
export async function guardedWrite<T>(
  deps: RecordsDeps,
  ctx: Ctx,
  work: (ctx: TxCtx, catalog: Catalog) => Promise<T>,
): Promise<T> {
  if (ctx.tx) return work(ctx as TxCtx, deps.catalog.current);
  let current = ctx;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const catalog = deps.catalog.current;
    try {
      return await deps.db.transaction(
        (tx, opened) => {
          const verdict = guardVerdict(opened[0], current.actor, catalog.epoch);
          if (verdict !== 'ok') throw new Stale(verdict);
          return work(current.withTx(tx) as TxCtx, catalog);
        },
        { opening: openingSql(current.actor) },
      );
    } catch (error) {
      if (!(error instanceof Stale)) throw error;
      current = await refresh(deps, current, error.what);
    }
  }
  throw broken('catalog.unstable', 'The catalog changed several times while the request ran.', { hint: 'Try again.' });
}

async function refresh(deps: RecordsDeps, ctx: Ctx, what: 'catalog' | 'actor'): Promise<Ctx> {
  if (what === 'catalog') {
    await deps.catalog.reload();
    return ctx;
  }
  if (ctx.actor.kind !== 'user') return ctx;
  const actor = await deps.actors.load(ctx.actor.userId, ctx.actor.credential, ctx.actor.scopes);
  if (!actor) throw denied('auth.required', 'You are not signed in any more.', { hint: 'Sign in again.' });
  return deps.contexts.withActor(ctx, actor);
}
