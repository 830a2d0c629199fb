import type { Migration } from './migration.js';

/** Catalog, outbox, history, credentials: what every other room leans on. */
export const spine: Migration = {
  id: '0001-spine',
  up: /* sql */ `
create extension if not exists pgcrypto;
create extension if not exists btree_gin;
create schema if not exists data;

-- One row: read inside every statement; a stale node discards its answer.
create table trellis.epoch (
  only_row boolean primary key default true check (only_row),
  catalog_epoch bigint not null default 1
);
insert into trellis.epoch default values;

create table trellis.catalog_layer (
  plugin text primary key,
  version text not null,
  position integer not null,
  hash text not null,
  -- json, not jsonb: the order of keys is the order of fields.
  documents json not null,
  applied_at timestamptz not null default now()
);

-- Workspace-local ids of entities (field = '') and fields; history and permissions are bound to them.
create table trellis.catalog_node (
  id uuid primary key,
  entity text not null,
  field text not null default '',
  kind text not null default '',
  plugin text not null,
  state text not null default 'active' check (state in ('active', 'retired', 'purged')),
  created_at timestamptz not null default now()
);
create unique index catalog_node_key on trellis.catalog_node (entity, field) where state <> 'purged';

create table trellis.plugin (
  id text primary key,
  version text not null,
  hash text not null,
  state text not null check (state in ('enabled', 'disabled', 'failed')),
  error jsonb,
  seeded_at timestamptz,
  installed_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table trellis.index_state (
  name text primary key,
  entity text not null,
  definition text not null,
  state text not null default 'pending' check (state in ('pending', 'active', 'failed')),
  error text,
  updated_at timestamptz not null default now()
);

-- Consumers read in (xid, id) order below pg_snapshot_xmin: insert order is not commit order.
create table trellis.outbox (
  id bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  topic text not null,
  payload jsonb not null,
  created_at timestamptz not null default now()
);
create index outbox_order on trellis.outbox (xid, id);

create table trellis.outbox_cursor (
  consumer text primary key,
  xid xid8 not null default '0',
  id bigint not null default 0
);

-- Previous values of changed fields by field uuid; a creation stores none. Partitioned by month.
create table trellis.history (
  id bigint generated always as identity,
  entity uuid not null,
  record_id uuid not null,
  version integer not null,
  operation text not null,
  at timestamptz not null,
  actor uuid,
  reason text,
  previous jsonb not null,
  primary key (id, at)
) partition by range (at);
create index history_record on trellis.history (record_id, at desc, id desc);
create table trellis.history_default partition of trellis.history default;

create table trellis.credential (
  user_id uuid primary key,
  password_hash text,
  must_change boolean not null default false,
  security_epoch bigint not null default 1,
  active boolean not null default true,
  updated_at timestamptz not null default now()
);

create table trellis.user_role (
  user_id uuid not null references trellis.credential on delete cascade,
  role text not null,
  primary key (user_id, role)
);

create table trellis.session (
  id uuid primary key,
  token_hash bytea not null unique,
  user_id uuid not null references trellis.credential on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  last_seen_at timestamptz not null default now(),
  address text,
  user_agent text
);
create index session_by_user on trellis.session (user_id);

create table trellis.api_key (
  id uuid primary key,
  key_hash bytea not null unique,
  user_id uuid not null references trellis.credential on delete cascade,
  name text not null,
  scopes text[],
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz
);
create index api_key_by_user on trellis.api_key (user_id);

create table trellis.idempotency (
  actor uuid not null,
  key text not null,
  route text not null,
  body_hash bytea not null,
  status integer,
  response text,
  created_at timestamptz not null default now(),
  primary key (actor, key, route)
);

-- The grams of a text: CJK one and two characters, other letters and digits three, and the first one and two of a word.
create function trellis.grams(input text) returns text[]
language plpgsql immutable parallel safe cost 500 as $body$
declare
  folded text := lower(input);
  n integer;
  c text;
  is_cjk boolean;
  was_cjk boolean := false;
  previous text := '';
  word text := '';
  out text[] := '{}';
  piece text;
begin
  if input is null or input = '' then
    return out;
  end if;
  if folded !~ '[\\u3040-\\u30ff\\u3400-\\u9fff\\uac00-\\ud7af\\uf900-\\ufaff]' then
    foreach piece in array regexp_split_to_array(folded, '[^[:alnum:]]+') loop
      n := length(piece);
      if n > 0 then
        out := out || ('^' || left(piece, 1));
        if n > 1 then
          out := out || ('^' || left(piece, 2));
        end if;
        for i in 1 .. n - 2 loop
          out := out || substr(piece, i, 3);
        end loop;
      end if;
    end loop;
    return out;
  end if;
  for i in 1 .. length(folded) + 1 loop
    c := substr(folded, i, 1);
    is_cjk := c ~ '[\\u3040-\\u30ff\\u3400-\\u9fff\\uac00-\\ud7af\\uf900-\\ufaff]';
    if is_cjk then
      out := out || c;
      if was_cjk then
        out := out || (previous || c);
      end if;
    end if;
    if c <> '' and not is_cjk and c ~ '[[:alnum:]]' then
      word := word || c;
    elsif word <> '' then
      n := length(word);
      out := out || ('^' || left(word, 1));
      if n > 1 then
        out := out || ('^' || left(word, 2));
      end if;
      for j in 1 .. n - 2 loop
        out := out || substr(word, j, 3);
      end loop;
      word := '';
    end if;
    was_cjk := is_cjk;
    previous := c;
  end loop;
  return out;
end
$body$;

-- The grams that every text containing the given one has: what a search asks of the index.
-- One or two letters that are no CJK stand for the beginning of a word.
create function trellis.query_grams(input text) returns text[]
language plpgsql immutable parallel safe as $body$
declare
  out text[] := '{}';
  piece text;
  n integer;
begin
  for piece in
    select (regexp_matches(lower(input), '[\\u3040-\\u30ff\\u3400-\\u9fff\\uac00-\\ud7af\\uf900-\\ufaff]+|[^\\u3040-\\u30ff\\u3400-\\u9fff\\uac00-\\ud7af\\uf900-\\ufaff]+', 'g'))[1]
  loop
    if piece ~ '[\\u3040-\\u30ff\\u3400-\\u9fff\\uac00-\\ud7af\\uf900-\\ufaff]' then
      n := length(piece);
      if n = 1 then
        out := out || piece;
      end if;
      for i in 1 .. n - 1 loop
        out := out || substr(piece, i, 2);
      end loop;
    else
      foreach piece in array regexp_split_to_array(piece, '[^[:alnum:]]+') loop
        n := length(piece);
        if n in (1, 2) then
          out := out || ('^' || piece);
        end if;
        for i in 1 .. n - 2 loop
          out := out || substr(piece, i, 3);
        end loop;
      end loop;
    end if;
  end loop;
  return out;
end
$body$;

-- The n-th number in a format: the zeros in braces are its least width; without braces it is appended.
create function trellis.auto_number(format text, n bigint) returns text
language sql immutable parallel safe as $body$
  select case when format ~ '\\{0+\\}'
    then regexp_replace(format, '\\{0+\\}', lpad(n::text, greatest(length(n::text), length(substring(format from '\\{(0+)\\}'))), '0'))
    else format || n::text end
$body$;

-- uuid[] of a json array of text, for set-wise writes.
create function trellis.uuids(input jsonb) returns uuid[]
language sql immutable parallel safe as $body$
  select coalesce(array_agg(value::uuid), '{}') from jsonb_array_elements_text(input)
$body$;
`,
};
