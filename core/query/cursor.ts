import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { invalid } from '../base/errors.js';
import { randomSlice } from '../base/random.js';

/** A hash of everything that decides which rows a list has and in which order; a cursor of another list is refused. */
export function shapeHash(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16);
}

/** Encrypts (AES-256-GCM) the key values of a page's last row, so that they say nothing and cannot be made up. */
export function encodeCursor(key: Uint8Array, shape: string, values: readonly (string | null)[]): string {
  const iv = randomSlice(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const body = Buffer.concat([cipher.update(JSON.stringify([shape, values]), 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
}

/** Throws query.bad_cursor where it was not made here, or for another list. */
export function decodeCursor(key: Uint8Array, shape: string, cursor: string): (string | null)[] {
  const refusal = (cause?: unknown): Error =>
    invalid('query.bad_cursor', 'The cursor is not one of this list.', {
      hint: 'Start again without "after", with the same filter and sort for every page.',
      cause,
    });
  let decoded: [string, (string | null)[]];
  try {
    const bytes = Buffer.from(cursor, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    decoded = JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8'));
  } catch (cause) {
    throw refusal(cause);
  }
  if (decoded[0] !== shape) throw refusal();
  return decoded[1];
}
