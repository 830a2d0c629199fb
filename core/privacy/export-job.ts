import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Ctx, JobDefinition } from '../sdk/index.js';
import type { PrivacyDeps } from './deps.js';
import { collectSubject } from './collect.js';
import { zip } from './zip.js';

/** Name of the job that makes an archive; its payload is `{ id }`. */
export const exportJobName = 'core.export-person';

/** Days for which an archive can be fetched. */
const keptDays = 7;

/** Where the archive of a request lies. */
export function archivePath(deps: Pick<PrivacyDeps, 'dataDir'>, id: string): string {
  return join(deps.dataDir, 'privacy', `${id}.zip`);
}

/** Makes the archive; it appears when it is complete, so that a repeat after a crash begins anew. */
export function exportJob(deps: PrivacyDeps): JobDefinition {
  return {
    name: exportJobName,
    async run(ctx, payload) {
      const { id } = payload as { id: string };
      const [subject] = await deps.database.query<{ entity: string; record_id: string }>({
        text: "select s.entity, s.record_id from trellis.privacy_request_subject s join trellis.privacy_request r on r.id = s.request_id where r.id = $1 and r.kind = 'export' and r.state = 'running'",
        values: [id],
      });
      if (subject === undefined) return;
      const path = archivePath(deps, id);
      const part = `${path}.part`;
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      try {
        const entries = collectSubject(deps, ctx, { entity: subject.entity, id: subject.record_id });
        await pipeline(
          Readable.from(zip(entries, ctx.now()), { objectMode: false }),
          createWriteStream(part, { mode: 0o600 }),
          { signal: ctx.signal },
        );
        await rename(part, path);
      } catch (error) {
        await rm(part, { force: true });
        await noteFailure(deps, id, error);
        throw error;
      }
      await finish(deps, ctx, id, subject.record_id);
    },
  };
}

/** Archives whose time is over. */
export async function expireArchives(deps: PrivacyDeps, ctx: Ctx): Promise<void> {
  const rows = await deps.database.query<{ id: string }>({
    text: "update trellis.privacy_request set state = 'expired' where kind = 'export' and state = 'done' and expires_at <= $1 returning id",
    values: [ctx.now()],
  });
  for (const { id } of rows) await rm(archivePath(deps, id), { force: true });
}

/** Archives of erased people: whoever is gone is in none of them. */
export async function dropArchivesOf(deps: PrivacyDeps, recordId: string): Promise<void> {
  const rows = await deps.database.query<{ id: string }>({
    text: `select r.id from trellis.privacy_request r join trellis.privacy_request_subject s on s.request_id = r.id where r.kind = 'export' and s.record_id = $1`,
    values: [recordId],
  });
  for (const { id } of rows) {
    await rm(archivePath(deps, id), { force: true });
    await rm(`${archivePath(deps, id)}.part`, { force: true });
  }
  await deps.database.query({
    text: "update trellis.privacy_request set state = 'expired' where id = any($1::uuid[])",
    values: [rows.map(({ id }) => id)],
  });
}

async function noteFailure(deps: PrivacyDeps, id: string, error: unknown): Promise<void> {
  await deps.database.query({
    text: 'update trellis.privacy_request set error = $2 where id = $1',
    values: [id, error instanceof Error ? error.message.slice(0, 500) : 'It failed.'],
  });
}

/** An erasure that came meanwhile wins: then the request runs no more, and the archive goes again. */
async function finish(deps: PrivacyDeps, ctx: Ctx, id: string, recordId: string): Promise<void> {
  const expires = new Date(ctx.now().getTime() + keptDays * 86_400_000);
  const rows = await deps.database.query({
    text: `update trellis.privacy_request set state = 'done', error = null, finished_at = $2, expires_at = $3
where id = $1 and state = 'running' and not exists (select from trellis.erased_subject where record_id = $4) returning id`,
    values: [id, ctx.now(), expires, recordId],
  });
  if (rows.length === 0) await rm(archivePath(deps, id), { force: true });
}
