import type { Migration } from './migration.js';

/** The audit's chain of hashes, its head and its checkpoints, how long kinds are kept; the outbox says whose hand a change was. */
export const auditChain: Migration = {
  id: '0024-audit-chain',
  up: /* sql */ `
alter table trellis.audit_entry
  -- Entries are sealed in (xid, ord) order, below the oldest running transaction: the order of their commits.
  add column ord bigint generated always as identity,
  add column xid xid8 not null default pg_current_xact_id(),
  -- Place in the chain, from 1 and without gaps; null until sealed.
  add column seq bigint unique,
  -- sha256(hash before || place and contents of this entry)
  add column hash bytea;
create index audit_entry_unsealed on trellis.audit_entry (xid, ord) where seq is null;
create index audit_entry_actor on trellis.audit_entry (actor, at desc, id desc);

alter table trellis.audit_payload
  add column entity text,
  -- Every id that the payload names, to find it by.
  add column records uuid[] not null default '{}';
update trellis.audit_payload p set records = array(
  select distinct m[1]::uuid from regexp_matches(p.payload, '"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"', 'g') as m);
create index audit_payload_records on trellis.audit_payload using gin (records);
create index audit_payload_entity on trellis.audit_payload (entity) where entity is not null;

-- One row: where the chain ends, and what the last check of it said.
create table trellis.audit_head (
  only_row boolean primary key default true check (only_row),
  seq bigint not null default 0,
  hash bytea not null default decode(repeat('00', 32), 'hex'),
  sealed_at timestamptz,
  check_wanted_at timestamptz,
  checked_at timestamptz,
  -- What was found, as json of the check.
  found json
);
insert into trellis.audit_head default values;

-- Runs of the chain that retention has removed: it goes on from the hash of the last one.
create table trellis.audit_checkpoint (
  from_seq bigint primary key,
  to_seq bigint not null check (to_seq >= from_seq),
  hash bytea not null
);

create table trellis.audit_retention (
  kind text primary key,
  days integer not null check (days > 0)
);
insert into trellis.audit_retention (kind, days) values ('records.changed', 365), ('records.read', 365);

-- Who made a change, for the audit; never part of what events tell.
alter table trellis.outbox add column author jsonb;
insert into trellis.outbox_cursor (consumer, xid, id) values ('audit', pg_current_xact_id(), 0);

-- Entries are appended and sealed. They go by erasure and retention only, which say so in their transaction.
create function trellis.guard_audit() returns trigger
language plpgsql as $body$
begin
  if tg_op = 'DELETE' and current_setting('trellis.audit_release', true) = 'on' then
    return old;
  end if;
  if tg_op = 'UPDATE' and tg_table_name = 'audit_entry' then
    if old.seq is null and new.seq is not null and to_jsonb(new) - 'seq' - 'hash' = to_jsonb(old) - 'seq' - 'hash' then
      return new;
    end if;
  end if;
  -- A restore empties the tables before it fills them.
  if tg_op = 'TRUNCATE' and not exists (select 1 from trellis.audit_entry) then
    return null;
  end if;
  raise exception 'The audit is not changed.' using errcode = '42501';
end
$body$;
create trigger audit_entry_guard before update or delete on trellis.audit_entry for each row execute function trellis.guard_audit();
create trigger audit_payload_guard before update or delete on trellis.audit_payload for each row execute function trellis.guard_audit();
create trigger audit_checkpoint_guard before update or delete on trellis.audit_checkpoint for each row execute function trellis.guard_audit();
create trigger audit_entry_keep before truncate on trellis.audit_entry for each statement execute function trellis.guard_audit();
create trigger audit_payload_keep before truncate on trellis.audit_payload for each statement execute function trellis.guard_audit();
create trigger audit_checkpoint_keep before truncate on trellis.audit_checkpoint for each statement execute function trellis.guard_audit();
`,
};
