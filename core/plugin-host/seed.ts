import type { EntityModel, FieldModel, SchemaModel } from '../schema/index.js';
import { invalid } from '../base/errors.js';
import type { Ctx, Json, RecordData } from '../sdk/index.js';
import { isRelativeDate, resolveRelativeDate } from './seed-dates.js';
import { orderSeeds, referencesOf, waves } from './seed-order.js';
import type { SeedFile } from './types.js';

/**
 * Writes the seeds' records that are not there yet (by externalId, the recycle bin included), through the one door to rows.
 * What is there is left as it is: it may have been changed since. Safe to repeat after a crash. Returns how many were made.
 * Throws plugin.seed_refused with file and reasons.
 */
export async function seedRecords(ctx: Ctx, schema: SchemaModel, seeds: readonly SeedFile[]): Promise<number> {
  const targets = (entity: string, field: string): readonly string[] =>
    schema.entities.get(entity)?.fields.get(field)?.to ?? [];
  const ids = new IdBook(ctx);
  let created = 0;
  for (const seed of orderSeeds(seeds, targets)) {
    const entity = schema.entities.get(seed.entity);
    if (!entity) throw invalid('plugin.seed_refused', `${seed.file}: unknown entity "${seed.entity}".`);
    const known = await ids.find(
      seed.entity,
      seed.records.map((record) => String(record.externalId)),
    );
    const fresh = seed.records.filter((record) => !known.has(String(record.externalId)));
    for (const wave of waves(seed.entity, fresh, targets)) {
      for (const record of wave)
        for (const to of referencesOf(seed.entity, record, targets)) ids.want(to.entity, to.externalId);
      await ids.fetchWanted();
      created += await writeWave(ctx, entity, seed, wave, ids);
    }
  }
  return created;
}

type SeedRecord = Readonly<Record<string, unknown>>;

async function writeWave(
  ctx: Ctx,
  entity: EntityModel,
  seed: SeedFile,
  wave: readonly SeedRecord[],
  ids: IdBook,
): Promise<number> {
  const rows = wave.map((record) => toRow(ctx, entity, seed, record, ids));
  const results = await ctx.records.bulk(ctx, {
    entity: seed.entity,
    mode: 'create',
    rows,
    atomic: true,
    systemFields: true,
  });
  const refused = results.flatMap((result) =>
    result.status === 'refused'
      ? result.issues.map((issue) => ({ ...issue, path: `/records/${wave[result.row].externalId}${issue.path}` }))
      : [],
  );
  if (refused.length > 0)
    throw invalid('plugin.seed_refused', `${seed.file}: ${refused[0].path}: ${refused[0].message}`, {
      issues: refused,
    });
  for (const result of results)
    if (result.status !== 'refused') ids.learn(seed.entity, String(wave[result.row].externalId), result.id);
  return results.length;
}

function toRow(ctx: Ctx, entity: EntityModel, seed: SeedFile, record: SeedRecord, ids: IdBook): RecordData {
  const row: RecordData = {};
  for (const [key, value] of Object.entries(record)) {
    const field = entity.fields.get(key);
    if (field && field.to.length > 0) row[key] = linkValue(field, seed, value, ids);
    else if (field && isRelativeDate(value)) row[key] = dateValue(field, value, ctx.now());
    else row[key] = value as Json;
  }
  return row;
}

/** Text fields keep `@-3d` as it is written. */
function dateValue(field: FieldModel, value: string, now: Date): Json {
  const type = field.kind.exprType(field).t;
  if (type !== 'date' && type !== 'dateTime') return value;
  const iso = resolveRelativeDate(value, now).toISOString();
  return type === 'date' ? iso.slice(0, 10) : iso;
}

function linkValue(field: FieldModel, seed: SeedFile, value: unknown, ids: IdBook): Json {
  if (Array.isArray(value)) return value.map((one) => linkValue(field, seed, one, ids));
  if (typeof value !== 'object' || value === null || !('externalId' in value)) return value as Json;
  const { entity, externalId, label } = value as { entity?: string; externalId: string; label?: string };
  const target = entity ?? field.to[0];
  const id = ids.get(target, externalId);
  if (id === undefined)
    throw invalid(
      'plugin.seed_refused',
      `${seed.file}: "${field.key}" names ${target} "${externalId}", which does not exist.`,
    );
  return field.kind.relation === 'any' ? { entity: target, id } : label === undefined ? { id } : { id, label };
}

/** Remembers which externalId has which id, and asks for unknown ones a page at a time. */
class IdBook {
  private readonly ids = new Map<string, Map<string, string>>();
  private readonly wanted = new Map<string, Set<string>>();

  constructor(private readonly ctx: Ctx) {}

  get(entity: string, externalId: string): string | undefined {
    return this.ids.get(entity)?.get(externalId);
  }

  learn(entity: string, externalId: string, id: string): void {
    const known = this.ids.get(entity) ?? new Map<string, string>();
    this.ids.set(entity, known.set(externalId, id));
  }

  want(entity: string, externalId: string): void {
    if (this.get(entity, externalId) === undefined)
      this.wanted.set(entity, (this.wanted.get(entity) ?? new Set()).add(externalId));
  }

  async fetchWanted(): Promise<void> {
    for (const [entity, externalIds] of this.wanted)
      for (const [externalId, id] of await this.find(entity, [...externalIds])) this.learn(entity, externalId, id);
    this.wanted.clear();
  }

  /** Those of the given that exist, the recycle bin included. */
  async find(entity: string, externalIds: readonly string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (let i = 0; i < externalIds.length; i += 500) {
      const list = externalIds
        .slice(i, i + 500)
        .map((id) => JSON.stringify(id))
        .join(', ');
      for (const deleted of ['exclude', 'only'] as const) {
        const page = await this.ctx.records.list(this.ctx, {
          entity,
          fields: ['id', 'externalId'],
          filter: `externalId in [${list}]`,
          limit: 500,
          deleted,
        });
        for (const row of page.data) found.set(String(row.externalId), String(row.id));
      }
    }
    for (const [externalId, id] of found) this.learn(entity, externalId, id);
    return found;
  }
}
