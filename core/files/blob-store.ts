import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { limited } from '../base/errors.js';

/** A file received whole but not yet kept. */
export interface ReceivedBlob {
  readonly path: string;
  /** SHA-256, hexadecimal. */
  readonly hash: string;
  readonly size: number;
}

/** Contents on disk under `<root>/aa/bb/<sha256>`; what has the same bytes is stored once. */
export interface BlobStore {
  /** Streams to a temporary file. Throws file.too_large past `maxBytes`; nothing is left behind then. */
  receive(source: Readable, maxBytes: number): Promise<ReceivedBlob>;
  /** Moves a received file to its place for good (fsync of file and folder). */
  keep(blob: ReceivedBlob): Promise<void>;
  discard(blob: ReceivedBlob): Promise<void>;
  /** Null where the contents are not there. */
  read(hash: string): Promise<Readable | null>;
  remove(hash: string): Promise<void>;
  /** Hashes of kept files last written before `before`, a batch a folder. */
  olderThan(before: Date): AsyncGenerator<string[]>;
  /** Removes temporary files of uploads that never ended. */
  sweepTemporary(before: Date): Promise<void>;
}

/** A store in a folder, made where it is missing; readable for this process's user only. */
export function createBlobStore(root: string): BlobStore {
  const temporary = join(root, 'tmp');
  const folderOf = (hash: string): string => join(root, hash.slice(0, 2), hash.slice(2, 4));
  const pathOf = (hash: string): string => join(folderOf(hash), hash);
  return {
    async receive(source, maxBytes) {
      await mkdir(temporary, { recursive: true, mode: 0o700 });
      const path = join(temporary, randomUUID());
      const digest = createHash('sha256');
      let size = 0;
      const meter = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          size += chunk.length;
          if (size > maxBytes)
            return done(
              limited('file.too_large', `A file may have at most ${Math.floor(maxBytes / 1_048_576)} MB.`, {
                params: { maxBytes },
              }),
            );
          digest.update(chunk);
          done(null, chunk);
        },
      });
      try {
        await pipeline(source, meter, createWriteStream(path, { mode: 0o600 }));
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
      return { path, hash: digest.digest('hex'), size };
    },
    async keep(blob) {
      await mkdir(folderOf(blob.hash), { recursive: true, mode: 0o700 });
      await sync(blob.path);
      await rename(blob.path, pathOf(blob.hash));
      await sync(folderOf(blob.hash));
    },
    discard: (blob) => rm(blob.path, { force: true }),
    async read(hash) {
      const isThere = await stat(pathOf(hash)).then(
        (found) => found.isFile(),
        () => false,
      );
      return isThere ? createReadStream(pathOf(hash)) : null;
    },
    remove: (hash) => rm(pathOf(hash), { force: true }),
    olderThan: (before) => walk(root, before),
    async sweepTemporary(before) {
      for (const name of await list(temporary)) {
        const found = await stat(join(temporary, name)).catch(() => null);
        if (found && found.mtime < before) await rm(join(temporary, name), { force: true });
      }
    },
  };
}

async function* walk(root: string, before: Date): AsyncGenerator<string[]> {
  for (const outer of (await list(root)).filter((name) => /^[0-9a-f]{2}$/.test(name))) {
    for (const inner of await list(join(root, outer))) {
      const hashes: string[] = [];
      for (const name of await list(join(root, outer, inner))) {
        const found = await stat(join(root, outer, inner, name)).catch(() => null);
        if (found && found.mtime < before && /^[0-9a-f]{64}$/.test(name)) hashes.push(name);
      }
      if (hashes.length > 0) yield hashes;
    }
  }
}

async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
