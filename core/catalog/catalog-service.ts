import { uuidv7 } from '../base/ids.js';
import { broken, invalid } from '../base/errors.js';
import type { Log } from '../base/log.js';
import type { Tx } from '../sdk/index.js';
import { pgCode, planDdl, readShape, runDdl, type Database } from '../storage/index.js';
import { problemsOf } from './check-layers.js';
import { foldCatalog, missingId, uuidLookup, wantedNodes } from './fold-catalog.js';
import { readHashes, readStored, writeStored } from './layer-store.js';
import { makeCatalog } from './make-catalog.js';
import { planNodes } from './node-plan.js';
import type { Catalog, CatalogService, Layer } from './types.js';

export interface CatalogDeps {
  readonly db: Database;
  readonly log: Log;
  /** Quoted display collation of the workspace, for the indexes of sorted texts. */
  readonly collation: string;
}

/** Milliseconds that an apply waits for writers before it lets them pass and tries again. */
const lockTimeoutMs = 300;
/** Tries before giving up: with the pauses between them about a minute. */
const lockAttempts = 60;
const lock = `select pg_advisory_xact_lock(hashtext('trellis.catalog'))`;

/** A service without a catalog yet: `reload` or `apply` gives it one. */
export function createCatalogService({ db, log, collation }: CatalogDeps): CatalogService {
  let current: Catalog | null = null;
  let reloading: Promise<Catalog> | null = null;
  const listeners: ((catalog: Catalog) => void)[] = [];

  const install = (catalog: Catalog): Catalog => {
    // Two reloads may end in either order; the newer epoch stays.
    if (current !== null && current.epoch >= catalog.epoch) return current;
    current = catalog;
    for (const listener of listeners) listener(catalog);
    return catalog;
  };
  const load = async (): Promise<Catalog> => {
    const stored = await readStored((statement) => db.query(statement));
    return current !== null && current.epoch === stored.epoch ? current : install(makeCatalog(stored));
  };
  const reload = (): Promise<Catalog> => {
    reloading ??= load().finally(() => (reloading = null));
    return reloading;
  };

  return {
    get current() {
      if (current === null)
        throw broken('catalog.not_loaded', 'The catalog is not loaded yet.', {
          hint: 'Ask /api/ready before the first request.',
        });
      return current;
    },
    reload,
    onChange: (listener) => void listeners.push(listener),
    async apply(layers) {
      const statements = await withRetry(log, () =>
        db.transaction((tx) => applyIn(tx, layers, collation), { opening: lock, lockTimeoutMs, retries: 0 }),
      );
      // A reload that began before the commit may still carry the old state; ask again after it.
      await reloading;
      await reload();
      return { changed: statements !== null, statements: statements ?? [] };
    },
  };
}

/** Statements that were run, or null where the stored layers are the same. */
async function applyIn(tx: Tx, layers: readonly Layer[], collation: string): Promise<readonly string[] | null> {
  if (sameLayers(await readHashes(tx), layers)) return null;
  const draft = foldCatalog(layers, () => missingId);
  const problems = problemsOf(draft);
  if (problems.length > 0) {
    const issues = problems.map(({ type, id, pointer, code, message }) => ({
      path: `${type}:${id}#${pointer}`,
      code,
      message,
    }));
    throw invalid(
      'catalog.invalid',
      `${issues.length} definition${issues.length === 1 ? ' does' : 's do'} not fit: ${issues[0].path}: ${issues[0].message}`,
      { issues },
    );
  }
  const stored = await readStored(async ({ text, values }) => tx.query(text, values));
  const plan = planNodes(stored.nodes, wantedNodes(draft), uuidv7);
  const { schema } = foldCatalog(layers, uuidLookup(plan.nodes));
  const steps = planDdl(await readShape(tx), schema, { collation });
  await runDdl(tx, steps);
  await writeStored(tx, layers, plan.upserts);
  return steps.map((step) => step.sql);
}

function sameLayers(stored: readonly Pick<Layer, 'plugin' | 'hash' | 'position'>[], layers: readonly Layer[]): boolean {
  return (
    stored.length === layers.length &&
    layers.every((layer) =>
      stored.some((one) => one.plugin === layer.plugin && one.hash === layer.hash && one.position === layer.position),
    )
  );
}

async function withRetry<T>(log: Log, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const isBusy = ['55P03', '40P01', '40001'].includes(pgCode(error));
      if (!isBusy || attempt >= lockAttempts) throw error;
      log.debug({ attempt }, 'catalog is in use by writers; trying again');
      await new Promise((resolve) => setTimeout(resolve, Math.min(50 * attempt, 1_000)));
    }
  }
}
