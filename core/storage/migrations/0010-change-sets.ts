import type { Migration } from './migration.js';

/** The workspace layer's book: change sets, who touched what last, conflicts of upgrades, vendors' earlier texts, installed packages. */
export const changeSets: Migration = {
  id: '0010-change-sets',
  up: /* sql */ `
create table trellis.change_set (
  id uuid primary key,
  state text not null check (state in ('draft', 'applied', 'reverted')),
  reason text not null,
  -- json, not jsonb: the order of keys is the order of fields.
  operations json not null,
  -- Of an applied one: per definition the operations that take it back, with what they expect to find.
  inverse json,
  created_by uuid,
  at timestamptz(3) not null,
  epoch bigint,
  reverts uuid references trellis.change_set,
  reverted_by uuid references trellis.change_set,
  revertible boolean not null default true
);
create index change_set_at on trellis.change_set (at desc, id desc);

-- Which change set last touched a property of the workspace layer.
create table trellis.catalog_touch (
  type text not null,
  id text not null,
  pointer text not null,
  change_set uuid not null references trellis.change_set,
  primary key (type, id, pointer)
);

create table trellis.catalog_conflict (
  id uuid primary key,
  plugin text not null,
  from_version text not null,
  to_version text not null,
  kind text not null check (kind in ('both-changed', 'removed-used', 'type-changed', 'anchor-missing', 'access-widened')),
  type text not null,
  target text not null,
  at text not null,
  base json,
  vendor json,
  local json,
  -- Operations that have no place now; tried again with every change of a plugin.
  parked json,
  choice text check (choice in ('local', 'vendor')),
  decided_by uuid,
  decided_at timestamptz(3),
  created_at timestamptz(3) not null default now()
);
create index catalog_conflict_target on trellis.catalog_conflict (type, target);

-- Every text of a plugin that was ever applied: the base of the next merge, also after the plugin was away.
create table trellis.catalog_base (
  plugin text not null,
  hash text not null,
  version text not null,
  position integer not null,
  documents json not null,
  seen_at timestamptz(3) not null default now(),
  primary key (plugin, hash)
);

-- Plugins without code that came over HTTP: every node finds them here.
create table trellis.plugin_package (
  id text primary key,
  version text not null,
  hash text not null,
  -- Path within the plugin → text of the file.
  files json not null,
  installed_by uuid,
  installed_at timestamptz(3) not null default now()
);
`,
};
