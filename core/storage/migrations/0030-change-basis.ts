import type { Migration } from './migration.js';

/** A change set that waits, as a draft or until values are copied, keeps what its author had read of each definition. */
export const changeBasis: Migration = {
  id: '0030-change-basis',
  up: /* sql */ `
-- type:id → epoch; null of an applied one, and where its author named none.
alter table trellis.change_set add column basis json;
`,
};
