import { denied } from '../base/errors.js';
import { issueOf, refusalOf, refuseRow, type BulkRun, type Matched } from './bulk-run.js';
import { restoreOne } from './remove.js';
import { LateFindings } from './late-findings.js';
import { lockRows } from './lock.js';
import { changeDrafts, refuse } from './write.js';

/**
 * Brings one record back from the recycle bin and changes it as its row says, both or neither. It counts as updated even where
 * the row changes nothing: it was not there before.
 */
export async function revive(run: BulkRun, { row, locked, values }: Matched): Promise<void> {
  const { deps, ctx, catalog, settings, offset, results } = run;
  const { entity } = run.input;
  const refusal = await refusalOf(run, async () => {
    const by = { column: 'id', type: 'uuid', values: [locked.id] };
    const lock = () => lockRows(deps, ctx, catalog, entity, by, 'update', 'exclude');
    // What was deleted together comes back together: an earlier row may have brought this one along.
    let [live] = await lock();
    if (!live) {
      await restoreOne(deps, ctx, { entity, id: locked.id });
      [live] = await lock();
    }
    if (!live?.writable) throw denied('access.denied', 'You may not update this record.');
    try {
      const { drafts } = await changeDrafts(deps, ctx, catalog, entity, [{ locked: live, values, row }], settings);
      if (drafts[0].issues.length > 0) refuse(drafts[0]);
    } catch (error) {
      if (error instanceof LateFindings) refuse(error.drafts[0]);
      throw error;
    }
  });
  if (refusal === null) results.set(row, { row: offset + row, status: 'updated', id: locked.id });
  else refuseRow(run, row, refusal.issues ?? [issueOf(refusal)]);
}
