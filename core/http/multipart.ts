import { join } from 'node:path';
import type { FastifyRequest } from 'fastify';
import { invalid, isTrellisError } from '../base/errors.js';
import { didYouMean } from '../base/suggest.js';
import { createBlobStore, type ReceivedBlob } from '../files/index.js';

/** A form with one file, received whole. */
export interface ReceivedForm {
  readonly fields: Readonly<Record<string, string | undefined>>;
  readonly file: ReceivedBlob & { readonly name: string; readonly mediaType: string };
  /** Removes the received file where nobody took it. */
  discard(): Promise<void>;
}

/**
 * Reads multipart/form-data: the part `file` to disk, known text parts, nothing else. Throws request.media_type,
 * request.unknown_key, request.repeated_parameter, file.missing, file.too_large.
 */
export async function readForm(
  request: FastifyRequest,
  input: { folder: string; maxBytes: number; fields: readonly string[] },
): Promise<ReceivedForm> {
  if (!request.isMultipart())
    throw invalid('request.media_type', 'Send multipart/form-data here, with the file in the part "file".');
  const store = createBlobStore(join(input.folder));
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  let file: ReceivedForm['file'] | null = null;
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file') {
        if (part.fieldname !== 'file' || file !== null)
          throw invalid('request.unknown_key', 'One file is taken, in the part "file".');
        file = {
          ...(await store.receive(part.file, input.maxBytes)),
          name: part.filename ?? 'file',
          mediaType: part.mimetype,
        };
      } else {
        addField(fields, part.fieldname, part.value, input.fields);
      }
    }
    if (file === null)
      throw invalid('file.missing', 'The form has no part "file".', {
        issues: [{ path: '/file', code: 'field.required', message: 'A file is needed.' }],
      });
    const received = file;
    return { fields, file: received, discard: () => store.discard(received) };
  } catch (error) {
    if (file !== null) await store.discard(file);
    // What the form parser says of a broken form has no code of its own.
    if (error instanceof Error && !isTrellisError(error) && !('code' in error))
      throw invalid('request.malformed', 'The form is broken.', { cause: error });
    throw error;
  }
}

function addField(fields: Record<string, string>, name: string, value: unknown, known: readonly string[]): void {
  if (!known.includes(name))
    throw invalid(
      'request.unknown_key',
      `There is no part "${name.slice(0, 100)}".${didYouMean(name.slice(0, 100), [...known, 'file'])}`,
      { hint: `Known: file, ${known.join(', ')}.` },
    );
  if (name in fields) throw invalid('request.repeated_parameter', `The part "${name}" stands more than once.`);
  if (typeof value !== 'string' || value.includes('\0'))
    throw invalid('request.malformed', `The part "${name}" is no text.`);
  fields[name] = value;
}
