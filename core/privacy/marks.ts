import { conflict, denied, missing } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import type { Ctx, HookBatch, HookRegistry, RecordData, SubjectRef, Tx } from '../sdk/index.js';
import { pgCode } from '../storage/index.js';
import { actorId, checkReason, heldProblem, subjectEntity, type PrivacyDeps } from './deps.js';
import { isAdministrator } from '../identity/index.js';
import { refuseRestrictedUser, userEntity } from './guard-users.js';
import type { PrivacyMark } from './types.js';

interface MarkRow {
  readonly id: string;
  readonly kind: PrivacyMark['kind'];
  readonly entity: string;
  readonly record_id: string;
  readonly reason: string;
  readonly created_at: Date;
  readonly created_by: string | null;
  readonly created_name: string | null;
}

/** True where such a mark stands on the record. */
export async function standingMark(
  { tx }: { readonly tx: Tx },
  kind: PrivacyMark['kind'],
  recordId: string,
): Promise<boolean> {
  const rows = await tx.query(
    'select 1 from trellis.privacy_mark where record_id = $1 and kind = $2 and lifted_at is null',
    [recordId, kind],
  );
  return rows.length > 0;
}

/** Of these records those on which such a mark stands. */
export async function markedOf(
  deps: PrivacyDeps,
  kind: PrivacyMark['kind'],
  ids: readonly string[],
): Promise<Set<string>> {
  const rows = await deps.database.query<{ record_id: string }>({
    text: 'select record_id from trellis.privacy_mark where kind = $1 and record_id = any($2::uuid[]) and lifted_at is null',
    values: [kind, ids],
  });
  return new Set(rows.map((row) => row.record_id));
}

/** Marks that stand, newest first. */
export async function listMarks(deps: PrivacyDeps, ctx: Ctx, kind?: PrivacyMark['kind']): Promise<PrivacyMark[]> {
  const rows = await deps.database.query<MarkRow>({
    text: `select m.id, m.kind, m.entity, m.record_id, m.reason, m.created_at, m.created_by, c.name as created_name
from trellis.privacy_mark m left join trellis.credential c on c.user_id = m.created_by
where m.lifted_at is null and ($1::text is null or m.kind = $1) order by m.created_at desc, m.id desc limit 500`,
    values: [kind ?? null],
  });
  return Promise.all(rows.map((row) => toMark(deps, ctx, row)));
}

/** Puts a mark on a person. */
export async function setMark(
  deps: PrivacyDeps,
  ctx: Ctx,
  input: SubjectRef & { kind: PrivacyMark['kind']; reason: string },
): Promise<PrivacyMark> {
  subjectEntity(deps, input.entity);
  refuseRestrictedUser(input);
  const reason = checkReason(input.reason);
  await ctx.records.get(ctx, { entity: input.entity, id: input.id, fields: ['id'] });
  const row: MarkRow = {
    id: ctx.newId(),
    kind: input.kind,
    entity: input.entity,
    record_id: input.id,
    reason,
    created_at: ctx.now(),
    created_by: actorId(ctx),
    created_name: ctx.actor.kind === 'user' ? ctx.actor.name : null,
  };
  try {
    await deps.database.transaction(async (tx) => {
      await tx.query(
        'insert into trellis.privacy_mark (id, kind, entity, record_id, reason, created_at, created_by) values ($1, $2, $3, $4, $5, $6, $7)',
        [row.id, row.kind, row.entity, row.record_id, row.reason, row.created_at, row.created_by],
      );
      await note(deps, ctx, tx, `privacy.${input.kind}Set`, row);
    });
  } catch (error) {
    if (pgCode(error) !== '23505') throw error;
    throw conflict('privacy.already_marked', 'The same stands on this person already.', { cause: error });
  }
  return toMark(deps, ctx, row);
}

