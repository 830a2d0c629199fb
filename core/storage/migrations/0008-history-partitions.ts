import type { Migration } from './migration.js';

/** History by month: partitions for this month and the next two, made ahead by a daily job. */
export const historyPartitions: Migration = {
  id: '0008-history-partitions',
  up: /* sql */ `
create function trellis.make_history_partitions() returns integer
language plpgsql as $body$
declare
  month timestamptz;
  following timestamptz;
  made integer := 0;
  name text;
begin
  for i in 0 .. 2 loop
    month := (date_trunc('month', now() at time zone 'UTC') + make_interval(months => i)) at time zone 'UTC';
    following := (date_trunc('month', now() at time zone 'UTC') + make_interval(months => i + 1)) at time zone 'UTC';
    name := 'history_' || to_char(month at time zone 'UTC', 'YYYY_MM');
    -- Rows that reached the default partition first stay there: moving them would lock the table.
    if to_regclass('trellis.' || name) is null and not exists (
      select 1 from trellis.history_default where at >= month and at < following
    ) then
      execute format('create table trellis.%I partition of trellis.history for values from (%L) to (%L)',
        name, month, following);
      made := made + 1;
    end if;
  end loop;
  return made;
end
$body$;
select trellis.make_history_partitions();
`,
};
