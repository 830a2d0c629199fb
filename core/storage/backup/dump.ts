import { createHash } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { AppliedMigration } from '../migrate.js';
import { readStructure, type Structure } from './structure.js';
import { tarEnd, tarHeader, tarPadding } from './tar.js';

/** Format of the archive: a gzipped tar of `header.json`, `data/<schema>.<table>/<n>` (COPY text), `files/<path>`, `manifest.json`. */
export const backupFormat = 1;

/** First entry: all that a restore must know before it begins. */
export interface BackupHeader {
  readonly format: number;
  readonly createdAt: string;
  /** `server_version_num` of the server it was made on. */
  readonly serverVersion: number;
  readonly migrations: readonly AppliedMigration[];
  readonly structure: Structure;
}

/** Last entry: proves that everything before it is there and unchanged. */
export interface BackupManifest {
  /** SHA-256, hex, of all bytes of the tar before this entry. */
  readonly sha256: string;
  readonly tables: number;
  readonly files: number;
  readonly bytes: number;
}

export interface DumpInput {
  readonly url: string;
  /** Folder of the blobs, or null: none. */
  readonly filesDir: string | null;
  /** Path of the archive; it appears when it is complete. */
  readonly target: string;
  /** Told now and then how much of the tables is written, 0 to 1; waited for. */
  readonly onProgress?: (share: number) => Promise<void>;
}

/** Bytes of table data an entry holds at most; also what the dump keeps in memory. */
const chunkBytes = 4 << 20;

/** Writes a consistent backup (one repeatable-read snapshot; blobs are written before the rows that name them) in constant memory. */
export async function dumpDatabase(input: DumpInput): Promise<BackupManifest> {
  await mkdir(dirname(input.target), { recursive: true });
  const partial = `${input.target}.part`;
  const client = new pg.Client({ connectionString: input.url });
  // A lost connection fails the next statement; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    const result: { manifest?: BackupManifest } = {};
    // gzip's default level is three times slower for a few per cent.
    await pipeline(
      Readable.from(archive(client, input, result), { objectMode: false }),
      createGzip({ level: 3 }),
      createWriteStream(partial, { mode: 0o600 }),
    );
    await syncFile(partial);
    await rename(partial, input.target);
    return result.manifest as BackupManifest;
  } finally {
    await client.end().catch(() => undefined);
    await rm(partial, { force: true });
  }
}

async function* archive(
  client: pg.Client,
  input: DumpInput,
  result: { manifest?: BackupManifest },
): AsyncGenerator<Buffer> {
  const now = new Date();
  const hash = createHash('sha256');
  let bytes = 0;
  const seen = (piece: Buffer): Buffer => {
    hash.update(piece);
    bytes += piece.length;
    return piece;
  };
  const entry = function* (name: string, body: Buffer): Generator<Buffer> {
    yield seen(tarHeader(name, body.length, now));
    yield seen(body);
    yield seen(tarPadding(body.length));
  };
  const header = await readHeader(client, now);
  const progress = await progressOf(client, header.structure, input.onProgress);
  yield* entry('header.json', Buffer.from(JSON.stringify(header)));
  for (const table of header.structure.tables) {
    let number = 0;
    const sql = `copy (select ${table.columns.join(', ')} from ${quoted(table.schema)}.${quoted(table.name)}) to stdout`;
    for await (const chunk of inChunks(client.query(copyTo(sql)))) {
      yield* entry(`data/${table.schema}.${table.name}/${String(++number).padStart(6, '0')}`, chunk);
      await progress.chunk(chunk.length);
    }
    await progress.table(`${quoted(table.schema)}.${quoted(table.name)}`);
  }
  let files = 0;
  if (input.filesDir !== null) {
    for await (const path of walk(input.filesDir)) {
      const file = await open(path, constants.O_RDONLY).catch(() => null);
      // Collected as an orphan since the folder was read: no row of the snapshot names it.
      if (file === null) continue;
      files++;
      const { size } = await file.stat();
      yield seen(tarHeader(`files/${relative(input.filesDir, path).split(sep).join('/')}`, size, now));
      if (size > 0)
        for await (const piece of file.createReadStream({ end: size - 1, autoClose: false }))
          yield seen(piece as Buffer);
      yield seen(tarPadding(size));
      await file.close();
    }
  }
  result.manifest = { sha256: hash.digest('hex'), tables: header.structure.tables.length, files, bytes };
  const manifest = Buffer.from(JSON.stringify(result.manifest));
  yield tarHeader('manifest.json', manifest.length, now);
  yield manifest;
  yield tarPadding(manifest.length);
  yield tarEnd;
}

/** Tables count by the space they take, so that the large ones count for much; a chunk of one as no more than what is left of it. */
async function progressOf(
  client: pg.Client,
  { tables }: Structure,
  tell: DumpInput['onProgress'],
): Promise<{ chunk(bytes: number): Promise<void>; table(name: string): Promise<void> }> {
  if (!tell) return { chunk: async () => undefined, table: async () => undefined };
  const names = tables.map(({ schema, name }) => `${quoted(schema)}.${quoted(name)}`);
  const { rows } = await client.query<{ name: string; bytes: string }>(
    'select name, pg_table_size(name::regclass) as bytes from unnest($1::text[]) as name',
    [names],
  );
  const sizes = new Map(rows.map(({ name, bytes }) => [name, Number(bytes)]));
  const total = Math.max(
    1,
    [...sizes.values()].reduce((sum, size) => sum + size, 0),
  );
  let done = 0;
  let inTable = 0;
  return {
    async chunk(bytes) {
      inTable += bytes;
      await tell(Math.min(1, (done + inTable) / total));
    },
    async table(name) {
      done += sizes.get(name) ?? 0;
      inTable = 0;
      await tell(Math.min(1, done / total));
    },
  };
}

async function readHeader(client: pg.Client, now: Date): Promise<BackupHeader> {
  const { rows: migrations } = await client.query<AppliedMigration>(
    'select id, hash from trellis.migration order by id',
  );
  const { rows } = await client.query<{ version: number }>(
    `select current_setting('server_version_num')::int as version`,
  );
  return {
    format: backupFormat,
    createdAt: now.toISOString(),
    serverVersion: rows[0].version,
    migrations,
    structure: await readStructure(client),
  };
}

async function* inChunks(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of source) {
    pieces.push(piece);
    size += piece.length;
    if (size < chunkBytes) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(pieces);
}

async function* walk(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    // Uploads in progress are not blobs yet.
    else if (entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name)) yield path;
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
