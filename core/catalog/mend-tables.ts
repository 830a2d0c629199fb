import { isTrellisError } from '../base/errors.js';
import type { Log } from '../base/log.js';
import type { Tx } from '../sdk/index.js';
import { ddlMaker, planDdl, readShape, runDdl, type Database, type DdlOptions } from '../storage/index.js';
import { bumpEpoch, readStored } from './layer-store.js';
import { makeCatalog } from './make-catalog.js';
import { dropUnclaimed, unclaimedSql } from './prepare-layers.js';
import { exclusiveLock, lockTimeoutMs, withRetry } from './with-retry.js';

/** Plans all tables anew where another version planned them last, and runs the difference; drops copies that nobody waits for. */
export async function mendTables(db: Database, log: Log, options: DdlOptions): Promise<void> {
  const [{ maker, left }] = await db.query<{ maker: string | null; left: boolean }>({
    text: `select tables_made_by as maker, exists (${unclaimedSql}) as left from trellis.epoch`,
    values: [],
  });
  if (left) await dropUnclaimed(db, log);
  if (maker === ddlMaker(options)) return;
  try {
    const statements = await withRetry({ db, log }, () =>
      db.transaction((tx) => mendIn(tx, options), { opening: exclusiveLock, lockTimeoutMs, retries: 0 }),
    );
    log.info({ statements }, 'tables brought to what this version makes of the catalog');
  } catch (error) {
    // The catalog works on the tables as they are; the next start, and the doctor, say it again.
    if (!isTrellisError(error) || !error.code.startsWith('catalog.')) throw error;
    log.error({ code: error.code }, error.message);
  }
}

/** Remembers that this version planned all tables. */
export async function writeMaker(tx: Tx, options: DdlOptions): Promise<void> {
  await tx.query('update trellis.epoch set tables_made_by = $1 where tables_made_by is distinct from $1', [
    ddlMaker(options),
  ]);
}

async function mendIn(tx: Tx, options: DdlOptions): Promise<number> {
  const stored = await readStored(async ({ text, values }) => tx.query(text, values));
  const steps = planDdl(await readShape(tx), makeCatalog(stored).schema, options);
  await runDdl(tx, steps);
  await writeMaker(tx, options);
  if (steps.length > 0) await bumpEpoch(tx);
  return steps.length;
}
