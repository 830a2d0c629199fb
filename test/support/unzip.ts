import { crc32, inflateRawSync } from 'node:zlib';

/** Files of a ZIP archive as texts, read by its directory, checksums compared. */
export function unzipped(archive: Buffer): Map<string, string> {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0) throw new Error('This is no ZIP archive.');
  const files = new Map<string, string>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const [crc, packed] = [archive.readUInt32LE(at + 16), archive.readUInt32LE(at + 20)];
    const [nameBytes, extraBytes, noteBytes] = [28, 30, 32].map((place) => archive.readUInt16LE(at + place));
    const local = archive.readUInt32LE(at + 42);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const body = inflateRawSync(archive.subarray(start, start + packed));
    if (crc32(body) !== crc) throw new Error('The archive is damaged.');
    files.set(archive.toString('utf8', at + 46, at + 46 + nameBytes), body.toString('utf8'));
    at += 46 + nameBytes + extraBytes + noteBytes;
  }
  return files;
}
