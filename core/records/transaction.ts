import { broken, denied } from '../base/errors.js';
import { guardVerdict, openingLock, openingSql, type Access } from '../access/index.js';
import type { Catalog, CatalogService } from '../catalog/index.js';
import type { Hooks } from '../hooks/index.js';
import { Sql, type ReadStatement } from '../query/index.js';
import type { ActorStore, ContextFactory, Ctx, Statement, Tx } from '../sdk/index.js';
import { pgCode, type Database, type Secrets } from '../storage/index.js';
import type { ReadLog } from './read-log.js';

/** What every verb of this room works with. */
export interface RecordsDeps {
  readonly db: Database;
  readonly catalog: CatalogService;
  readonly access: Access;
  readonly hooks: Hooks;
  readonly contexts: ContextFactory;
  readonly actors: ActorStore;
  readonly secrets: Secrets;
  readonly reads: ReadLog;
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
    let statement: ReadStatement<T>;
    try {
      statement = compile(current, catalog);
    } catch (refusal) {
      current = await unlessCurrent(deps, ctx, current, catalog, refusal);
      continue;
    }
    if (ctx.tx) return statement.finish((await ctx.tx.query(statement.text, statement.values))[0]);
    const [row] = await deps.db.query(statement);
    const verdict = guardVerdict(row, current.actor, catalog.epoch);
    if (verdict === 'ok') return statement.finish(row);
    current = await refresh(deps, current, verdict);
  }
  throw broken('catalog.unstable', 'The catalog changed several times while the request ran.', { hint: 'Try again.' });
}

/** A write that is one statement: its rows carry the guard, and it writes nothing where that does not hold. */
export interface WholeWrite<T> extends Statement {
  /** What the rows say; null: nothing was written, and the long way has to say why. */
  finish(rows: readonly Record<string, unknown>[]): T | null;
}

/**
 * Runs a write that is one statement: the shared lock goes ahead of it in the same packet, and the statement reads the epochs
 * behind the lock, so that one round trip does what an opening, the statement and a commit would. Null: it is no such
 * write, or nothing was written; the long way is to be taken.
 */
export async function guardedWhole<T>(
  deps: RecordsDeps,
  ctx: Ctx,
  compile: (ctx: Ctx, catalog: Catalog) => Promise<WholeWrite<T> | null>,
): Promise<T | null> {
  let current = ctx;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const catalog = deps.catalog.current;
    let statement: WholeWrite<T> | null;
    try {
      statement = await compile(current, catalog);
    } catch (refusal) {
      current = await unlessCurrent(deps, ctx, current, catalog, refusal);
      continue;
    }
    if (statement === null) return null;
    const rows = await deps.db.queryAfter(openingLock(current.actor), statement).catch((error: unknown) => {
      // A table or column of yesterday: the long way asks for the epoch first and starts again.
      if (pgCode(error).startsWith('42')) return null;
      throw error;
    });
    if (rows === null) return null;
    const verdict = guardVerdict(rows[0], current.actor, catalog.epoch);
    if (verdict === 'ok') return statement.finish(rows);
    current = await refresh(deps, current, verdict);
  }
  return null;
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

/**
 * A refusal was made by the catalog and the actor that this node knows. Where they are those of now it stands and is thrown;
 * where not, the context to try again with is returned: no answer comes from yesterday, a no as little as a yes.
 */
async function unlessCurrent(
  deps: RecordsDeps,
  ctx: Ctx,
  current: Ctx,
  catalog: Catalog,
  refusal: unknown,
): Promise<Ctx> {
  if (ctx.tx) throw refusal;
  const sql = new Sql();
  const guard = deps.access.env(current, catalog).guard(sql);
  const [row] = await deps.db.query({ text: `select ${guard}`, values: sql.values });
  const verdict = guardVerdict(row, current.actor, catalog.epoch);
  if (verdict === 'ok') throw refusal;
  return refresh(deps, current, verdict);
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
