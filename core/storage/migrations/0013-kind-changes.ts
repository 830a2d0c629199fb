import type { Migration } from './migration.js';

/** Changes of kind by copy: the copying task, the change set that waits for it; which generator the tables were last planned by. */
export const kindChanges: Migration = {
  id: '0013-kind-changes',
  up: /* sql */ `
alter table trellis.storage_task drop constraint storage_task_kind_check;
alter table trellis.storage_task add constraint storage_task_kind_check check (kind in ('fill-rollup', 'purge-history', 'convert-column'));
alter table trellis.storage_task drop constraint storage_task_state_check;
alter table trellis.storage_task add constraint storage_task_state_check check (state in ('pending', 'done', 'failed'));
-- Of a failed one: why.
alter table trellis.storage_task add column error text;

alter table trellis.change_set drop constraint change_set_state_check;
alter table trellis.change_set add constraint change_set_state_check check (state in ('draft', 'preparing', 'applied', 'reverted'));
-- Keys of the storage tasks that it waits for; null once it waits no longer.
alter table trellis.change_set add column preparing text[];
-- Why what was prepared could not be applied in the end: {"code", "message"}.
alter table trellis.change_set add column problem jsonb;

-- Of the statements that the running version makes for its own sample of a model; another one plans all tables at its start.
alter table trellis.epoch add column tables_made_by text;
`,
};
