import type { Migration } from './migration.js';

/** Audit entries, with payload and salt apart: an erased payload leaves the entry and its hash standing. */
export const audit: Migration = {
  id: '0007-audit',
  up: /* sql */ `
create table trellis.audit_entry (
  id uuid primary key,
  at timestamptz not null,
  kind text not null,
  -- The acting user, or null for the system and for failed sign-ins.
  actor uuid,
  request_id text,
  -- sha256(salt || payload as stored)
  payload_hash bytea not null
);
create index audit_entry_at on trellis.audit_entry (at desc, id desc);
create index audit_entry_kind on trellis.audit_entry (kind, at desc, id desc);

create table trellis.audit_payload (
  entry_id uuid primary key references trellis.audit_entry on delete cascade,
  salt bytea not null,
  -- Text, not jsonb: the hash is over these very bytes.
  payload text not null
);
`,
};
