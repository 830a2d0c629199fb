import { createHash, randomUUID, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { limited } from '../base/errors.js';

/** Bytes of a spooled body. */
export const maxSpoolBytes = 1_073_741_824;
/** Up to here a body stays in memory. */
const memoryBytes = 4 * 1_048_576;

/** Bytes taken whole before anything is done with them: small ones in memory, large ones in a file of their own. */
export interface Spool {
  readonly size: number;
  /** SHA-256 of all bytes. */
  readonly hash: Buffer;
  /** The bytes from the beginning; may be asked for more than once. */
  stream(): Readable;
  /** Frees memory or file. */
  dispose(): Promise<void>;
}

/** Writes what goes into a spool. */
export interface SpoolWriter {
  write(chunk: Buffer): Promise<void>;
  finish(): Promise<Spool>;
  /** Frees everything after a failure. */
  abandon(): Promise<void>;
}

/** Takes a body to its end. Throws request.too_large past `maxBytes`; nothing is left behind then. */
export async function spoolBody(
  source: AsyncIterable<Buffer>,
  input: { folder: string; maxBytes?: number },
): Promise<Spool> {
  const writer = createSpool(input.folder);
  const maxBytes = input.maxBytes ?? maxSpoolBytes;
  let size = 0;
  try {
    for await (const chunk of source) {
      size += chunk.length;
      if (size > maxBytes)
        throw limited('request.too_large', `This body may have at most ${Math.floor(maxBytes / 1_048_576)} MB.`, {
          hint: 'Send it in parts.',
        });
      await writer.write(chunk);
    }
    return await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** An empty spool that overflows into `folder`. */
export function createSpool(folder: string): SpoolWriter {
  const digest: Hash = createHash('sha256');
  const path = join(folder, `spool-${randomUUID()}`);
  let chunks: Buffer[] = [];
  let size = 0;
  let file: FileHandle | null = null;
  const spill = async (): Promise<void> => {
    if (file === null) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      file = await open(path, 'wx', 0o600);
    }
    const whole = Buffer.concat(chunks);
    chunks = [];
    await file.writeFile(whole);
  };
  const abandon = async (): Promise<void> => {
    chunks = [];
    await file?.close();
    if (file !== null) await rm(path, { force: true });
    file = null;
  };
  let waiting = 0;
  return {
    async write(chunk) {
      digest.update(chunk);
      chunks.push(chunk);
      size += chunk.length;
      waiting += chunk.length;
      if (waiting < memoryBytes) return;
      waiting = 0;
      await spill();
    },
    async finish() {
      const hash = digest.digest();
      if (file === null) {
        const kept = chunks;
        return { size, hash, stream: () => Readable.from(kept), dispose: async () => void (chunks = []) };
      }
      await spill();
      await file.close();
      return {
        size,
        hash,
        stream: () => createReadStream(path, { highWaterMark: 262_144 }),
        dispose: () => rm(path, { force: true }),
      };
    },
    abandon,
  };
}
