import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { conflict, isTrellisError } from '../../base/errors.js';
import { createMigrationTable, migrationHash, pendingAfter } from '../migrate.js';
import type { Migration } from '../migrations/migration.js';
import { backupFormat, type BackupHeader, type BackupManifest } from './dump.js';
import { damaged, readTar, type TarEntry } from './tar.js';

export interface RestoreInput {
  readonly url: string;
  /** Folder for the blobs. */
  readonly filesDir: string;
  /** Path of the archive. */
  readonly source: string;
  /** The code's migrations; those that the backup has not seen run after its rows are in. */
  readonly migrations: readonly Migration[];
  /** Replaces what is in the database. */
  readonly force: boolean;
}

/** Reads the whole archive and compares its checksum. Throws backup.damaged, backup.unknown_format. */
export async function verifyBackup(source: string): Promise<{ header: BackupHeader; manifest: BackupManifest }> {
  const hash = createHash('sha256');
  let header: BackupHeader | null = null;
  let manifest: BackupManifest | null = null;
  for await (const entry of entriesOf(source, (name, bytes) => void (name !== 'manifest.json' && hash.update(bytes)))) {
    if (entry.name === 'header.json') header = checkFormat(await readJson<BackupHeader>(entry));
    else if (entry.name === 'manifest.json') manifest = await readJson<BackupManifest>(entry);
  }
  if (header === null || manifest === null || manifest.sha256 !== hash.digest('hex')) throw damaged();
  return { header, manifest };
}

/**
 * Puts a verified backup into an empty database, all in one transaction: it is there whole, or nothing changed. Jobs, sessions and
 * idempotency keys are not part of a backup. Throws backup.damaged, backup.not_empty (unless `force`), storage.database_newer.
 */
