import type { Migration } from './migration.js';

/** What the job room needs beside pg-boss's own schema: which nodes are alive, and which runs which job. */
export const jobs: Migration = {
  id: '0003-jobs',
  up: /* sql */ `
-- A node says every few seconds that it lives; the name is host, process id and start of the process.
create table trellis.job_node (
  id uuid primary key,
  name text not null,
  seen_at timestamptz not null default now()
);

-- Which node runs a job: one whose node is gone is put back at once, long before pg-boss would time it out.
create table trellis.job_run (
  job_id uuid primary key,
  queue text not null,
  node uuid not null,
  started_at timestamptz not null default now()
);
create index job_run_node on trellis.job_run (node);
`,
};
