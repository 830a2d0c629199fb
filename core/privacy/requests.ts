import { rm } from 'node:fs/promises';
import { conflict, invalid, missing } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import type { Ctx, RecordData, SubjectRef } from '../sdk/index.js';
import { actorId, checkReason, heldProblem, inSystem, subjectEntity, type PrivacyDeps } from './deps.js';
import { eraseJobName } from './erase-job.js';
import { archivePath, exportJobName } from './export-job.js';
import { keepAnAdministrator, refuseOneself } from './guard-users.js';
import { markedOf } from './marks.js';
import { planOf } from './plan.js';
import type { Certificate, ErasurePlan, PrivacyRequest, RequestState } from './types.js';

/** People that one erasure may have. */
const peopleAtMost = 10_000;

interface RequestRow {
  readonly id: string;
  readonly kind: 'erase' | 'export';
  readonly state: RequestState;
  readonly reason: string;
  readonly plan: ErasurePlan | null;
  readonly subjects: number;
  readonly done: number;
  readonly created_at: Date;
  readonly created_by: string | null;
  readonly created_name: string | null;
  readonly finished_at: Date | null;
  readonly expires_at: Date | null;
  readonly error: string | null;
  readonly has_certificate: boolean;
}

const listText = `select r.id, r.kind, r.state, r.reason, case when r.kind = 'erase' then r.plan end as plan, r.created_at, r.created_by, c.name as created_name, r.finished_at, r.expires_at, r.error,
  r.certificate is not null as has_certificate, (select count(*)::int from trellis.privacy_request_subject s where s.request_id = r.id) as subjects,
  (select count(*)::int from trellis.privacy_request_subject s where s.request_id = r.id and s.state in ('done', 'held')) as done
from trellis.privacy_request r left join trellis.credential c on c.user_id = r.created_by`;

export async function listRequests(
  deps: PrivacyDeps,
  query: { kind?: 'erase' | 'export'; limit: number },
): Promise<PrivacyRequest[]> {
  const rows = await deps.database.query<RequestRow>({
    text: `${listText} where ($1::text is null or r.kind = $1) order by r.created_at desc, r.id desc limit $2`,
    values: [query.kind ?? null, query.limit],
  });
  return rows.map(toRequest);
}

export async function findRequest(deps: PrivacyDeps, id: string): Promise<PrivacyRequest> {
  const [row] = isUuid(id)
    ? await deps.database.query<RequestRow>({ text: `${listText} where r.id = $1`, values: [id] })
    : [];
  if (row === undefined) throw requestNotFound();
  return toRequest(row);
}

/** Counts what an erasure would do, and notes it as planned. */
export async function planErasure(
  deps: PrivacyDeps,
  ctx: Ctx,
  input: People & { reason: string },
): Promise<PrivacyRequest> {
  subjectEntity(deps, input.entity);
  const reason = checkReason(input.reason);
  const ids = await peopleOf(ctx, input);
  if (ids.length === 0) throw invalid('privacy.no_subjects', 'Nobody is meant: there is no such person.');
  if (ids.length > peopleAtMost)
    throw invalid('privacy.too_many', `One erasure may have at most ${peopleAtMost} people.`, {
      params: { limit: peopleAtMost },
    });
  refuseOneself(
    ctx,
    ids.map((id) => ({ entity: input.entity, id })),
  );
  const held = await markedOf(deps, 'hold', ids);
  const people = { entity: input.entity, ids: ids.filter((id) => !held.has(id)) };
  const plan = await inSystem(deps, ctx, 'plan an erasure', async (inside) => {
    await keepAnAdministrator(inside, people, false);
    return planOf(deps, inside, people, held.size);
  });
  return keepRequest(deps, ctx, { kind: 'erase', state: 'planned', reason, plan, entity: input.entity, ids });
}

/** Orders what was planned. */
export async function runErasure(deps: PrivacyDeps, ctx: Ctx, id: string): Promise<PrivacyRequest> {
  const request = await findRequest(deps, id);
  if (request.plan !== null && request.plan.subjects === 0) throw heldProblem();
  await deps.database.transaction(async (tx) => {
    const rows = await tx.query(
      "update trellis.privacy_request set state = 'running', error = null where id = $1 and kind = 'erase' and state in ('planned', 'failed') returning id",
      [id],
    );
    if (rows.length === 0)
      throw conflict('privacy.not_planned', 'This request is not waiting to be carried out.', {
        hint: 'Plan a new one.',
      });
    const inside = ctx.withTx(tx);
    refuseOneself(
      ctx,
      await tx.query<SubjectRef>(
        'select entity, record_id as id from trellis.privacy_request_subject where request_id = $1',
        [id],
      ),
    );
    await ctx.jobs.enqueue(inside, eraseJobName, { id }, { singletonKey: id, retries: 20 });
    await deps.audit.append(tx, {
      kind: 'privacy.erasureOrdered',
      actor: actorId(ctx),
      requestId: ctx.requestId,
      payload: { request: id, people: request.subjects },
    });
  });
  return findRequest(deps, id);
}