export async function restoreDatabase(input: RestoreInput): Promise<BackupManifest> {
  const { header, manifest } = await verifyBackup(input.source);
  const newer = pendingAfter(input.migrations, header.migrations);
  const client = new pg.Client({ connectionString: input.url });
  // A lost connection fails the next statement; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('begin');
    await clear(client, input.force);
    await client.query(createMigrationTable);
    await migrate(
      client,
      input.migrations.filter((migration) => !newer.includes(migration)),
    );
    await load(client, input, header);
    await migrate(client, newer);
    // Nodes that still run must not go on with the catalog they know.
    await client.query(`update trellis.epoch set catalog_epoch = catalog_epoch + 1`);
    await client.query('commit');
    await client.query('analyze');
    return manifest;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function clear(client: pg.Client, force: boolean): Promise<void> {
  const found = `select to_regnamespace('trellis') is not null or to_regnamespace('data') is not null as full, to_regclass('trellis.job_node') is not null as nodes`;
  const { full, nodes } = (await client.query<{ full: boolean; nodes: boolean }>(found)).rows[0];
  if (full && !force)
    throw conflict('backup.not_empty', 'The database is not empty.', {
      hint: 'Restore into an empty one, or say --force to replace what is there.',
    });
  const alive = nodes
    ? (await client.query(`select 1 from trellis.job_node where seen_at > now() - interval '15 seconds' limit 1`)).rows
    : [];
  if (alive.length > 0)
    throw conflict('backup.in_use', 'A Trellis runs on the database.', {
      hint: 'Stop it first; one that was killed counts as running for 15 s.',
    });
  await client.query('drop schema if exists data, trellis, trellis_jobs cascade');
}

async function migrate(client: pg.Client, migrations: readonly Migration[]): Promise<void> {
  for (const migration of migrations) {
    await client.query(migration.up);
    await client.query('insert into trellis.migration (id, hash) values ($1, $2)', [
      migration.id,
      migrationHash(migration),
    ]);
  }
}

async function load(client: pg.Client, input: RestoreInput, { structure }: BackupHeader): Promise<void> {
  for (const sql of [...structure.create, ...structure.partitions])
    await runOnly(client, sql, /^create (table|sequence) /);
  const kernel = structure.tables
    .filter((table) => table.schema === 'trellis')
    .map((table) => `trellis.${quoted(table.name)}`);
  // Rows that migrations made themselves come again with the data.
  await client.query(`truncate ${kernel.join(', ')} cascade`);
  const entries = entriesOf(input.source, () => {})[Symbol.asyncIterator]();
  let current = await entries.next();
  while (!current.done) {
    const table = tableOf(current.value.name);
    if (table === null) {
      if (current.value.name.startsWith('files/')) await writeFileEntry(input.filesDir, current.value);
      current = await entries.next();
      continue;
    }
    const known = structure.tables.find(({ schema, name }) => `${schema}.${name}` === table);
    if (known === undefined) throw damaged();
    const rows = async function* (): AsyncGenerator<Buffer> {
      for (; !current.done && tableOf(current.value.name) === table; current = await entries.next())
        yield* current.value.body;
    };
    await pipeline(
      Readable.from(rows(), { objectMode: false }),
      client.query(
        copyFrom(
          `copy ${quoted(known.schema)}.${quoted(known.name)} (${known.columns.map(columnName).join(', ')}) from stdin`,
        ),
      ),
    );
  }
  for (const sql of structure.indexes)
    await runOnly(client, sql, /^(create (unique )?index|alter table data\.\S+ add constraint) /i);
  for (const sql of structure.triggers ?? [])
    await runOnly(client, sql, /^create (or replace function|trigger) [^;]*\bdata\./i);
  for (const { name, last } of structure.sequences)
    await client.query('select setval($1::regclass, $2::bigint)', [name, last]);
}

/** Statements come from the archive: only of the expected form, and only one at a time. */
async function runOnly(client: pg.Client, sql: string, form: RegExp): Promise<void> {
  if (!form.test(sql)) throw damaged();
  await client.query({ text: sql, queryMode: 'extended' } as pg.QueryConfig);
}

function tableOf(entry: string): string | null {
  return /^data\/(.+)\/\d+$/.exec(entry)?.[1] ?? null;
}

/** Column names arrive as `quote_ident` made them. */
function columnName(column: string): string {
  if (!/^([a-z_][a-z0-9_$]*|"([^"]|"")+")$/.test(column)) throw damaged();
  return column;
}

/** Blobs are named by their content: one that is there already is the same. */
async function writeFileEntry(filesDir: string, entry: TarEntry): Promise<void> {
  const path = /^files\/([0-9a-f]{2}\/[0-9a-f]{2}\/[0-9a-f]{64})$/.exec(entry.name)?.[1];
  if (path === undefined) throw damaged();
  const target = join(filesDir, path);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  await pipeline(
    Readable.from(entry.body, { objectMode: false }),
    createWriteStream(`${target}.part`, { mode: 0o600 }),
  );
  await rename(`${target}.part`, target);
}

async function* entriesOf(source: string, onBytes: (entry: string, bytes: Buffer) => void): AsyncGenerator<TarEntry> {
  const file = createReadStream(source);
  const gunzip = createGunzip();
  file.on('error', (error) => gunzip.destroy(error));
  try {
    yield* readTar(file.pipe(gunzip), onBytes);
  } catch (error) {
    throw isTrellisError(error) || (error as { code?: string }).code === 'ENOENT' ? error : damaged(error);
  } finally {
    file.destroy();
    gunzip.destroy();
  }
}

async function readJson<T>(entry: TarEntry): Promise<T> {
  const pieces: Buffer[] = [];
  for await (const piece of entry.body) pieces.push(Buffer.from(piece));
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8')) as T;
  } catch (cause) {
    throw damaged(cause);
  }
}

function checkFormat(header: BackupHeader): BackupHeader {
  if (header.format !== backupFormat)
    throw conflict(
      'backup.unknown_format',
      `The backup has format ${header.format}; this Trellis reads ${backupFormat}.`,
      { hint: 'Use the version that made it, or a newer one.' },
    );
  return header;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
