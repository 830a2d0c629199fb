import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Catalog } from '../../catalog/index.js';
import type { Actor } from '../../sdk/index.js';

/** A large JSON answer as it is kept: packed, since tens of thousands of fields make tens of megabytes. */
interface Kept {
  readonly hash: string;
  readonly packed: Buffer;
}

const pack = promisify(gzip);
const unpack = promisify(gunzip);
/** Audiences (roles, scopes, language) whose answers are kept at once; the one asked for longest ago goes first. */
const maxKept = 50;
const kept = new WeakMap<Catalog, Map<string, Promise<Kept>>>();

/** What of an actor decides on which part of the catalog it sees; two actors with the same words get the same answer. */
export function audienceOf(actor: Actor): string {
  if (actor.kind === 'system') return 'system';
  const { roles, scopes } = actor;
  return JSON.stringify([[...roles].sort(), scopes === null ? null : [...scopes].sort()]);
}

/**
 * Sends a JSON answer that is the same for everybody with this key until the catalog changes: made once, sent packed where the
 * client takes that, and not sent again where it has it (by its tag).
 */
export async function sendKept(
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  catalog: Catalog,
  key: string,
  make: () => unknown,
): Promise<void> {
  const { hash, packed } = await answerOf(catalog, key, make);
  const isPacked = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  reply.header('etag', `"${hash}${isPacked ? '-gz' : ''}"`).header('vary', 'accept-encoding');
  const known = String(request.headers['if-none-match'] ?? '').split(/\s*,\s*/);
  if (known.some((tag) => tag === `"${hash}"` || tag === `"${hash}-gz"`)) return void reply.code(304).send();
  if (isPacked) reply.header('content-encoding', 'gzip');
  void reply
    .header('content-type', 'application/json; charset=utf-8')
    .header('cache-control', 'private, no-cache')
    .send(isPacked ? packed : await unpack(packed));
}

function answerOf(catalog: Catalog, key: string, make: () => unknown): Promise<Kept> {
  const answers = kept.get(catalog) ?? new Map<string, Promise<Kept>>();
  kept.set(catalog, answers);
  const standing = answers.get(key);
  const answer = standing ?? packedAnswer(make());
  answers.delete(key);
  answers.set(key, answer);
  // What could not be made is asked for anew the next time.
  if (!standing) answer.catch(() => answers.delete(key));
  for (const oldest of answers.keys()) {
    if (answers.size <= maxKept) break;
    answers.delete(oldest);
  }
  return answer;
}

async function packedAnswer(value: unknown): Promise<Kept> {
  const text = Buffer.from(JSON.stringify(value));
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, 27);
  return { hash, packed: await pack(text) };
}
