import type { ChangesDeps } from './deps.js';
import type { TableWork } from './types.js';

/** What the tables still have to be given after changes of the catalog, and what of it failed; failed ones first, then by entity. */
export async function listWork(deps: Pick<ChangesDeps, 'ask'>): Promise<TableWork[]> {
  const rows = await deps.ask<{ row: TableWork }>(workSql);
  return rows.map(({ row }) => row);
}

const most = 200;

// A column whose values are copied into another type is called by its own name and a hash meanwhile. Nobody is to see that, but a value
// may end like it: only the columns of `Key (columns)=(values) is duplicated.` and the keys of the values are names.
const shownError = `
regexp_replace(left(error, position(')=(' in error)), '[$][0-9a-f]{8}(?=["),])', '', 'g') || substr(error, position(')=(' in error) + 1)`;
const shownDuplicates = `
(select jsonb_agg(d || jsonb_build_object('value', (
    select coalesce(jsonb_object_agg(regexp_replace(key, '[$][0-9a-f]{8}$', ''), value), '{}') from jsonb_each(d -> 'value'))) order by nr)
  from jsonb_array_elements(duplicates) with ordinality as e(d, nr))`;

// Sizes are of blocks or rows, whichever is known: they tell a share, not a count.
const workSql = `
select row from (
  select state, entity, name, json_strip_nulls(json_build_object('kind', kind, 'name', name, 'entity', entity, 'state', state, 'done', done,
    'total', total, 'error', ${shownError}, 'duplicates', ${shownDuplicates})) as row
  from (
    select 'index' as kind, name, entity, state, coalesce(done, 0) as done, coalesce(total, 0) as total, error, duplicates
    from trellis.index_state where state in ('pending', 'failed')
    union all
    select case kind when 'convert-column' then 'conversion' when 'fill-rollup' then 'rollup' when 'fill-number' then 'number' else 'history' end, key, entity, state, done, total, error, null
    from trellis.storage_task where state in ('pending', 'failed')
  ) w
) r order by state = 'pending', entity, name limit ${most}`;
