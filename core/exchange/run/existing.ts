import { isDeepStrictEqual } from 'node:util';
import type { Access } from '../../access/index.js';
import type { Catalog } from '../../catalog/index.js';
import { compileLock, compileRows } from '../../query/index.js';
import type { EntityModel, FieldModel } from '../../schema/index.js';
import type { Ctx, Json, RecordData } from '../../sdk/index.js';
import type { TxCtx } from './transaction.js';

/** A record as it stands, locked. */
export interface Standing {
  readonly id: string;
  readonly version: number;
  readonly deleted: boolean;
  readonly visible: boolean;
  readonly data: RecordData;
}

/** Locked records by the value of a unique field; in the bin or hidden ones included, so that the caller can tell. */
export async function standing(
  access: Access,
  ctx: TxCtx,
  catalog: Catalog,
  input: { entity: string; key: string; values: readonly string[] },
): Promise<Map<string, Standing>> {
  if (input.values.length === 0) return new Map();
  const scope = access.read(ctx as Ctx, catalog, input.entity);
  const field = scope.entity.fields.get(input.key) as FieldModel;
  const column = field.kind.columns(field)[0];
  const type = column.type.split(' collate ')[0];
  const lock = compileLock(scope.entity, { key: column.name, values: input.values, type });
  if (lock) await ctx.tx.query(lock.text, lock.values);
  const statement = compileRows(access.env(ctx, catalog), scope, {
    key: column.name,
    values: input.values,
    type,
    lock: true,
    deleted: 'any',
  });
  const rows = await ctx.tx.query<{
    id: string;
    version: number | string;
    deleted: boolean;
    visible: boolean;
    data: RecordData;
  }>(statement.text, statement.values);
  const found = new Map<string, Standing>();
  for (const row of rows) {
    const key = input.key === 'id' ? row.id : String(row.data[input.key]);
    // A live record counts before one in the bin.
    if (!found.has(key) || found.get(key)?.deleted) found.set(key, { ...row, version: Number(row.version) });
  }
  return found;
}

/** The part of `values` that differs from what stands. An empty cell made the default once, and does not take it away again. */
export function differing(entity: EntityModel, values: RecordData, data: RecordData): RecordData {
  return Object.fromEntries(
    Object.entries(values).filter(([key, value]) => {
      const field = entity.fields.get(key);
      if (field && value === null && field.default !== undefined && isDeepStrictEqual(field.default, data[key]))
        return false;
      return !field || !isDeepStrictEqual(comparable(field, value), comparable(field, data[key] ?? null));
    }),
  );
}

/** What is written to bring a record back to what was read: links by id. */
export function writable(field: FieldModel | undefined, value: Json): Json {
  if (!field?.kind.relation || value === null) return value;
  if (Array.isArray(value))
    return value.map((item) => ({
      id: (item as { id: string }).id,
      label: (item as { label?: string | null }).label ?? null,
    }));
  if (typeof value !== 'object') return value;
  return field.kind.relation === 'any' ? { entity: value.entity, id: value.id } : value.id;
}

function comparable(field: FieldModel, value: Json): Json {
  if (value === null) return field.kind.relation === 'many' ? [] : null;
  const written = writable(field, value);
  if (!Array.isArray(written) || field.kind.relation !== 'many') return written;
  return [...written].sort((a, b) => String((a as { id: string }).id).localeCompare(String((b as { id: string }).id)));
}
