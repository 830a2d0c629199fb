import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import iconv from 'iconv-lite';
import { invalid } from '../../base/errors.js';

/** Encodings that are looked for by themselves; others can be named. */
export type Encoding = string;

/**
 * Finds the encoding of a file: a byte order mark; else UTF-16 by its zero bytes; else UTF-8 where the whole file is
 * valid; else GB18030 where the text decodes without a gap into mostly Chinese; else windows-1252.
 */
export async function detectEncoding(path: string): Promise<Encoding> {
  let first: Buffer | null = null;
  let legacy: Buffer | null = null;
  let tail: Buffer = Buffer.alloc(0);
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    if (first === null) {
      first = piece;
      const marked = byMark(piece) ?? byZeroBytes(piece);
      if (marked !== null) return marked;
    }
    const whole: Buffer = tail.length > 0 ? Buffer.concat([tail, piece]) : piece;
    const cut = completeLength(whole);
    if (!isUtf8(whole.subarray(0, cut))) {
      legacy = whole;
      break;
    }
    tail = whole.subarray(cut);
  }
  if (legacy === null && isUtf8(tail)) return 'utf-8';
  return looksChinese(legacy ?? tail) ? 'gb18030' : 'windows-1252';
}

/** The text of a file, piece by piece, without its byte order mark. Throws import.encoding_unknown. */
export async function* decodeFile(path: string, encoding: Encoding): AsyncGenerator<string> {
  if (!iconv.encodingExists(encoding))
    throw invalid('import.encoding_unknown', `"${encoding}" is not an encoding that can be read.`, {
      hint: 'Use utf-8, utf-16le, utf-16be, gb18030 or windows-1252.',
    });
  const decoder = iconv.getDecoder(encoding, { stripBOM: true });
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
    const text = decoder.write(piece);
    if (text) yield text;
  }
  const last = decoder.end();
  if (last) yield last;
}

function byMark(bytes: Buffer): Encoding | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return null;
}

/** UTF-16 without a mark: where every other byte is mostly zero. */
function byZeroBytes(bytes: Buffer): Encoding | null {
  const sample = bytes.subarray(0, 2000);
  let even = 0;
  let odd = 0;
  for (let i = 0; i < sample.length; i++)
    if (sample[i] === 0) {
      if (i % 2 === 0) even++;
      else odd++;
    }
  const half = sample.length / 2;
  if (odd > half * 0.5 && even < half * 0.1) return 'utf-16le';
  if (even > half * 0.5 && odd < half * 0.1) return 'utf-16be';
  return null;
}

/** Length without a UTF-8 sequence that is cut off at the end (at most 3 bytes). */
function completeLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needs > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

/** Chinese text in GB18030 comes in pairs of high bytes; accented western letters mostly stand alone between plain ones. */
function looksChinese(bytes: Buffer): boolean {
  const sample = bytes.subarray(0, 1 << 18);
  // The last character may be cut in half.
  if (iconv.decode(sample, 'gb18030').slice(0, -2).includes('\ufffd')) return false;
  let paired = 0;
  let alone = 0;
  for (let at = 0; at < sample.length; at++) {
    if (sample[at] < 0x80) continue;
    if (at + 1 < sample.length && sample[at + 1] >= 0xa1) {
      paired++;
      at++;
    } else alone++;
  }
  return paired > alone * 3;
}
