import type { Migration } from './migration.js';

/** What a change of the tables leaves to be done afterwards, in pieces: rollups to fill, history of purged fields to remove. */
export const storageTasks: Migration = {
  id: '0011-storage-tasks',
  up: /* sql */ `
create table trellis.storage_task (
  key text primary key,
  kind text not null check (kind in ('fill-rollup', 'purge-history')),
  entity text not null,
  -- Of what is to be done: another one begins anew.
  hash text not null,
  payload jsonb not null,
  state text not null default 'pending' check (state in ('pending', 'done')),
  -- Last id that was dealt with; moves in the same transaction as the rows themselves.
  position text,
  done bigint not null default 0,
  total bigint not null default 0,
  updated_at timestamptz not null default now()
);
create index storage_task_pending on trellis.storage_task (kind, updated_at) where state = 'pending';

-- Rows that keep a unique index from being built, with their ids; how far a build is.
alter table trellis.index_state add column duplicates jsonb, add column done bigint, add column total bigint;
`,
};
