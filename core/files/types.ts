import type { Readable } from 'node:stream';
import type { Ctx } from '../sdk/index.js';

/** Nest injection token of `Files`. */
export const FILES = Symbol('FILES');

/** Bytes that one uploaded file may have. */
export const maxFileBytes = 50 * 1_048_576;

export interface UploadInput {
  readonly source: Readable;
  /** As the client names it; made safe. */
  readonly name: string;
  readonly mediaType: string | undefined;
  /** The record it belongs to; the actor must be allowed to change it. */
  readonly record?: { readonly entity: string; readonly id: string };
}

export interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly mediaType: string;
}

/** Uploads and downloads. */
export interface Files {
  /**
   * Stores the contents, then makes the attachment record. Throws file.too_large, access.denied, and record.not_found
   * where the owning record is not readable. The source is read to its end before any transaction opens.
   */
  upload(ctx: Ctx, input: UploadInput): Promise<StoredFile>;
  /** Removes contents of erased attachments at once, where no other attachment has the same. */
  forget(ctx: Ctx, hashes: readonly string[]): Promise<void>;
  /** Throws file.not_found, also where the attachment or the record it belongs to is not readable for the actor. */
  open(ctx: Ctx, input: { id: string }): Promise<StoredFile & { readonly hash: string; stream(): Promise<Readable> }>;
}
