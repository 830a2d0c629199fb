import { missing } from '../base/errors.js';
import { stat } from 'node:fs/promises';
import type { Ctx } from '../sdk/index.js';
import { actorId, type PrivacyDeps } from './deps.js';
import { archivePath } from './export-job.js';
import { liftMark, listMarks, setMark, statusOf } from './marks.js';
import { mayContact } from './may-contact.js';
import { reapplyErasures } from './reapply.js';
import {
  certificateOf,
  discardRequest,
  findRequest,
  listRequests,
  orderExport,
  planErasure,
  requestNotFound,
  runErasure,
} from './requests.js';
import { dropRetention, keepRetention, listRetention, planRetention } from './retention.js';
import type { Privacy } from './types.js';

/** Composes the room. */
export function createPrivacy(deps: PrivacyDeps): Privacy {
  return {
    mayContact: (ctx, question) => mayContact(deps, ctx, question),
    planErasure: (ctx, input) => planErasure(deps, ctx, input),
    runErasure: (ctx, id) => runErasure(deps, ctx, id),
    discard: (ctx, id) => discardRequest(deps, ctx, id),
    certificate: (id) => certificateOf(deps, id),
    orderExport: (ctx, input) => orderExport(deps, ctx, input),
    archive: (ctx, id) => archiveOf(deps, ctx, id),
    requests: (query) => listRequests(deps, query),
    request: (id) => findRequest(deps, id),
    marks: (ctx, kind) => listMarks(deps, ctx, kind),
    mark: (ctx, input) => setMark(deps, ctx, input),
    lift: (ctx, id) => liftMark(deps, ctx, id),
    statusOf: (ctx, subject) => statusOf(deps, ctx, subject),
    retention: () => listRetention(deps),
    planRetention: (ctx, input) => planRetention(deps, ctx, input),
    keepRetention: (ctx, id, input) => keepRetention(deps, ctx, id, input),
    dropRetention: (ctx, id) => dropRetention(deps, ctx, id),
    addTraces: (traces) => void deps.traces.push(traces),
    start: (ctx) => reapplyErasures(deps, ctx),
  };
}

/** Whoever fetches an archive takes everything with it: the audit tells. */
async function archiveOf(deps: PrivacyDeps, ctx: Ctx, id: string): Promise<{ path: string; name: string }> {
  const request = await findRequest(deps, id);
  const path = archivePath(deps, id);
  const isOver = request.expiresAt !== null && Date.parse(request.expiresAt) <= ctx.now().getTime();
  const isThere = request.kind === 'export' && request.state === 'done' && !isOver;
  if (!isThere) throw requestNotFound();
  if (!(await stat(path).catch(() => null)))
    throw missing('privacy.archive_elsewhere', 'The archive is not on this server.', {
      hint: 'Fetch it from the node that made it, or order it again.',
    });
  await deps.audit.append(null, {
    kind: 'privacy.exportFetched',
    actor: actorId(ctx),
    requestId: ctx.requestId,
    payload: { request: id },
  });
  return { path, name: `personal-data-${request.createdAt.slice(0, 10)}.zip` };
}