/** Orders an archive of all that is known of a person. */
export async function orderExport(
  deps: PrivacyDeps,
  ctx: Ctx,
  input: SubjectRef & { reason: string },
): Promise<PrivacyRequest> {
  subjectEntity(deps, input.entity);
  const reason = checkReason(input.reason);
  await ctx.records.get(ctx, { entity: input.entity, id: input.id, fields: ['id'] });
  const { entity } = input;
  return keepRequest(deps, ctx, { kind: 'export', state: 'running', reason, plan: {}, entity, ids: [input.id] });
}

/** Takes a planned erasure or an export off the list; what was erased stays told. */
export async function discardRequest(deps: PrivacyDeps, ctx: Ctx, id: string): Promise<void> {
  const request = await findRequest(deps, id);
  const rows = await deps.database.query({
    text: "delete from trellis.privacy_request where id = $1 and (kind = 'export' and state <> 'running' or state = 'planned') returning id",
    values: [id],
  });
  if (rows.length === 0)
    throw conflict('privacy.not_discardable', 'Only plans and archives can be taken off the list.');
  if (request.kind === 'export') await rm(archivePath(deps, id), { force: true });
  ctx.log.info({ request: id }, 'privacy request discarded');
}

/** What an erasure did. Throws privacy.request_not_found. */
export async function certificateOf(deps: PrivacyDeps, id: string): Promise<Certificate> {
  const [row] = isUuid(id)
    ? await deps.database.query<{ certificate: Certificate | null }>({
        text: 'select certificate from trellis.privacy_request where id = $1',
        values: [id],
      })
    : [];
  if (!row?.certificate) throw requestNotFound();
  return row.certificate;
}

export function requestNotFound(): Error {
  return missing('privacy.request_not_found', 'There is no such request.');
}

/** Whom an erasure means. */
interface People {
  readonly entity: string;
  readonly ids?: readonly string[];
  /** CEL. */
  readonly filter?: string;
  /** Words, as the search of a list takes them. */
  readonly q?: string;
}

/** Ids of the people that are meant: those named, recycle bin included, or those that a filter and a search find. */
async function peopleOf(ctx: Ctx, input: People): Promise<string[]> {
  // What is left empty must not come to mean everybody.
  if ((input.ids === undefined) === (!input.filter?.trim() && !input.q?.trim()))
    throw invalid('privacy.people', 'Name the people by "ids" or find them by "filter" or "q".');
  if (input.ids !== undefined) {
    const ids = [...new Set(input.ids)];
    if (ids.length > peopleAtMost || ids.some((id) => !isUuid(id)))
      throw invalid('privacy.people', `"ids" holds at most ${peopleAtMost} ids.`);
    const found: string[] = [];
    for (let i = 0; i < ids.length; i += 500) {
      const filter = `id in [${ids
        .slice(i, i + 500)
        .map((id) => JSON.stringify(id))
        .join(', ')}]`;
      for (const deleted of ['exclude', 'only'] as const)
        found.push(...(await idsOf(ctx, { entity: input.entity, filter }, deleted)));
    }
    return found;
  }
  return idsOf(ctx, input, 'exclude');
}

async function idsOf(ctx: Ctx, { entity, filter, q }: People, deleted: 'exclude' | 'only'): Promise<string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page: { data: RecordData[]; page: { next: string | null } } = await ctx.records.list(ctx, {
      entity,
      fields: ['id'],
      filter,
      q,
      deleted,
      sort: ['id'],
      limit: 500,
      after,
    });
    ids.push(...page.data.map(({ id }) => String(id)));
    after = page.page.next ?? undefined;
  } while (after !== undefined && ids.length <= peopleAtMost);
  return ids;
}

async function keepRequest(
  deps: PrivacyDeps,
  ctx: Ctx,
  input: {
    kind: 'erase' | 'export';
    state: RequestState;
    reason: string;
    plan: object;
    entity: string;
    ids: readonly string[];
  },
): Promise<PrivacyRequest> {
  const id = ctx.newId();
  await deps.database.transaction(async (tx) => {
    await tx.query(
      'insert into trellis.privacy_request (id, kind, state, reason, plan, created_at, created_by) values ($1, $2, $3, $4, $5, $6, $7)',
      [id, input.kind, input.state, input.reason, JSON.stringify(input.plan), ctx.now(), actorId(ctx)],
    );
    await tx.query(
      'insert into trellis.privacy_request_subject (request_id, entity, record_id) select $1, $2, x from unnest($3::uuid[]) x',
      [id, input.entity, input.ids],
    );
    await deps.audit.append(tx, {
      kind: input.kind === 'erase' ? 'privacy.erasurePlanned' : 'privacy.exportOrdered',
      actor: actorId(ctx),
      requestId: ctx.requestId,
      payload: { request: id, people: input.ids.length },
    });
    if (input.kind === 'export')
      await ctx.jobs.enqueue(ctx.withTx(tx), exportJobName, { id }, { singletonKey: id, retries: 3 });
  });
  return findRequest(deps, id);
}

function toRequest(row: RequestRow): PrivacyRequest {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    reason: row.reason,
    plan: row.plan,
    subjects: row.subjects,
    done: row.done,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by === null ? null : { id: row.created_by, title: row.created_name },
    finishedAt: row.finished_at?.toISOString() ?? null,
    expiresAt: row.expires_at?.toISOString() ?? null,
    error: row.error,
    hasCertificate: row.has_certificate,
  };
}
