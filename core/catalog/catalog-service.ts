import { uuidv7 } from '../base/ids.js';
import { broken, invalid, type TrellisError } from '../base/errors.js';
import type { Log } from '../base/log.js';
import { workspaceLayer } from '../schema/index.js';
import type { Tx } from '../sdk/index.js';
import { planInStages, readShape, runDdl, type Database, type DdlOptions } from '../storage/index.js';
import { problemsOf } from './check-layers.js';
import { foldCatalog, missingId, uuidLookup, wantedNodes } from './fold-catalog.js';
import { readHashes, readStored, writeStored, type StoredCatalog } from './layer-store.js';
import { withLast } from './last-fields.js';
import { dropHistorySql, holdingsOf, purgePlugin } from './holdings.js';
import { makeCatalog } from './make-catalog.js';
import { mendTables, writeMaker } from './mend-tables.js';
import { planNodes } from './node-plan.js';
import type { Catalog, CatalogProblem, CatalogService, Layer, LayersPlan } from './types.js';
import { applyPrepared, Unprepared } from './prepare-layers.js';
import { planLayers } from './changes/plan-layers.js';
import { withWorkspace } from './changes/with-workspace.js';
import { exclusiveLock, lockTimeoutMs, withRetry } from './with-retry.js';

export interface CatalogDeps {
  readonly db: Database;
  readonly log: Log;
  /** Quoted display collation of the workspace, for the indexes of sorted texts. */
  readonly collation: string;
  /** IANA zone of the workspace, in which filters of rollups read dates; absent: UTC. */
  readonly zone?: string;
}

/** The service, and what its catalog is made of, for this room alone. */
export interface CatalogHolder extends CatalogService {
  /** The catalog as the database has it now; read anew only where this node is behind. */
  standing(): Promise<{ readonly stored: StoredCatalog; readonly catalog: Catalog }>;
}

/** A service without a catalog yet: `reload` or `apply` gives it one. */
export function createCatalogService({ db, log, ...options }: CatalogDeps): CatalogHolder {
  let current: Catalog | null = null;
  let source: StoredCatalog | null = null;
  let reloading: Promise<Catalog> | null = null;
  let suspended: TrellisError | null = null;
  const listeners: ((catalog: Catalog) => void)[] = [];

  const install = (catalog: Catalog, stored: StoredCatalog): Catalog => {
    // Two reloads may end in either order; the newer epoch stays.
    if (current !== null && current.epoch >= catalog.epoch) return current;
    current = catalog;
    source = stored;
    for (const listener of listeners) listener(catalog);
    return catalog;
  };
  const load = async (): Promise<Catalog> => {
    const stored = sharing(source, await readStored((statement) => db.query(statement)));
    return current !== null && current.epoch === stored.epoch ? current : install(makeCatalog(stored), stored);
  };
  const reload = (): Promise<Catalog> => {
    reloading ??= load().finally(() => (reloading = null));
    return reloading;
  };

  return {
    get current() {
      if (suspended !== null) throw suspended;
      if (current === null)
        throw broken('catalog.not_loaded', 'The catalog is not loaded yet.', {
          hint: 'Ask /api/ready before the first request.',
        });
      return current;
    },
    reload,
    async reach(epoch) {
      // A reload that began earlier may end with less than what is asked for.
      while (suspended === null && (current === null || current.epoch < epoch)) await reload();
    },
    async standing() {
      const [{ epoch }] = await db.query<{ epoch: string }>({
        text: 'select catalog_epoch as epoch from trellis.epoch',
        values: [],
      });
      // A reload that began earlier may end with less than what was just read.
      while (current === null || source === null || current.epoch < Number(epoch)) await reload();
      return { stored: source, catalog: current };
    },
    suspend: (reason) => void (suspended = reason),
    holdings: (plugin) => db.transaction((tx) => holdingsOf(tx, plugin), { retries: 0 }),
    async purge(plugin) {
      await withRetry({ db, log }, () =>
        db.transaction((tx) => purgePlugin(tx, plugin, options), { opening: exclusiveLock, lockTimeoutMs, retries: 0 }),
      );
      await db.query({ text: dropHistorySql, values: [plugin] });
      await reloading;
      await reload();
    },
    planLayers: (layers) => planAndTakeBack(db, log, layers, options),
    onChange: (listener) => void listeners.push(listener),
    async mend() {
      await mendTables(db, log, options);
      await reloading;
      await reload();
    },
    async apply(layers) {
      const statements = await applyPrepared(db, log, () =>
        withRetry({ db, log }, () =>
          db.transaction((tx) => applyIn(tx, layers, options), { opening: exclusiveLock, lockTimeoutMs, retries: 0 }),
        ),
      );
      // A reload that began before the commit may still carry the old state; ask again after it.
      await reloading;
      await reload();
      return { changed: statements !== null, statements: statements ?? [] };
    },
  };
}

