import { denied, invalid, missing } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import { compileGet, quote, rowPredicate, Sql } from '../query/index.js';
import type { Ctx, Json, RecordData } from '../sdk/index.js';
import { actorId } from './insert.js';
import { notFound } from './lock.js';
import { getRecord, listRecords } from './read.js';
import { deleteOne } from './remove.js';
import { createOne, updateOne } from './single.js';
import { guardedRead, guardedWrite, type RecordsDeps } from './transaction.js';

type Level = 'read' | 'edit';

/** A record, and with whom it is to be shared. */
export interface ShareInput {
  readonly entity: string;
  readonly id: string;
  /** A user, a team or a territory. */
  readonly principal: string;
  readonly level: Level;
  /** When it ends; null: not by itself. */
  readonly until: Date | null;
  readonly reason: string | null;
}

const fields = ['id', 'principal', 'level', 'until', 'reason', 'createdBy', 'createdAt'];

/** With whom (`principal: {id, title, type}`) a record is shared one by one, ended ones included; whom the actor does not see is null. Throws record.not_found, access.denied without the share permission. */
export async function listShares(
  deps: RecordsDeps,
  ctx: Ctx,
  input: { entity: string; id: string },
): Promise<RecordData[]> {
  await assertReach(deps, ctx, { ...input, level: 'read' });
  return asSeen(deps, ctx, await sharesOf(deps, ctx, input));
}

/** All shares of a record, whoever asks. */
async function sharesOf(
  deps: RecordsDeps,
  ctx: Ctx,
  { entity, id }: { entity: string; id: string },
): Promise<RecordData[]> {
  const system = ctx.asSystem('shares');
  const ids = await guardedRead(deps, system, (current, now) => {
    const sql = new Sql();
    const scope = deps.access.read(current, now, 'core.share');
    const record = scope.entity.fields.get('record');
    const [ofEntity, ofId] = record ? record.kind.columns(record).map(({ name }) => quote(name)) : [];
    return {
      text: `select ${deps.access.env(current, now).guard(sql)}, array(select s.id::text from ${scope.entity.table} s where s.${ofEntity} = ${sql.param(entity, 'text')} and s.${ofId} = ${sql.param(id, 'uuid')} and s.deleted_at is null order by s.created_at limit 500) as ids`,
      values: sql.values,
      finish: (row) => row.ids as string[],
    };
  });
  if (ids.length === 0) return [];
  const filter = `id in [${ids.map((each) => `"${each}"`).join(', ')}]`;
  const { data } = await listRecords(deps, system, { entity: 'core.share', fields, filter, limit: 500 });
  return data;
}

/**
 * Shares a record with a user, team or territory, or changes how: nobody gets further than the actor itself is. Throws record.not_found,
 * access.denied, share.beyond_reach, share.beyond_end, share.past, share.unknown_principal.
 */
export async function share(deps: RecordsDeps, ctx: Ctx, input: ShareInput): Promise<RecordData> {
  const { entity, id, principal, level, until } = input;
  await assertReach(deps, ctx, { entity, id, level: 'read' });
  if (until !== null && until.getTime() <= ctx.now().getTime())
    throw invalid('share.past', 'A share must end in the future.', {
      issues: [{ path: 'until', code: 'share.past', message: 'A share must end in the future.' }],
    });
  return guardedWrite(deps, ctx, async (inner) => {
    const known = (await sharesOf(deps, inner, { entity, id })).find((each) => idOf(each.principal) === principal);
    // Who may not edit takes nobody's edit away either.
    await assertReach(deps, inner, { entity, id, level: known?.level === 'edit' ? 'edit' : level });
    if (known) await assertMayChange(deps, inner, { entity, id, known });
    await assertLasts(deps, inner, { entity, id, level, until });
    await assertPrincipal(deps, inner, principal);
    const system = inner.asSystem('share');
    const values = { level, until: until?.toISOString() ?? null, reason: input.reason };
    const made = known
      ? await updateOne(deps, system, { entity: 'core.share', id: String(known.id), values })
      : await createOne(deps, system, {
          entity: 'core.share',
          values: { ...values, record: { entity, id }, principal },
        });
    const found = await getRecord(deps, system, { entity: 'core.share', id: made.id, fields });
    return (await asSeen(deps, inner, [found]))[0];
  });
}

/** Ends a share at once. Throws record.not_found, access.denied, share.beyond_reach, share.beyond_end where it goes further than the actor itself is. */
export async function unshare(
  deps: RecordsDeps,
  ctx: Ctx,
  { entity, id, share: shareId }: { entity: string; id: string; share: string },
): Promise<void> {
  await guardedWrite(deps, ctx, async (inner) => {
    await assertReach(deps, inner, { entity, id, level: 'read' });
    const known = (await sharesOf(deps, inner, { entity, id })).find((each) => each.id === shareId);
    if (!known) throw missing('record.not_found', 'There is no such record.', { params: { entity, id: shareId } });
    await assertReach(deps, inner, { entity, id, level: known.level === 'edit' ? 'edit' : 'read' });
    await assertMayChange(deps, inner, { entity, id, known });
    await deleteOne(deps, inner.asSystem('share'), { entity: 'core.share', id: shareId });
  });
}

