import { isTrellisError } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import type { Ctx, Json, RecordData } from '../sdk/index.js';
import { renderTemplate } from '../templates/index.js';
import type { NotificationDeps } from './deps.js';
import { notificationKinds } from './kinds.js';
import type { NotificationInfo } from './types.js';

/** A notification as it is stored. */
export interface StoredNotification {
  readonly id: string;
  readonly user_id: string;
  readonly kind: string;
  readonly entity: string | null;
  readonly record_id: string | null;
  readonly data: { readonly [key: string]: Json };
  readonly created_at: Date;
  readonly read_at: Date | null;
}

/** What the template of a notification shows, under the access of its reader. */
export interface Shown {
  readonly row: StoredNotification;
  readonly values: { readonly [key: string]: Json };
  readonly record: NotificationInfo['record'];
}

/**
 * The notifications that the actor may see now, with titles as of now: one that is about a record that it may not read, or of a kind
 * that is gone, is left out as if it were not there.
 */
export async function readable(
  deps: NotificationDeps,
  ctx: Ctx,
  rows: readonly StoredNotification[],
): Promise<Shown[]> {
  const catalog = deps.catalog.current;
  const kinds = notificationKinds(catalog);
  const live = rows.filter((row) => kinds.has(row.kind));
  const wanted = new Map<string, Set<string>>();
  const want = (entity: string, id: string): void => {
    wanted.set(entity, (wanted.get(entity) ?? new Set()).add(id));
  };
  for (const { entity, record_id: id, data } of live) {
    if (entity !== null && id !== null) want(entity, id);
    if (isUuid(data.actor)) want('core.user', data.actor as string);
  }
  const found = new Map<string, Map<string, string | null>>();
  for (const [entity, ids] of wanted) found.set(entity, await titlesOf(deps, ctx, entity, [...ids]));
  return live.flatMap((row) => {
    const { entity, record_id: id, data } = row;
    const title = entity === null || id === null ? undefined : found.get(entity)?.get(id);
    if (entity !== null && title === undefined) return [];
    const record = entity === null || id === null ? null : { entity, id, title: title ?? null };
    const actorName = found.get('core.user')?.get(String(data.actor)) ?? null;
    const values = {
      ...data,
      actor: { name: actorName },
      record: record && { title: record.title, entityTitle: entityTitle(deps, ctx, record.entity) },
    };
    return [{ row, values, record }];
  });
}

/** The line of a notification in the language of the reader. */
export function infoOf(deps: NotificationDeps, ctx: Ctx, { row, values, record }: Shown): NotificationInfo {
  const catalog = deps.catalog.current;
  const kind = notificationKinds(catalog).get(row.kind);
  const document = kind ? catalog.localized(kind.definition, ctx.locale) : {};
  const { name, currency } = ctx.workspace;
  return {
    id: row.id,
    kind: row.kind,
    title: line(document, { ...values, workspace: { name, currency } }, ctx),
    icon: kind?.icon ?? 'bell',
    record,
    createdAt: row.created_at.toISOString(),
    readAt: row.read_at?.toISOString() ?? null,
  };
}

function line(document: Readonly<Record<string, unknown>>, data: { [key: string]: Json }, ctx: Ctx): string {
  const { locale, zone } = ctx;
  try {
    return renderTemplate({ source: String(document.subject), kind: 'text', data, locale, zone })
      .slice(0, 500)
      .trim();
  } catch (error) {
    // One bad line must not hide the others; the kind at least can be told.
    if (isTrellisError(error)) return String(document.title ?? '');
    throw error;
  }
}

/** Titles of those of the records that the actor may read; null where it may not read the title. */
async function titlesOf(
  deps: NotificationDeps,
  ctx: Ctx,
  entity: string,
  ids: readonly string[],
): Promise<Map<string, string | null>> {
  const titles = new Map<string, string | null>();
  const model = deps.catalog.current.schema.entities.get(entity);
  if (!model) return titles;
  for (let i = 0; i < ids.length; i += 200) {
    const some = ids.slice(i, i + 200);
    for (const row of await readRows(ctx, entity, model.titleField, some))
      titles.set(
        row.id as string,
        typeof row[model.titleField] === 'string' ? (row[model.titleField] as string) : null,
      );
  }
  return titles;
}

async function readRows(ctx: Ctx, entity: string, titleField: string, ids: readonly string[]): Promise<RecordData[]> {
  const filter = `id in [${ids.map((id) => `"${id}"`).join(', ')}]`;
  const read = async (fields: string[]): Promise<RecordData[]> =>
    (await ctx.records.list(ctx, { entity, fields, filter, limit: 500 })).data;
  try {
    return await read(['id', titleField]);
  } catch (error) {
    if (!isTrellisError(error) || (error.kind !== 'missing' && error.kind !== 'invalid' && error.kind !== 'denied'))
      throw error;
    // Its title may be hidden while the record is not.
    return error.code === 'entity.not_found' || titleField === 'id' ? [] : await read(['id']).catch(() => []);
  }
}

function entityTitle(deps: NotificationDeps, ctx: Ctx, entity: string): string {
  const catalog = deps.catalog.current;
  const definition = catalog.definitions('entity').get(entity);
  const title = definition && catalog.localized(definition, ctx.locale).title;
  return typeof title === 'string' ? title : entity;
}
