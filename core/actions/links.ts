import { createHmac, timingSafeEqual } from 'node:crypto';
import { invalid, missing } from '../base/errors.js';
import type { Json } from '../sdk/index.js';

/** What a link says. */
export interface SignedLink {
  readonly target: string;
  readonly input: { readonly [key: string]: Json };
}

const maxInput = 2_000;
const maxToken = 6_000;

/** Signs what a link says, with the instant after which it is worth nothing. Throws link.too_long. */
export function signLink(key: Uint8Array, link: SignedLink, expiresAt: Date): string {
  const input = JSON.stringify(link.input);
  if (input.length > maxInput) throw invalid('link.too_long', `A link may say at most ${maxInput} characters.`);
  const body = Buffer.from(JSON.stringify([link.target, link.input, Math.floor(expiresAt.getTime() / 1_000)]));
  return `${body.toString('base64url')}.${mac(key, body).toString('base64url')}`;
}

/**
 * What a link to that target says. Throws link.invalid, the same for a forged one, one to something else and one that has
 * expired.
 */
export function readLink(key: Uint8Array, token: string | null, target: string, now: Date): SignedLink {
  const parts = token === null || token.length > maxToken ? [] : token.split('.');
  if (parts.length !== 2) throw invalidLink();
  const body = Buffer.from(parts[0], 'base64url');
  const given = Buffer.from(parts[1], 'base64url');
  const right = mac(key, body);
  if (given.length !== right.length || !timingSafeEqual(given, right)) throw invalidLink();
  // Whoever signed it wrote it: its shape is ours.
  const [forTarget, input, until] = JSON.parse(body.toString('utf8')) as [string, SignedLink['input'], number];
  if (forTarget !== target || until * 1_000 <= now.getTime()) throw invalidLink();
  return { target, input };
}

function mac(key: Uint8Array, body: Buffer): Buffer {
  return createHmac('sha256', key).update('trellis.link.v1\n').update(body).digest();
}

function invalidLink(): Error {
  return missing('link.invalid', 'This link is not valid, or not any longer.', {
    hint: 'Ask for a new one where you got it.',
  });
}