/** Takes a mark off again. */
export async function liftMark(deps: PrivacyDeps, ctx: Ctx, id: string): Promise<void> {
  await deps.database.transaction(async (tx) => {
    const [row] = isUuid(id)
      ? await tx.query<MarkRow>(
          'update trellis.privacy_mark set lifted_at = $2, lifted_by = $3 where id = $1 and lifted_at is null returning *',
          [id, ctx.now(), actorId(ctx)],
        )
      : [];
    if (row === undefined) throw missing('privacy.mark_not_found', 'There is no such hold or restriction.');
    await note(deps, ctx, tx, `privacy.${row.kind}Lifted`, row);
  });
}

/** Both questions at once, for the badge of a record. Throws record.not_found. */
export async function statusOf(
  deps: PrivacyDeps,
  ctx: Ctx,
  subject: SubjectRef,
): Promise<{ restricted: boolean; held: boolean }> {
  // First: what the actor may not read is not told apart from what is no person.
  await ctx.records.get(ctx, { ...subject, fields: ['id'] });
  subjectEntity(deps, subject.entity);
  // Everybody may read who its colleagues are; that one is under a legal hold is not for everybody.
  if (subject.entity === userEntity && !isAdministrator(ctx)) return { restricted: false, held: false };
  const [restricted, held] = await Promise.all([
    markedOf(deps, 'restriction', [subject.id]),
    markedOf(deps, 'hold', [subject.id]),
  ]);
  return { restricted: restricted.size > 0, held: held.size > 0 };
}

async function note(deps: PrivacyDeps, ctx: Ctx, tx: Tx, kind: string, row: MarkRow): Promise<void> {
  await deps.audit.append(tx, {
    kind,
    actor: actorId(ctx),
    requestId: ctx.requestId,
    payload: { entity: row.entity, id: row.record_id, reason: row.reason },
  });
}

async function toMark(deps: PrivacyDeps, ctx: Ctx, row: MarkRow): Promise<PrivacyMark> {
  const titleField = deps.catalog.current.schema.entities.get(row.entity)?.titleField;
  const record =
    titleField === undefined
      ? null
      : await ctx.records
          .get(ctx, { entity: row.entity, id: row.record_id, fields: [titleField] })
          .catch(() => null as RecordData | null);
  return {
    id: row.id,
    kind: row.kind,
    entity: row.entity,
    recordId: row.record_id,
    title: record === null || titleField === undefined ? null : ((record[titleField] as string | null) ?? null),
    reason: row.reason,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by === null ? null : { id: row.created_by, title: row.created_name },
  };
}

/**
 * Refuses what a mark forbids, in the transaction of the write: a restricted person is stored and nothing else, a held one is
 * neither deleted nor purged. One hook for each entity of people, so that writes of all others are not slowed down.
 */
export function guardMarked(hooks: HookRegistry, entity: string): void {
  hooks.register({
    id: guardId(entity),
    entity,
    phase: 'before',
    on: ['update', 'delete', 'purge'],
    run: async (ctx, batch: HookBatch<RecordData>) => {
      // Erasing is what the law asks for; it looks at holds itself.
      if (ctx.tx === null || isErasure(ctx)) return;
      const rows = await ctx.tx.query<{ kind: PrivacyMark['kind'] }>(
        'select kind from trellis.privacy_mark where record_id = any($1::uuid[]) and lifted_at is null',
        [batch.rows.map(({ id }) => id)],
      );
      const isGoing = batch.operation !== 'update';
      if (isGoing && rows.some(({ kind }) => kind === 'hold')) throw heldProblem();
      if (rows.some(({ kind }) => kind === 'restriction')) throw restrictedProblem();
    },
  });
}

export const guardId = (entity: string): string => `core.guard-person:${entity}`;

const isErasure = ({ actor }: Ctx): boolean => actor.kind === 'system' && actor.reason === 'erase personal data';

export function restrictedProblem(): Error {
  return denied('privacy.restricted', 'The data of this person may be stored only: its processing is restricted.', {
    hint: 'Lift the restriction first; the record’s menu, "Personal data", does.',
  });
}
