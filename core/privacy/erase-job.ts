import { createHash } from 'node:crypto';
import { isTrellisError } from '../base/errors.js';
import type { Ctx, JobDefinition, SubjectRef } from '../sdk/index.js';
import { inSystem, type PrivacyDeps } from './deps.js';
import { eraseSubject, eraseUploads } from './erase-subject.js';
import { appendErasedList } from './erased-list.js';
import { dropArchivesOf } from './export-job.js';
import { standingMark } from './marks.js';
import { markErasedText } from './reapply.js';
import type { Certificate, ErasurePlan } from './types.js';

/** Name of the job that carries out an erasure; its payload is `{ id }`. */
export const eraseJobName = 'core.erase-people';

interface SubjectRow {
  readonly entity: string;
  readonly record_id: string;
  readonly state: 'waiting' | 'rows' | 'done' | 'held';
  readonly blobs: string[];
  readonly counts: Record<string, number> | null;
}

/** Person by person, each with its mark, so that a run that died goes on where it was. */
export function eraseJob(deps: PrivacyDeps): JobDefinition {
  return {
    name: eraseJobName,
    async run(ctx, payload) {
      const { id } = payload as { id: string };
      try {
        for (let next = await nextOf(deps, id); next !== null; next = await nextOf(deps, id)) {
          ctx.signal.throwIfAborted();
          await erase(deps, ctx, id, next);
        }
        await finish(deps, ctx, id);
      } catch (error) {
        // What only a person can mend is not tried again.
        const isFinal = isTrellisError(error) && error.code === 'user.last_administrator';
        if (!ctx.signal.aborted)
          await deps.database.query({
            text: "update trellis.privacy_request set error = $2, state = $3 where id = $1 and state = 'running'",
            values: [
              id,
              error instanceof Error ? error.message.slice(0, 500) : 'It failed.',
              isFinal ? 'failed' : 'running',
            ],
          });
        if (!isFinal) throw error;
      }
    },
  };
}

async function nextOf(deps: PrivacyDeps, id: string): Promise<SubjectRow | null> {
  const [row] = await deps.database.query<SubjectRow>({
    text: `select s.entity, s.record_id, s.state, s.blobs, s.counts from trellis.privacy_request_subject s join trellis.privacy_request r on r.id = s.request_id
where s.request_id = $1 and r.state = 'running' and s.state in ('waiting', 'rows') order by s.record_id limit 1`,
    values: [id],
  });
  return row ?? null;
}

async function erase(deps: PrivacyDeps, ctx: Ctx, requestId: string, row: SubjectRow): Promise<void> {
  const subject: SubjectRef = { entity: row.entity, id: row.record_id };
  let { blobs } = row;
  if (row.state === 'waiting') {
    const uploads = await eraseUploads(deps, ctx, subject);
    const left = await inSystem(deps, ctx, 'erase a person', async (inside) => {
      if (await standingMark(inside, 'hold', subject.id)) {
        await inside.tx.query(stateText, [requestId, subject.entity, subject.id, 'held', [], null]);
        return null;
      }
      const erased = await eraseSubject(deps, inside, subject, { requestId });
      const counts = { ...erased.counts, ...(uploads > 0 ? { 'import files': uploads } : {}) };
      await inside.tx.query(markErasedText, [subject.id, subject.entity, ctx.now(), requestId]);
      await inside.tx.query(stateText, [
        requestId,
        subject.entity,
        subject.id,
        'rows',
        erased.blobs,
        JSON.stringify(counts),
      ]);
      return erased.blobs;
    });
    if (left === null) return;
    blobs = left;
  }
  await appendErasedList(deps.dataDir, [{ ...subject, at: ctx.now().toISOString() }]);
  await dropArchivesOf(deps, subject.id);
  await deps.files.forget(ctx.asSystem('erase a person'), blobs);
  await deps.database.query({
    text: `update trellis.privacy_request_subject set state = 'done', blobs = '{}' where request_id = $1 and entity = $2 and record_id = $3 and state = 'rows'`,
    values: [requestId, subject.entity, subject.id],
  });
}

const stateText = `update trellis.privacy_request_subject set state = $4, blobs = $5, counts = $6::jsonb where request_id = $1 and entity = $2 and record_id = $3`;

async function finish(deps: PrivacyDeps, ctx: Ctx, id: string): Promise<void> {
  await deps.database.transaction(async (tx) => {
    const [request] = await tx.query<{
      reason: string;
      created_at: Date;
      created_by: string | null;
      plan: ErasurePlan;
    }>(
      "select reason, created_at, created_by, plan from trellis.privacy_request where id = $1 and state = 'running' for update",
      [id],
    );
    if (request === undefined) return;
    const rows = await tx.query<SubjectRow>(
      'select entity, record_id, state, counts from trellis.privacy_request_subject where request_id = $1 order by record_id',
      [id],
    );
    const certificate = certify({ id, ...request }, rows, ctx.now());
    await tx.query(
      "update trellis.privacy_request set state = 'done', certificate = $2, finished_at = $3, error = null where id = $1",
      [id, JSON.stringify(certificate), ctx.now()],
    );
    await deps.audit.append(tx, {
      kind: 'privacy.erased',
      actor: request.created_by,
      requestId: ctx.requestId,
      payload: { request: id, people: certificate.erased.length, certificate: certificate.sha256 },
    });
  });
}

function certify(
  request: { id: string; reason: string; created_at: Date; created_by: string | null; plan: ErasurePlan },
  rows: readonly SubjectRow[],
  now: Date,
): Certificate {
  const counts: Record<string, number> = {};
  for (const row of rows)
    for (const [what, n] of Object.entries(row.counts ?? {})) counts[what] = (counts[what] ?? 0) + n;
  const named = (state: SubjectRow['state']): { entity: string; id: string }[] =>
    rows.filter((row) => row.state === state).map((row) => ({ entity: row.entity, id: row.record_id }));
  const body = {
    request: request.id,
    reason: request.reason,
    by: request.created_by,
    startedAt: request.created_at.toISOString(),
    finishedAt: now.toISOString(),
    erased: named('done'),
    held: named('held'),
    counts,
    kept: request.plan.entities.flatMap(({ entity, rule, count, reason }) =>
      rule === 'keep' ? [{ entity, count: counts[`keep ${entity}`] ?? count, reason: reason ?? '' }] : [],
    ),
  };
  return { ...body, sha256: hashCertificate(body) };
}

/** Over the JSON text of everything but the hash itself, keys in the order in which the certificate tells them. */
export function hashCertificate(body: Omit<Certificate, 'sha256'>): string {
  return createHash('sha256').update(JSON.stringify(body), 'utf8').digest('hex');
}
