import { conflict, denied } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import type { Ctx, RecordData } from '../sdk/index.js';
import { compileGet } from '../query/index.js';
import { guardedWrite, type RecordsDeps, type TxCtx } from './transaction.js';
import type { Catalog } from '../catalog/index.js';
import { patchOne } from './patch.js';
import { changeDrafts, createDrafts, LateFindings, lockRows, notFound, refuse, type Locked } from './write.js';

interface Written {
  readonly body: string;
  readonly version: number;
  readonly id: string;
}

/** Leaves a dry run's transaction without keeping anything. */
class DryRun extends Error {
  constructor(readonly result: Written) {
    super('dry run');
  }
}

const settings = { systemFields: false, withData: true };

/** Creates one record. Throws record.invalid, record.duplicate, access.denied. */
export async function createOne(
  deps: RecordsDeps,
  ctx: Ctx,
  input: { entity: string; values: RecordData; dryRun?: boolean },
): Promise<Written> {
  return maybeDry(input.dryRun, () =>
    guardedWrite(deps, ctx, (inner, catalog) =>
      refusing(async () => {
        const { drafts, written } = await createDrafts(deps, inner, catalog, input.entity, [input.values], settings);
        const [draft] = drafts;
        if (draft.issues.length > 0) refuse(draft);
        return leave(input.dryRun, { id: draft.id, version: 1, body: written.get(draft.id)?.data ?? 'null' });
      }),
    ),
  );
}

/** Changes one record. `version` is the one the caller saw; record.stale where another stands. */
export async function updateOne(
  deps: RecordsDeps,
  ctx: Ctx,
  input: { entity: string; id: string; values: RecordData; version?: number; dryRun?: boolean },
): Promise<Written> {
  return maybeDry(input.dryRun, () =>
    guardedWrite(deps, ctx, (inner, catalog) =>
      refusing(async () => {
        const short = isUuid(input.id) ? await patchOne(deps, inner, catalog, input) : null;
        if (short) return leave(input.dryRun, { id: input.id, ...short });
        const locked = await lockOne(deps, inner, catalog, { ...input, operation: 'update', deleted: 'exclude' });
        const { drafts, written } = await changeDrafts(
          deps,
          inner,
          catalog,
          input.entity,
          [{ locked, values: input.values, row: 0 }],
          settings,
        );
        const [draft] = drafts;
        if (draft.issues.length > 0) refuse(draft);
        const done = written.get(draft.id);
        if (done) return leave(input.dryRun, { id: draft.id, version: done.version, body: done.data ?? 'null' });
        const { body, version } = await readWithin(deps, inner, catalog, input);
        return leave(input.dryRun, { id: draft.id, version, body });
      }),
    ),
  );
}

/** Locks one record for a write; record.not_found, access.denied, record.stale. */
export async function lockOne(
  deps: RecordsDeps,
  ctx: TxCtx,
  catalog: Catalog,
  input: {
    entity: string;
    id: string;
    version?: number;
    operation: 'update' | 'delete' | 'purge';
    deleted: 'exclude' | 'any' | 'only';
  },
): Promise<Locked> {
  deps.access.read(ctx, catalog, input.entity);
  if (!isUuid(input.id)) throw notFound(input.entity, input.id);
  const [locked] = await lockRows(
    deps,
    ctx,
    catalog,
    input.entity,
    { column: 'id', type: 'uuid', values: [input.id] },
    input.operation,
    input.deleted,
  );
  if (!locked?.readable) throw notFound(input.entity, input.id);
  if (!locked.writable)
    throw denied('access.denied', `You may not ${input.operation} this record.`, {
      params: { entity: input.entity, id: input.id, operation: input.operation },
    });
  if (input.version !== undefined && input.version !== locked.version) {
    throw conflict('record.stale', 'The record was changed meanwhile.', {
      params: { seen: input.version, current: locked.version },
      hint: 'Read it again and repeat your change.',
    });
  }
  return locked;
}

async function readWithin(
  deps: RecordsDeps,
  ctx: TxCtx,
  catalog: Catalog,
  input: { entity: string; id: string },
): Promise<{ body: string; version: number }> {
  const statement = compileGet(deps.access.env(ctx, catalog), deps.access.read(ctx, catalog, input.entity), {
    id: input.id,
  });
  const found = statement.finish((await ctx.tx.query(statement.text, statement.values))[0]);
  // Changed out of one's own sight: there is nothing more to show.
  return found ?? { body: 'null', version: 0 };
}

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LateFindings) refuse(error.drafts[0]);
    throw error;
  }
}

function leave(dryRun: boolean | undefined, result: Written): Written {
  if (dryRun) throw new DryRun(result);
  return result;
}

async function maybeDry(dryRun: boolean | undefined, work: () => Promise<Written>): Promise<Written> {
  try {
    return await work();
  } catch (error) {
    if (dryRun && error instanceof DryRun) return error.result;
    throw error;
  }
}
