import { isTrellisError } from '../base/errors.js';
import type { Issue } from '../base/errors.js';
import type { RecordData } from '../sdk/index.js';
import { bodyLimits, decodeUtf8, malformed, parseJsonText } from './json/strict-json.js';

/** Bytes of one row. */
const maxRowBytes = 1_048_576;

/** A row of a bulk body: an object, or why its text cannot be stored. */
export type BulkRow = { readonly values: RecordData } | { readonly issues: Issue[] };

/**
 * Reads rows of NDJSON, or of a JSON array, as they come; memory holds one chunk and one row. Throws request.malformed
 * with the number of the row (from 0). Text that no database can hold refuses its row only.
 */
export async function* readRows(source: AsyncIterable<Buffer>, format: 'ndjson' | 'array'): AsyncGenerator<BulkRow[]> {
  const splitter = format === 'ndjson' ? splitLines() : splitArray();
  let row = 0;
  for await (const chunk of source) {
    const texts = splitter.push(chunk);
    if (texts.length > 0) yield texts.map((text) => parseRow(text, row++));
  }
  const rest = splitter.end();
  if (rest.length > 0) yield rest.map((text) => parseRow(text, row++));
}

/** Whether a body is one object, an array, or lines: by its first character that is no space. Null where it is empty. */
export async function sniffBody(source: AsyncIterable<Buffer>): Promise<'object' | 'array' | 'other' | null> {
  for await (const chunk of source) {
    for (const byte of chunk) {
      if (isSpace(byte) || byte === 0xef || byte === 0xbb || byte === 0xbf) continue;
      return byte === openBrace ? 'object' : byte === openBracket ? 'array' : 'other';
    }
  }
  return null;
}

interface Splitter {
  push(chunk: Buffer): Buffer[];
  end(): Buffer[];
}

function parseRow(bytes: Buffer, row: number): BulkRow {
  try {
    const value = parseJsonText(decodeUtf8(bytes), bodyLimits);
    if (value === null || typeof value !== 'object' || Array.isArray(value)) throw malformed('It is not an object.');
    return { values: value };
  } catch (error) {
    if (isTrellisError(error) && error.code === 'request.text') return { issues: error.issues ?? [] };
    throw malformed(`Row ${row}: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

function splitLines(): Splitter {
  let parts: Buffer[] = [];
  let size = 0;
  const take = (piece: Buffer): void => {
    size += piece.length;
    if (size > maxRowBytes) throw malformed('A row is longer than 1 MB.');
    parts.push(piece);
  };
  const flush = (): Buffer[] => {
    const line = Buffer.concat(parts);
    [parts, size] = [[], 0];
    return line.every(isSpace) ? [] : [line];
  };
  return {
    push(chunk) {
      const lines: Buffer[] = [];
      let start = 0;
      for (let end = chunk.indexOf(newline, start); end >= 0; end = chunk.indexOf(newline, start)) {
        take(chunk.subarray(start, end));
        lines.push(...flush());
        start = end + 1;
      }
      take(chunk.subarray(start));
      return lines;
    },
    end: flush,
  };
}

/** Cuts the elements out of `[{…},{…}]`: strings and nesting are followed, the elements themselves are parsed later. */
function splitArray(): Splitter {
  let state: 'start' | 'first' | 'element' | 'inside' | 'after' | 'done' = 'start';
  let depth = 0;
  let inString = false;
  let isEscaped = false;
  let parts: Buffer[] = [];
  let size = 0;
  const step = (byte: number): void => {
    if (isSpace(byte) || (state === 'start' && (byte === 0xef || byte === 0xbb || byte === 0xbf))) return;
    if (state === 'start' && byte === openBracket) state = 'first';
    else if (state === 'first' && byte === closeBracket) state = 'done';
    else if (state === 'after' && byte === comma) state = 'element';
    else if (state === 'after' && byte === closeBracket) state = 'done';
    else throw malformed('The body is no array of objects.');
  };
  const inside = (byte: number): boolean => {
    if (inString) {
      if (isEscaped) isEscaped = false;
      else if (byte === backslash) isEscaped = true;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === openBrace || byte === openBracket) depth++;
    else if ((byte === closeBrace || byte === closeBracket) && --depth === 0) return true;
    return false;
  };
  const take = (piece: Buffer): void => {
    size += piece.length;
    if (size > maxRowBytes) throw malformed('A row is longer than 1 MB.');
    parts.push(piece);
  };
  return {
    push(chunk) {
      const elements: Buffer[] = [];
      let start = 0;
      for (let i = 0; i < chunk.length; i++) {
        if (state === 'inside') {
          if (!inside(chunk[i])) continue;
          take(chunk.subarray(start, i + 1));
          elements.push(Buffer.concat(parts));
          [parts, size, state] = [[], 0, 'after'];
        } else if ((state === 'first' || state === 'element') && chunk[i] === openBrace) {
          [state, depth, start] = ['inside', 1, i];
        } else {
          step(chunk[i]);
        }
      }
      if (state === 'inside') take(chunk.subarray(start));
      return elements;
    },
    end() {
      if (state !== 'done') throw malformed('The array does not end.');
      return [];
    },
  };
}

const newline = 0x0a;
const quote = 0x22;
const comma = 0x2c;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
