import type { Migration } from './migration.js';

/** Who reports to whom, at any depth. */
export const access: Migration = {
  id: '0023-access',
  up: /* sql */ `
-- Closure of core.user.reportsTo over living users, kept by a hook in the transaction that changes it.
create table trellis.report (
  superior_id uuid not null,
  user_id uuid not null,
  primary key (superior_id, user_id)
);
create index report_user on trellis.report (user_id);
`,
};