/** The same with the documents that were there before: what is folded and built of these is not made again. */
function sharing(before: StoredCatalog | null, stored: StoredCatalog): StoredCatalog {
  if (before === null) return stored;
  const layers = stored.layers.map((layer) => {
    const known = before.layers.find(({ plugin }) => plugin === layer.plugin);
    if (known?.hash === layer.hash) return { ...layer, documents: known.documents };
    const documents = new Map(known?.documents.map((one) => [`${one.type}:${one.id}`, one]));
    return {
      ...layer,
      documents: layer.documents.map((one) => {
        const same = documents.get(`${one.type}:${one.id}`);
        // The order of keys counts: it is that of the fields.
        return same !== undefined && JSON.stringify(same.document) === JSON.stringify(one.document) ? same : one;
      }),
    };
  });
  return { ...stored, layers };
}

/** Thrown to roll a plan back. */
class Planned extends Error {
  constructor(readonly plan: LayersPlan) {
    super('planned');
  }
}

async function planAndTakeBack(
  db: Database,
  log: Log,
  layers: readonly Layer[],
  options: DdlOptions,
): Promise<LayersPlan> {
  mustFit(problemsOf(foldCatalog(layers, () => missingId)));
  try {
    return await withRetry({ db, log }, () =>
      db.transaction<never>(
        async (tx) => {
          throw new Planned(await planLayers(tx, layers, options));
        },
        { lockTimeoutMs, retries: 0 },
      ),
    );
  } catch (error) {
    if (error instanceof Planned) return error.plan;
    throw error;
  }
}

/** Statements that were run, or null where the plugins' layers are the same. */
async function applyIn(tx: Tx, plugins: readonly Layer[], options: DdlOptions): Promise<readonly string[] | null> {
  const isOthers = ({ plugin }: { readonly plugin: string }): boolean => plugin !== workspaceLayer;
  if (sameLayers((await readHashes(tx)).filter(isOthers), plugins)) return null;
  mustFit(problemsOf(foldCatalog(plugins, () => missingId)));
  const stored = await readStored(async ({ text, values }) => tx.query(text, values));
  const layers = await withWorkspace(tx, stored, plugins);
  const draft = foldCatalog(layers, () => missingId);
  const plan = planNodes(stored.nodes, wantedNodes(draft), () => uuidv7());
  const { schema } = foldCatalog(layers, uuidLookup(plan.nodes));
  const { preparation, steps } = planInStages(await readShape(tx), schema, options);
  if (preparation !== null) throw new Unprepared(preparation);
  await runDdl(tx, steps);
  await writeMaker(tx, options);
  await writeStored(
    tx,
    layers,
    withLast(plan.upserts, () => makeCatalog(stored)),
  );
  return steps.map((step) => step.sql);
}

function mustFit(problems: readonly CatalogProblem[]): void {
  if (problems.length === 0) return;
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

function sameLayers(stored: readonly Pick<Layer, 'plugin' | 'hash' | 'position'>[], layers: readonly Layer[]): boolean {
  return (
    stored.length === layers.length &&
    layers.every((layer) =>
      stored.some((one) => one.plugin === layer.plugin && one.hash === layer.hash && one.position === layer.position),
    )
  );
}
