import type { Migration } from './migration.js';

/** The choice in a conflict of an upgrade that waits with its change set for values to be copied. */
export const decisions: Migration = {
  id: '0014-decisions',
  up: /* sql */ `
-- {"conflict": uuid, "choice": "local" | "vendor"}: written into trellis.catalog_conflict when the change set is applied.
alter table trellis.change_set add column decides jsonb;
`,
};
