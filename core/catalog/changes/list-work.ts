import type { ChangesDeps } from './deps.js';
import type { TableWork } from './types.js';

/** What the tables still have to be given after changes of the catalog, and what of it failed; failed ones first, then by entity. */
export async function listWork(deps: Pick<ChangesDeps, 'ask'>): Promise<TableWork[]> {
  const rows = await deps.ask<{ row: TableWork }>(workSql);
  return rows.map(({ row }) => row);
}

const most = 200;

/** What a column is called while its values are copied into another type: its own name and a hash. */
const copied = `'[$][0-9a-f]{8}(?=["),])'`;

// Sizes are of blocks or rows, whichever is known: they tell a share, not a count.
const workSql = `
select row from (
  select state, entity, name, json_strip_nulls(json_build_object('kind', kind, 'name', name, 'entity', entity, 'state', state, 'done', done,
    'total', total, 'error', regexp_replace(error, ${copied}, '', 'g'), 'duplicates', regexp_replace(duplicates::text, ${copied}, '', 'g')::jsonb)) as row
  from (
    select 'index' as kind, name, entity, state, coalesce(done, 0) as done, coalesce(total, 0) as total, error, duplicates
    from trellis.index_state where state in ('pending', 'failed')
    union all
    select case kind when 'convert-column' then 'conversion' when 'fill-rollup' then 'rollup' else 'history' end, key, entity, state, done, total, error, null
    from trellis.storage_task where state in ('pending', 'failed')
  ) w
) r order by state = 'pending', entity, name limit ${most}`;
