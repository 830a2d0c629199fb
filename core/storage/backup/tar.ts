import { broken } from '../../base/errors.js';

/** The POSIX ustar format (IEEE Std 1003.1, pax interchange, ustar section): blocks of 512 bytes, one header an entry. */
const blockBytes = 512;
const longestName = 100;
/** Eleven octal digits. */
const largestEntryBytes = 0o77777777777;

/** An entry while it is read; `body` must be consumed before the next one. */
export interface TarEntry {
  readonly name: string;
  readonly size: number;
  readonly body: AsyncIterable<Buffer>;
}

/** The header block of an entry. */
export function tarHeader(name: string, size: number, modified: Date): Buffer {
  if (Buffer.byteLength(name) > longestName || size > largestEntryBytes)
    throw broken('backup.entry_too_large', `"${name}" does not fit into a backup.`);
  const block = Buffer.alloc(blockBytes);
  block.write(name, 0);
  block.write('0000600\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write(
    `${Math.floor(modified.getTime() / 1000)
      .toString(8)
      .padStart(11, '0')}\0`,
    136,
  );
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\0' + '00', 257);
  block.write(`${sum(block).toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** What follows a body so that the next header starts on a block. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);
}

/** Two empty blocks. */
export const tarEnd = Buffer.alloc(2 * blockBytes);

/** Reads entries from a stream in constant memory. `onBytes` sees every byte of headers, bodies and padding, in order, before the entry is given out. */
export async function* readTar(
  source: AsyncIterable<Buffer>,
  onBytes: (entry: string, bytes: Buffer) => void,
): AsyncGenerator<TarEntry> {
  const bytes = createByteReader(source);
  for (;;) {
    const header = await bytes.exactly(blockBytes);
    if (header.every((byte) => byte === 0)) return;
    const name = header.toString('utf8', 0, longestName).replace(/\0.*$/s, '');
    const size = parseInt(header.toString('latin1', 124, 135), 8);
    const stated = parseInt(header.toString('latin1', 148, 154), 8);
    header.fill(0x20, 148, 156);
    if (!Number.isSafeInteger(size) || sum(header) !== stated) throw damaged();
    const original = tarHeaderBytes(header, stated);
    onBytes(name, original);
    let consumed = false;
    const body = (async function* () {
      for (let left = size; left > 0;) {
        const piece = await bytes.upTo(left);
        left -= piece.length;
        onBytes(name, piece);
        yield piece;
      }
      consumed = true;
    })();
    yield { name, size, body };
    if (!consumed) for await (const piece of body) void piece;
    const padding = tarPadding(size).length;
    if (padding > 0) onBytes(name, await bytes.exactly(padding));
  }
}

/** A backup that was cut off or changed. */
export function damaged(cause?: unknown): Error {
  return broken('backup.damaged', 'The backup is damaged or incomplete.', { hint: 'Use another one.', cause });
}

function tarHeaderBytes(blanked: Buffer, stated: number): Buffer {
  const block = Buffer.from(blanked);
  block.write(`${stated.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function sum(block: Buffer): number {
  let total = 0;
  for (const byte of block) total += byte;
  return total;
}

function createByteReader(source: AsyncIterable<Buffer>) {
  const iterator = source[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  async function more(): Promise<void> {
    const next = await iterator.next().catch((cause: unknown) => Promise.reject(damaged(cause)));
    if (next.done) throw damaged();
    rest = rest.length === 0 ? next.value : Buffer.concat([rest, next.value]);
  }
  function cut(length: number): Buffer {
    const piece = rest.subarray(0, length);
    rest = rest.subarray(length);
    return piece;
  }
  return {
    async exactly(length: number): Promise<Buffer> {
      while (rest.length < length) await more();
      return cut(length);
    },
    async upTo(length: number): Promise<Buffer> {
      if (rest.length === 0) await more();
      return cut(Math.min(length, rest.length));
    },
  };
}
