import { invalid, missing } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import { didYouMean } from '../base/suggest.js';
import type { Ctx, JobDefinition } from '../sdk/index.js';
import { actorId, inSystem, type PrivacyDeps } from './deps.js';
import { expireArchives } from './export-job.js';
import { markedOf } from './marks.js';
import { planErasure, runErasure } from './requests.js';
import type { RetentionInput, RetentionRule } from './types.js';

/** Records of one rule that a night deals with; the next goes on. */
const recordsANight = 10_000;
const dayMs = 86_400_000;

interface RuleRow {
  readonly id: string;
  readonly entity: string;
  readonly field: string;
  readonly after_days: number;
  readonly filter: string;
  readonly action: RetentionInput['action'];
  readonly active: boolean;
  readonly last_run_at: Date | null;
  readonly last_count: number | null;
}

const columns = 'id, entity, field, after_days, filter, action, active, last_run_at, last_count';

export async function listRetention(deps: PrivacyDeps): Promise<RetentionRule[]> {
  const rows = await deps.database.query<RuleRow>({
    text: `select ${columns} from trellis.retention_rule order by entity, created_at`,
    values: [],
  });
  return rows.map(toRule);
}

/** How many records a rule would deal with now. */
export async function planRetention(
  deps: PrivacyDeps,
  ctx: Ctx,
  input: RetentionInput,
): Promise<{ count: number; before: string }> {
  checkRule(deps, input);
  const [row] = await ctx.records.aggregate(ctx, {
    entity: input.entity,
    groupBy: [],
    measures: [{ fn: 'count' }],
    filter: filterOf(deps, ctx, input),
  });
  return { count: Number(row?.count ?? 0), before: beforeOf(ctx, input).toISOString() };
}

/** Keeps a rule, a new one where `id` is null, once it could be counted. Throws retention.not_found. */
export async function keepRetention(
  deps: PrivacyDeps,
  ctx: Ctx,
  id: string | null,
  input: RetentionInput,
): Promise<RetentionRule> {
  await planRetention(deps, ctx, input);
  const values = [input.entity, input.field, input.afterDays, input.filter, input.action, input.active];
  return deps.database.transaction(async (tx) => {
    const [row] =
      id === null
        ? await tx.query<RuleRow>(
            `insert into trellis.retention_rule (id, entity, field, after_days, filter, action, active, created_at, created_by) values ($7, $1, $2, $3, $4, $5, $6, $8, $9) returning ${columns}`,
            [...values, ctx.newId(), ctx.now(), actorId(ctx)],
          )
        : isUuid(id)
          ? await tx.query<RuleRow>(
              `update trellis.retention_rule set entity = $1, field = $2, after_days = $3, filter = $4, action = $5, active = $6 where id = $7 returning ${columns}`,
              [...values, id],
            )
          : [];
    if (row === undefined) throw ruleNotFound();
    await deps.audit.append(tx, {
      kind: 'privacy.retentionKept',
      actor: actorId(ctx),
      requestId: ctx.requestId,
      payload: { id: row.id, ...input },
    });
    return toRule(row);
  });
}

/** Takes a rule out. Throws retention.not_found. */
export async function dropRetention(deps: PrivacyDeps, ctx: Ctx, id: string): Promise<void> {
  await deps.database.transaction(async (tx) => {
    const rows = isUuid(id)
      ? await tx.query('delete from trellis.retention_rule where id = $1 returning id', [id])
      : [];
    if (rows.length === 0) throw ruleNotFound();
    await deps.audit.append(tx, {
      kind: 'privacy.retentionDropped',
      actor: actorId(ctx),
      requestId: ctx.requestId,
      payload: { id },
    });
  });
}

/** Every night: what rules say, what was kept long enough, archives whose time is over. */
export function retentionJob(deps: PrivacyDeps): JobDefinition {
  return {
    name: 'core.apply-retention',
    schedule: '25 3 * * *',
    async run(ctx) {
      await expireArchives(deps, ctx);
      await anonymiseKept(deps, ctx);
      for (const rule of await listRetention(deps)) {
        ctx.signal.throwIfAborted();
        if (rule.active) await applyRule(deps, ctx, rule);
      }
    },
  };
}

