import type { Migration } from './migration.js';

/** Imports: their state, what became of each row, and links whose target has not arrived yet. */
export const exchange: Migration = {
  id: '0005-exchange',
  up: /* sql */ `
create table trellis.import (
  id uuid primary key,
  entity text not null,
  file_name text not null,
  file_hash text not null,
  format text not null,
  options jsonb not null,
  columns jsonb not null,
  mapping jsonb not null,
  preview jsonb not null default '[]',
  problems jsonb not null default '[]',
  status text not null check (status in ('ready', 'running', 'done', 'cancelled', 'failed', 'undoing', 'undone')),
  total bigint not null,
  -- Number of the last source row that is dealt with; moves in the same transaction as the rows themselves.
  position bigint not null default 0,
  done bigint not null default 0,
  created bigint not null default 0,
  updated bigint not null default 0,
  unchanged bigint not null default 0,
  refused bigint not null default 0,
  pending bigint not null default 0,
  warnings jsonb not null default '{}',
  -- What an undo kept, and why: reason → number.
  kept jsonb not null default '{}',
  error jsonb,
  actor uuid not null,
  scopes jsonb,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  progress_at timestamptz
);
create index import_actor on trellis.import (actor, created_at desc);
create index import_file on trellis.import (file_hash);

-- Rows that left a trace: a record made or changed (with what stood before), or a refusal with its cells.
create table trellis.import_row (
  import_id uuid not null references trellis.import on delete cascade,
  row bigint not null,
  action text not null check (action in ('created', 'updated', 'refused')),
  record_id uuid,
  version integer,
  previous jsonb,
  cells jsonb,
  reasons jsonb,
  primary key (import_id, row)
);
create index import_row_reasons on trellis.import_row (import_id, row) where reasons is not null;
create index import_row_record on trellis.import_row (record_id) where record_id is not null;

-- A reference to a record that does not exist yet; resolved when it comes.
create table trellis.import_pending_link (
  id bigint generated always as identity primary key,
  import_id uuid not null references trellis.import on delete cascade,
  entity text not null,
  record_id uuid not null,
  field text not null,
  match_by text not null,
  value text not null,
  created_at timestamptz not null default now(),
  resolved_at timestamptz,
  target_id uuid
);
create index import_pending_value on trellis.import_pending_link (match_by, value) where resolved_at is null;
create index import_pending_record on trellis.import_pending_link (record_id);
create index import_pending_target on trellis.import_pending_link (target_id) where target_id is not null;
`,
};
