import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const folderOf = (dataDir: string): string => join(dataDir, 'imports');

/** Where a kept upload stands. */
export function uploadPath(dataDir: string, hash: string): string {
  return join(folderOf(dataDir), hash);
}

/** Moves an uploaded file into the store under the SHA-256 of its content, which is returned. The same content is kept once. */
export async function keepUpload(dataDir: string, file: string): Promise<string> {
  const digest = createHash('sha256');
  for await (const piece of createReadStream(file) as AsyncIterable<Buffer>) digest.update(piece);
  const hash = digest.digest('hex');
  await mkdir(folderOf(dataDir), { recursive: true });
  const target = uploadPath(dataDir, hash);
  try {
    await rename(file, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    // Another file system: copied beside and renamed, so that no half file ever stands under the hash.
    await copyFile(file, `${target}.part`);
    await rename(`${target}.part`, target);
    await rm(file);
  }
  return hash;
}

/** Removes kept uploads that `isNeeded` does not name and that are older than an hour; returns how many. */
export async function sweepUploads(dataDir: string, needed: ReadonlySet<string>, nowMs: number): Promise<number> {
  let removed = 0;
  for (const name of await readdir(folderOf(dataDir)).catch(() => [] as string[])) {
    const path = join(folderOf(dataDir), name);
    if (needed.has(name) || nowMs - (await stat(path)).mtimeMs < 3_600_000) continue;
    await rm(path);
    removed++;
  }
  return removed;
}
