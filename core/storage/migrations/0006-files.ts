import type { Migration } from './migration.js';

/** Blobs on disk, by content. The attachment records that refer to them are ordinary records. */
export const files: Migration = {
  id: '0006-files',
  up: /* sql */ `
create table trellis.blob (
  hash text collate "C" primary key,
  size bigint not null,
  -- Renewed by every upload of the same content: the collector leaves fresh blobs alone.
  touched_at timestamptz not null default now()
);
create index blob_touched on trellis.blob (touched_at);
`,
};
