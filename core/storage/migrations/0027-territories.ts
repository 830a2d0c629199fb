import type { Migration } from './migration.js';

/** Which territory is part of which, at any depth. */
export const territories: Migration = {
  id: '0027-territories',
  up: /* sql */ `
-- Closure of core.territory.parent over living territories, each with itself, kept by a hook in the transaction that changes it.
create table trellis.territory_tree (
  above_id uuid not null,
  territory_id uuid not null,
  primary key (above_id, territory_id)
);
create index territory_tree_territory on trellis.territory_tree (territory_id);
`,
};
