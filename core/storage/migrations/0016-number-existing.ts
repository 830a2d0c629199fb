import type { Migration } from './migration.js';

/** Records that stand get numbers when a field of them begins to count. */
export const numberExisting: Migration = {
  id: '0016-number-existing',
  up: /* sql */ `
alter table trellis.storage_task drop constraint storage_task_kind_check;
alter table trellis.storage_task add constraint storage_task_kind_check
check (kind in ('fill-rollup', 'purge-history', 'convert-column', 'fill-number'));
`,
};