async function applyRule(deps: PrivacyDeps, ctx: Ctx, rule: RetentionRule): Promise<void> {
  const system = ctx.asSystem('apply a rule of retention');
  checkRule(deps, rule);
  const due = await dueOf(deps, system, rule);
  const held = new Set([...(await markedOf(deps, 'hold', due)), ...(await markedOf(deps, 'restriction', due))]);
  const ids = due.filter((id) => !held.has(id));
  if (ids.length > 0 && rule.action === 'erase') {
    const reason = `Retention: ${rule.field} + ${rule.afterDays} d`;
    const planned = await planErasure(deps, system, { entity: rule.entity, ids, reason });
    await runErasure(deps, system, planned.id);
  } else if (rule.action === 'anonymise') {
    await inSystem(deps, ctx, 'apply a rule of retention', (inside) =>
      deps.records.personal.erase(inside, { entity: rule.entity, ids, how: 'anonymise' }),
    );
  } else {
    for (let i = 0; i < ids.length; i += 500) {
      const rows = ids.slice(i, i + 500).map((id) => ({ id }));
      await system.records.bulk(system, { entity: rule.entity, mode: 'delete', rows, atomic: false });
    }
  }
  await deps.database.query({
    text: 'update trellis.retention_rule set last_run_at = $2, last_count = $3 where id = $1',
    values: [rule.id, ctx.now(), ids.length],
  });
}

async function dueOf(deps: PrivacyDeps, system: Ctx, rule: RetentionInput): Promise<string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const { data, page } = await system.records.list(system, {
      entity: rule.entity,
      fields: ['id'],
      filter: filterOf(deps, system, rule),
      sort: ['id'],
      limit: 500,
      after,
    });
    ids.push(...data.map(({ id }) => String(id)));
    after = page.next ?? undefined;
  } while (after !== undefined && ids.length < recordsANight);
  return ids;
}

/** What an erasure kept for a while, once that is over. */
async function anonymiseKept(deps: PrivacyDeps, ctx: Ctx): Promise<void> {
  await inSystem(deps, ctx, 'end of retention', async (inside) => {
    const rows = await inside.tx.query<{ entity: string; ids: string[] }>(
      'with due as (delete from trellis.privacy_kept where until <= $1 returning entity, record_id) select entity, array_agg(record_id::text) as ids from due group by entity',
      [inside.now()],
    );
    for (const { entity, ids } of rows)
      if (deps.catalog.current.schema.entities.has(entity))
        await deps.records.personal.erase(inside, { entity, ids, how: 'anonymise' });
  });
}

function checkRule(deps: PrivacyDeps, input: RetentionInput): void {
  const { entities } = deps.catalog.current.schema;
  const entity = entities.get(input.entity);
  if (entity === undefined)
    throw missing(
      'entity.not_found',
      `There is no entity "${input.entity.slice(0, 80)}".${didYouMean(input.entity, entities.keys())}`,
    );
  const kind = entity.fields.get(input.field)?.kind.id;
  if (kind !== 'date' && kind !== 'dateTime')
    throw invalid(
      'retention.unknown_field',
      `"${input.field.slice(0, 80)}" is no date or instant of ${entity.title}.`,
      {
        params: { field: input.field },
      },
    );
  if (input.action === 'erase' && entity.privacy?.subject !== true)
    throw invalid(
      'retention.not_a_subject',
      `Records of "${entity.title}" are no people, so they cannot be erased as such.`,
      {
        hint: 'Choose another action.',
      },
    );
}

function beforeOf(ctx: Ctx, { afterDays }: RetentionInput): Date {
  return new Date(ctx.now().getTime() - afterDays * dayMs);
}

/** The rule's own filter in brackets, so that an "or" in it widens nothing. */
function filterOf(deps: PrivacyDeps, ctx: Ctx, input: RetentionInput): string {
  const kind = deps.catalog.current.schema.entities.get(input.entity)?.fields.get(input.field)?.kind.id;
  const at = beforeOf(ctx, input).toISOString();
  const limit = JSON.stringify(kind === 'date' ? at.slice(0, 10) : at);
  const due = `!ISBLANK(${input.field}) && ${input.field} < ${limit}`;
  return input.filter.trim() === '' ? due : `${due} && (${input.filter})`;
}

function toRule(row: RuleRow): RetentionRule {
  return {
    id: row.id,
    entity: row.entity,
    field: row.field,
    afterDays: row.after_days,
    filter: row.filter,
    action: row.action,
    active: row.active,
    lastRunAt: row.last_run_at?.toISOString() ?? null,
    lastCount: row.last_count,
  };
}

function ruleNotFound(): Error {
  return missing('retention.not_found', 'There is no such rule of retention.');
}
