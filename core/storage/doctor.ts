import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isTrellisError } from '../base/errors.js';
import type { SchemaModel } from '../schema/index.js';
import { checkStorageWork, checkTables } from './examine-tables.js';
import { error, ok, warning, type Finding } from './finding.js';
import { checkServer, pendingAfter, readApplied, readServerFacts } from './migrate.js';
import type { Migration } from './migrations/migration.js';
import type { Database } from './types.js';

export interface DoctorInput {
  readonly db: Database;
  readonly migrations: readonly Migration[];
  /** The entities of the catalog, or null where it cannot be loaded: tables are then not compared. */
  readonly schema: SchemaModel | null;
  /** Quoted display collation of the workspace. */
  readonly collation: string;
  /** Folder of the blobs. */
  readonly filesDir: string;
}

/** Looks at everything that can be wrong with a database and its files. Changes nothing; never throws for a fault it finds. */
export async function examine(input: DoctorInput): Promise<Finding[]> {
  const checks = [
    checkServerFacts,
    checkExtensions,
    checkMigrations,
    checkTables,
    checkStorageWork,
    checkIndexStates,
    checkFiles,
    checkOutbox,
    checkJobs,
  ];
  const findings: Finding[] = [];
  for (const check of checks) {
    try {
      findings.push(...(await check(input)));
    } catch (error) {
      findings.push(problem(error));
    }
  }
  return findings;
}

async function checkServerFacts({ db }: DoctorInput): Promise<Finding[]> {
  const facts = await readServerFacts(db);
  checkServer(facts);
  return [
    ok(
      'doctor.server',
      `PostgreSQL ${Math.floor(facts.version / 10_000)}, ${facts.encoding}, Unicode character classes.`,
    ),
  ];
}

async function checkExtensions({ db }: DoctorInput): Promise<Finding[]> {
  const wanted = ['pgcrypto', 'btree_gin'];
  const found = (
    await db.query<{ name: string }>({ text: 'select extname as name from pg_extension', values: [] })
  ).map(({ name }) => name);
  const absent = wanted.filter((name) => !found.includes(name));
  if (absent.length === 0) return [ok('doctor.extensions', `Extensions: ${wanted.join(', ')}.`)];
  return absent.map((name) =>
    error('doctor.extension_missing', `The extension ${name} is missing.`, `Run: create extension ${name}`),
  );
}

async function checkMigrations({ db, migrations }: DoctorInput): Promise<Finding[]> {
  const pending = pendingAfter(migrations, await readApplied(db));
  if (pending.length === 0) return [ok('doctor.migrations', `All ${migrations.length} migrations ran.`)];
  return [
    error(
      'doctor.migrations_pending',
      `Migrations to run: ${pending.map(({ id }) => id).join(', ')}.`,
      'Start Trellis once; it runs them.',
    ),
  ];
}

async function checkIndexStates({ db }: DoctorInput): Promise<Finding[]> {
  const rows = await db.query<{ name: string; state: string; error: string | null }>({
    text: `select name, state, error from trellis.index_state where state <> 'active' order by name`,
    values: [],
  });
  return rows.map(({ name, state, error: said }) =>
    state === 'failed'
      ? error(
          'doctor.index_failed',
          `The index ${name} could not be built: ${said}`,
          'Change the records it names; it is tried again with the next change of the catalog.',
        )
      : warning('doctor.index_pending', `The index ${name} is still to be built.`),
  );
}

async function checkFiles({ db, filesDir }: DoctorInput): Promise<Finding[]> {
  const known = new Map(
    (
      await db.query<{ hash: string; size: string }>({
        text: 'select hash, size::text as size from trellis.blob',
        values: [],
      })
    ).map(({ hash, size }) => [hash, Number(size)]),
  );
  const count = known.size;
  let orphans = 0;
  const wrong: string[] = [];
  for await (const { hash, path } of blobs(filesDir)) {
    const size = known.get(hash);
    if (size === undefined) orphans++;
    else if ((await stat(path)).size !== size) wrong.push(hash);
    known.delete(hash);
  }
  return [
    ...(known.size + wrong.length === 0
      ? [ok('doctor.files', count === 1 ? 'The one file is there.' : `All ${count} files are there.`)]
      : []),
    ...[...known.keys()]
      .slice(0, 20)
      .map((hash) =>
        error(
          'doctor.file_missing',
          `The contents ${hash.slice(0, 12)}… are not on disk.`,
          'Restore the files folder from a backup.',
        ),
      ),
    ...wrong
      .slice(0, 20)
      .map((hash) =>
        error(
          'doctor.file_damaged',
          `The contents ${hash.slice(0, 12)}… have another size than they should.`,
          'Restore the files folder from a backup.',
        ),
      ),
    ...(orphans > 0
      ? [
          warning(
            'doctor.files_orphaned',
            orphans === 1 ? 'One file on disk belongs to no record.' : `${orphans} files on disk belong to no record.`,
            'The job core.collect-blobs removes them.',
          ),
        ]
      : []),
  ];
}

async function checkOutbox({ db }: DoctorInput): Promise<Finding[]> {
  const [{ lag }] = await db.query<{ lag: number }>({
    text: `select coalesce(extract(epoch from now() - min(created_at)), 0)::int as lag from trellis.outbox
where (xid, id) > (select coalesce(max(xid::text), '0')::xid8, coalesce(max(id), 0) from trellis.outbox_cursor where consumer = 'jobs')`,
    values: [],
  });
  if (lag < 60) return [ok('doctor.outbox', 'Events and jobs are delivered.')];
  return [
    warning(
      'doctor.outbox_lag',
      `The oldest undelivered event has waited ${lag} s.`,
      'Is a Trellis running? A transaction left open holds events up too: see pg_stat_activity.',
    ),
  ];
}

async function checkJobs({ db }: DoctorInput): Promise<Finding[]> {
  const [{ installed }] = await db.query<{ installed: boolean }>({
    text: `select to_regclass('trellis_jobs.job') is not null as installed`,
    values: [],
  });
  if (!installed) return [];
  const rows = await db.query<{ name: string; n: number }>({
    text: `select name, count(*)::int as n from trellis_jobs.job where state = 'failed' group by name order by name`,
    values: [],
  });
  if (rows.length === 0) return [ok('doctor.jobs', 'No job has failed.')];
  return rows.map(({ name, n }) =>
    warning(
      'doctor.jobs_failed',
      n === 1 ? `A job ${name} failed for good.` : `${n} jobs ${name} failed for good.`,
      'See Settings, Jobs; there they can be run again.',
    ),
  );
}

async function* blobs(folder: string): AsyncGenerator<{ hash: string; path: string }> {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* blobs(path);
    else if (/^[0-9a-f]{64}$/.test(entry.name)) yield { hash: entry.name, path };
  }
}

function problem(cause: unknown): Finding {
  if (isTrellisError(cause)) return error(cause.code, cause.message, cause.hint);
  return error('doctor.check_failed', cause instanceof Error ? cause.message : String(cause));
}
