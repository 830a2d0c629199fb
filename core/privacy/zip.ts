import { crc32, deflateRawSync } from 'node:zlib';

/** A file of an archive. */
export interface ZipEntry {
  /** Path within, with slashes. */
  readonly name: string;
  readonly body: Buffer;
}

const utf8Names = 0x0800;
const deflated = 8;

/** A ZIP archive (PKWARE APPNOTE 6.3, no ZIP64), entry by entry: only one is in memory at a time. */
export async function* zip(entries: AsyncIterable<ZipEntry>, at: Date): AsyncGenerator<Buffer> {
  const directory: Buffer[] = [];
  let offset = 0;
  for await (const { name, body } of entries) {
    const packed = deflateRawSync(body);
    const facts = factsOf(crc32(body), packed.length, body.length, Buffer.byteLength(name), at);
    const local = Buffer.concat([signature(0x04034b50), facts, Buffer.from(name, 'utf8')]);
    directory.push(centralHeader(facts, name, offset));
    offset += local.length + packed.length;
    yield local;
    yield packed;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  yield Buffer.concat([central, end]);
}

/** What the local header and the directory both say, from the version needed to the length of the extra field. */
function factsOf(crc: number, packed: number, size: number, nameBytes: number, at: Date): Buffer {
  const facts = Buffer.alloc(26);
  facts.writeUInt16LE(20, 0);
  facts.writeUInt16LE(utf8Names, 2);
  facts.writeUInt16LE(deflated, 4);
  facts.writeUInt16LE((at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1), 6);
  facts.writeUInt16LE(((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(), 8);
  facts.writeUInt32LE(crc, 10);
  facts.writeUInt32LE(packed, 14);
  facts.writeUInt32LE(size, 18);
  facts.writeUInt16LE(nameBytes, 22);
  return facts;
}

function centralHeader(facts: Buffer, name: string, offset: number): Buffer {
  const made = Buffer.alloc(2);
  made.writeUInt16LE(20, 0);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(offset, 10);
  return Buffer.concat([signature(0x02014b50), made, facts, rest, Buffer.from(name, 'utf8')]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value, 0);
  return bytes;
}