async function assertReach(
  deps: RecordsDeps,
  ctx: Ctx,
  { entity, id, level }: { entity: string; id: string; level: Level },
): Promise<void> {
  const { access, catalog } = deps;
  const reaches = async (at: Level): Promise<boolean> => {
    if (at === 'edit' && !access.may(ctx, catalog.current, entity, 'update')) return false;
    const found = await guardedRead(deps, ctx, (current, now) => {
      const scope = at === 'read' ? access.read(current, now, entity) : access.write(current, now, entity, 'update');
      if (!isUuid(id)) throw notFound(entity, id);
      return compileGet(access.env(current, now), scope, { id, fields: ['id'] });
    });
    return found !== null;
  };
  if (!(await reaches('read'))) throw notFound(entity, id);
  if (!access.may(ctx, catalog.current, entity, 'share'))
    throw denied('access.denied', 'You may not share this record.', {
      params: { entity, id, operation: 'share' },
      hint: 'Ask an administrator for a role that allows it.',
    });
  if (level === 'edit' && !(await reaches('edit')))
    throw denied('share.beyond_reach', 'You may not edit this record, and so not let others edit it.', {
      params: { entity, id },
    });
}

/** What others have from somebody else for longer than the actor has the record is not the actor's to change. */
async function assertMayChange(
  deps: RecordsDeps,
  ctx: Ctx,
  { entity, id, known }: { entity: string; id: string; known: RecordData },
): Promise<void> {
  const until = known.until === null ? null : new Date(String(known.until));
  if (idOf(known.createdBy) === actorId({ ctx }) || (until !== null && until <= ctx.now())) return;
  await assertLasts(deps, ctx, { entity, id, level: known.level === 'edit' ? 'edit' : 'read', until });
}

/** What ends for the actor must not go on by its own hand: for itself, its team or somebody else. */
async function assertLasts(
  deps: RecordsDeps,
  ctx: Ctx,
  { entity, id, level, until }: Pick<ShareInput, 'entity' | 'id' | 'level' | 'until'>,
): Promise<void> {
  const { access } = deps;
  const lasts = await guardedRead(deps, ctx, (current, now) => {
    const scope = level === 'read' ? access.read(current, now, entity) : access.write(current, now, entity, 'update');
    const sql = new Sql();
    const env = { ...access.env(current, now), sharesLast: until };
    const guard = env.guard(sql);
    const reached = rowPredicate(sql, env, scope, 't');
    return {
      text: `select ${guard}, exists (select 1 from ${scope.entity.source} t where t.id = ${sql.param(id, 'uuid')} and ${reached}) as lasts`,
      values: sql.values,
      finish: (row) => row.lasts === true,
    };
  });
  if (!lasts)
    throw denied(
      'share.beyond_end',
      'This record is shared with you for a time: you give, change and end nothing that lasts longer.',
      {
        params: { entity, id },
        hint: 'Choose an end that is not later than your own.',
      },
    );
}

/** Shares with what each one is shared with; whom the actor does not see is null. */
async function asSeen(deps: RecordsDeps, ctx: Ctx, shares: readonly RecordData[]): Promise<RecordData[]> {
  const people = shares.flatMap(({ principal, createdBy }) => [idOf(principal) ?? '', idOf(createdBy) ?? '']);
  const known = await principalsSeen(deps, ctx, people);
  return shares.map((each) => {
    const by = seenOf(known, each.createdBy);
    const whom = seenOf(known, each.principal);
    return { ...each, principal: whom, createdBy: by && { id: by.id, title: by.title } };
  });
}

/** Of these users, teams and territories those that the actor sees, with what each one is. */
async function principalsSeen(deps: RecordsDeps, ctx: Ctx, ids: readonly string[]): Promise<Map<string, Json>> {
  const asked = [...new Set(ids)].filter(isUuid);
  const seen = new Map<string, Json>();
  if (!deps.access.may(ctx, deps.catalog.current, 'core.principal', 'read')) return seen;
  for (let i = 0; i < asked.length; i += 500) {
    const filter = `id in ${JSON.stringify(asked.slice(i, i + 500))}`;
    const { data } = await listRecords(deps, ctx, {
      entity: 'core.principal',
      fields: ['id', 'type'],
      filter,
      limit: 500,
    });
    for (const { id, type } of data) seen.set(String(id), type ?? null);
  }
  return seen;
}

/** Only whom the actor sees can be shared with. */
async function assertPrincipal(deps: RecordsDeps, ctx: Ctx, principal: string): Promise<void> {
  if ((await principalsSeen(deps, ctx, [principal])).has(principal)) return;
  const message = 'There is no such user, team or territory.';
  throw invalid('share.unknown_principal', message, {
    issues: [{ path: 'principal', code: 'share.unknown_principal', message }],
  });
}

function seenOf(
  known: ReadonlyMap<string, Json>,
  link: Json | undefined,
): { id: string; title: Json; type: Json } | null {
  const id = idOf(link) ?? '';
  const type = known.get(id);
  return type === undefined ? null : { id, title: (link as { title: Json }).title, type };
}

function idOf(link: unknown): string | undefined {
  return (link as { id?: string } | null | undefined)?.id;
}
