import { invalid } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import { didYouMean } from '../base/suggest.js';
import { isVeiled, type Scoped } from '../query/index.js';
import type { RecordData } from '../sdk/index.js';
import { revive } from './bulk-revive.js';
import { issueOf, refusalOf, refuseRow, settle, type BulkRun, type Matched } from './bulk-run.js';
import { deleteRows } from './remove.js';
import { lockRows, type Locked } from './lock.js';
import { changeDrafts, createDrafts } from './write.js';

interface Keyed {
  readonly row: number;
  readonly values: RecordData;
  /** Text of the key, null where the row has none. */
  readonly key: string | null;
}

/** The column by which rows find their record. */
export interface KeyColumn {
  readonly field: string;
  readonly column: string;
  readonly type: string;
}

/** Only a field that the actor may read can match: else it would tell which values there are. */
export function keyColumn(scope: Scoped, key: string): KeyColumn {
  const { entity, fields } = scope;
  const field = entity.fields.get(key);
  const usable = [...entity.fields.values()]
    .filter(
      (each) =>
        fields.has(each.key) &&
        !isVeiled(scope, each.key) &&
        (each.unique || each.key === 'id' || each.key === 'externalId'),
    )
    .map((each) => each.key);
  if (!field || !usable.includes(key))
    throw invalid('bulk.bad_key', `Rows cannot be matched by "${key}".${didYouMean(key, usable)}`, {
      params: { key },
      hint: `Use one of: ${usable.join(', ')}.`,
    });
  const [column] = field.kind.columns(field);
  return { field: key, column: column.name, type: column.type.split(' collate ')[0] };
}

/** A key that stands twice is taken one after the other: the second row finds what the first one made. */
export function rounds(rows: readonly Keyed[]): Keyed[][] {
  const seen = new Map<string, number>();
  const out: Keyed[][] = [];
  for (const row of rows) {
    const n = row.key === null ? 0 : (seen.get(row.key) ?? 0);
    if (row.key !== null) seen.set(row.key, n + 1);
    (out[n] ??= []).push(row);
  }
  return out;
}

/** Text of a key, null where the row has none. */
export function keyText(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null;
  return typeof value === 'object' ? String((value as { id?: unknown }).id) : String(value);
}

/** Updates, upserts or deletes rows whose keys differ from each other. */
export async function matchedRound(run: BulkRun, key: KeyColumn, round: readonly Keyed[]): Promise<void> {
  const { deps, ctx, catalog, input, settings } = run;
  const { matched, deleted, fresh } = await sortRows(run, key, round);
  if (input.mode === 'delete') await deleteMatched(run, matched);
  else
    await settle(run, matched, 'updated', (pending) =>
      changeDrafts(deps, ctx, catalog, input.entity, pending, settings),
    );
  for (const each of deleted) await revive(run, each);
  await settle(run, fresh, 'created', (pending) =>
    createDrafts(
      deps,
      ctx,
      catalog,
      input.entity,
      pending.map(({ values }) => values),
      settings,
    ),
  );
}

interface Sorted {
  readonly matched: Matched[];
  /** Records of the recycle bin that are to be revived. */
  readonly deleted: Matched[];
  readonly fresh: { readonly row: number; readonly values: RecordData }[];
}

/** Locks what the rows name and says what is to be done with each; those with which nothing can be done are refused. */
async function sortRows(run: BulkRun, key: KeyColumn, round: readonly Keyed[]): Promise<Sorted> {
  const { input, settings } = run;
  const operation = input.mode === 'delete' ? 'delete' : 'update';
  const found = await lockByKey(run, key, round, operation);
  const sorted: Sorted = { matched: [], deleted: [], fresh: [] };
  for (const each of round) {
    const known = each.key === null ? undefined : found.get(each.key);
    const locked = known?.readable ? known : undefined;
    const params = { key: each.key };
    if (locked?.deleted && (input.mode !== 'upsert' || !input.revive)) {
      const message = 'The record with this key is in the recycle bin.';
      refuseRow(run, each.row, [{ path: key.field, code: 'record.deleted', message, params }]);
    } else if (locked && !locked.writable) {
      const message = `You may not ${operation} this record.`;
      refuseRow(run, each.row, [{ path: key.field, code: 'access.denied', message }]);
    } else if (locked) {
      const values = withoutKey(each.values, key.field);
      (locked.deleted ? sorted.deleted : sorted.matched).push({ row: each.row, locked, values });
    } else if (input.mode === 'upsert') {
      const keeps = key.field !== 'id' || settings.keepsIds === true;
      sorted.fresh.push({ row: each.row, values: keeps ? each.values : withoutKey(each.values, 'id') });
    } else {
      const message = 'There is no such record.';
      refuseRow(run, each.row, [{ path: key.field, code: 'record.not_found', message, params }]);
    }
  }
  return sorted;
}

async function lockByKey(
  run: BulkRun,
  key: KeyColumn,
  round: readonly Keyed[],
  operation: 'update' | 'delete',
): Promise<Map<string, Locked>> {
  const keys = round.flatMap((each) =>
    each.key !== null && (key.type !== 'uuid' || isUuid(each.key)) ? [each.key] : [],
  );
  const by = { column: key.column, type: key.type, values: [...new Set(keys)] };
  const { deps, ctx, catalog, input } = run;
  const rows = keys.length === 0 ? [] : await lockRows(deps, ctx, catalog, input.entity, by, operation, 'any');
  const found = new Map<string, Locked>();
  // A live record wins over a deleted one of the same key.
  for (const row of rows) if (!found.has(row.key) || !row.deleted) found.set(row.key, row);
  return found;
}

async function deleteMatched(run: BulkRun, matched: readonly Matched[]): Promise<void> {
  if (matched.length === 0) return;
  const { deps, ctx, catalog, input, results, offset } = run;
  const rows = matched.map(({ locked }) => locked);
  const refusal = await refusalOf(run, () => deleteRows({ deps, ctx, catalog }, input.entity, rows));
  if (refusal === null)
    for (const { row, locked } of matched) results.set(row, { row: offset + row, status: 'deleted', id: locked.id });
  else if (matched.length === 1) refuseRow(run, matched[0].row, [issueOf(refusal)]);
  else {
    // One that is held keeps only itself, not the whole batch.
    const middle = Math.ceil(matched.length / 2);
    await deleteMatched(run, matched.slice(0, middle));
    await deleteMatched(run, matched.slice(middle));
  }
}

function withoutKey(values: RecordData, key: string): RecordData {
  const { [key]: _, ...rest } = values;
  return rest;
}
