import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { invalid, limited } from '../base/errors.js';
import { bodyLimits, parseJson, type JsonLimits } from './json/strict-json.js';

/** Bytes of an ordinary body. */
export const maxBodyBytes = 1_048_576;
/** Bytes of the definitions of a whole workspace. */
const maxLargeBytes = 33_554_432;
const largeLimits: JsonLimits = { ...bodyLimits, maxKeys: 1_000_000 };
/** Milliseconds within which an ordinary body must have arrived. */
const bodyTimeoutMs = 30_000;

/** Takes JSON, strictly; leaves bodies of streaming routes unread for their handlers. Everything else is refused as 415. */
export function registerBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    /^application\/(json|x-ndjson|ndjson|[a-z.+-]+\+json)\s*(;|$)/i,
    async (request: FastifyRequest, payload: NodeJS.ReadableStream) => {
      const kind = request.routeOptions.config.spec?.body ?? 'json';
      const refusal = refuseType(request, kind);
      if (refusal) throw refusal;
      return kind === 'stream' ? payload : readWhole(payload, request);
    },
  );
}

function refuseType(request: FastifyRequest, kind: string): Error | null {
  const type = request.headers['content-type'] ?? '';
  const charset = /charset\s*=\s*"?([^\s;"]+)/i.exec(type)?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset))
    return invalid('request.media_type', `The charset "${charset.slice(0, 40)}" is not taken.`, {
      hint: 'Send UTF-8.',
    });
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    return invalid('request.media_type', 'Compressed bodies are not taken.', {
      hint: 'Send the body without Content-Encoding.',
    });
  if (kind === 'multipart') return invalid('request.media_type', 'Send multipart/form-data here.');
  if (kind === 'json' && /ndjson/i.test(type))
    return invalid('request.media_type', 'NDJSON is taken by bulk only.', { hint: 'Send application/json.' });
  return null;
}

async function readWhole(payload: NodeJS.ReadableStream, request: FastifyRequest): Promise<unknown> {
  const declared = Number(request.headers['content-length'] ?? 0);
  const isLarge = request.routeOptions.config.spec?.isLarge === true;
  const maxBytes = isLarge ? maxLargeBytes : maxBodyBytes;
  if (declared > maxBytes) throw tooLarge(maxBytes);
  const bytes = await collect(payload, maxBytes);
  if (bytes.length === 0) return undefined;
  if (request.headers['idempotency-key'] !== undefined)
    request.edge.bodyHash = createHash('sha256').update(bytes).digest();
  return parseJson(bytes, isLarge ? largeLimits : bodyLimits);
}

function collect(payload: NodeJS.ReadableStream, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (error: Error | null): void => {
      clearTimeout(timer);
      payload.removeListener('data', onData);
      if (error) {
        payload.resume();
        reject(error);
      } else {
        resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, size));
      }
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) end(tooLarge(maxBytes));
      else chunks.push(chunk);
    };
    const timer = setTimeout(() => end(invalid('request.timeout', 'The body did not arrive in time.')), bodyTimeoutMs);
    payload.on('data', onData);
    payload.once('end', () => end(null));
    payload.once('error', (error: Error) => end(invalid('request.malformed', 'The body broke off.', { cause: error })));
  });
}

function tooLarge(maxBytes: number): Error {
  return limited('request.too_large', `This body may have at most ${maxBytes / 1_048_576} MB.`, {
    hint: 'Send many records by bulk or import.',
  });
}
