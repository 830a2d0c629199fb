import { isUuid } from '../base/ids.js';
import type { Ctx, RecordData } from '../sdk/index.js';
import { compileGet } from '../query/index.js';
import { guardedRead, guardedWhole, guardedWrite, type RecordsDeps } from './transaction.js';
import { compileCreate } from './create.js';
import { compilePatch, patchOne } from './patch.js';
import { LateFindings } from './late-findings.js';
import { lockOne } from './lock.js';
import { changeDrafts, createDrafts, refuse } from './write.js';

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
  if (ctx.tx === null && !input.dryRun) {
    const made = await guardedWhole(deps, ctx, (current, catalog) => compileCreate(deps, current, catalog, input));
    if (made) return made;
  }
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
  if (ctx.tx === null && !input.dryRun && isUuid(input.id)) {
    const done = await guardedWhole(deps, ctx, async (current, catalog) =>
      deps.access.may(current, catalog, input.entity, 'read') &&
      deps.access.may(current, catalog, input.entity, 'update')
        ? compilePatch(deps, current, catalog, input, true)
        : null,
    );
    if (done) return { id: input.id, ...(done === 'unchanged' ? await readNow(deps, ctx, input) : done) };
  }
  return maybeDry(input.dryRun, () =>
    guardedWrite(deps, ctx, (inner, catalog) =>
      refusing(async () => {
        const short = ctx.tx !== null && isUuid(input.id) ? await patchOne(deps, inner, catalog, input) : null;
        if (short) {
          const shown = short === 'unchanged' ? await readNow(deps, inner, input) : short;
          return leave(input.dryRun, { id: input.id, ...shown });
        }
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
        const { body, version } = await readNow(deps, inner, input);
        return leave(input.dryRun, { id: draft.id, version, body });
      }),
    ),
  );
}

async function readNow(
  deps: RecordsDeps,
  ctx: Ctx,
  { entity, id }: { entity: string; id: string },
): Promise<{ body: string; version: number }> {
  const found = await guardedRead(deps, ctx, (current, catalog) =>
    compileGet(deps.access.env(current, catalog), deps.access.read(current, catalog, entity), { id }),
  );
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
