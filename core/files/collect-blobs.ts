import type { Ctx, JobDefinition } from '../sdk/index.js';
import type { Database } from '../storage/index.js';
import type { BlobStore } from './blob-store.js';

/** Hours for which contents without an attachment are kept: an upload may still be about to commit. */
const graceHours = 24;
const batchSize = 200;

/** What removing contents leans on. */
export interface CollectDeps {
  readonly database: Database;
  readonly store: BlobStore;
}

/** The nightly job that removes contents to which no attachment refers any more, deleted ones in the recycle bin included. */
export function collectBlobsJob(deps: CollectDeps): JobDefinition {
  return {
    name: 'core.collect-blobs',
    schedule: '43 3 * * *',
    async run(ctx) {
      const before = new Date(ctx.now().getTime() - graceHours * 3_600_000);
      await collectRows(deps, ctx, before);
      await collectStrays(deps, before);
      await deps.store.sweepTemporary(before);
    },
  };
}

async function collectRows(deps: CollectDeps, ctx: Ctx, before: Date): Promise<void> {
  for (let after = ''; ;) {
    const rows = await deps.database.query<{ hash: string }>({
      text: 'select hash from trellis.blob where touched_at < $1 and hash > $2 order by hash limit $3',
      values: [before, after, batchSize],
    });
    if (rows.length === 0) return;
    const hashes = rows.map((row) => row.hash);
    after = hashes.at(-1) as string;
    const used = await usedHashes(ctx, hashes);
    for (const hash of hashes.filter((candidate) => !used.has(candidate))) await removeBlob(deps, ctx, hash, before);
  }
}

/** Removes contents last uploaded before an instant, where no attachment refers to them. */
export async function removeBlob(deps: CollectDeps, ctx: Ctx, hash: string, before: Date): Promise<void> {
  await deps.database.transaction(async (tx) => {
    const held = await tx.query(
      'select 1 from trellis.blob where hash = $1 and touched_at < $2 for update skip locked',
      [hash, before],
    );
    // Under the row's lock no upload of the same contents can commit, so this answer stands.
    if (held.length === 0 || (await usedHashes(ctx, [hash])).size > 0) return;
    await tx.query('delete from trellis.blob where hash = $1', [hash]);
    await deps.store.remove(hash);
  });
}

/** Files of uploads that rolled back have no row. */
async function collectStrays(deps: CollectDeps, before: Date): Promise<void> {
  for await (const hashes of deps.store.olderThan(before)) {
    const known = await deps.database.query<{ hash: string }>({
      text: 'select hash from trellis.blob where hash = any($1::text[])',
      values: [hashes],
    });
    const rows = new Set(known.map((row) => row.hash));
    for (const hash of hashes) if (!rows.has(hash)) await deps.store.remove(hash);
  }
}

async function usedHashes(ctx: Ctx, hashes: readonly string[]): Promise<Set<string>> {
  const used = new Set<string>();
  const filter = `hash in [${hashes.map((hash) => `"${hash}"`).join(', ')}]`;
  for (const deleted of ['exclude', 'only'] as const) {
    let after: string | undefined;
    do {
      const { data, page } = await ctx.records.list(ctx, {
        entity: 'core.attachment',
        fields: ['hash'],
        filter,
        deleted,
        limit: 500,
        after,
      });
      for (const row of data) if (typeof row.hash === 'string') used.add(row.hash);
      after = page.next ?? undefined;
    } while (after !== undefined);
  }
  return used;
}
