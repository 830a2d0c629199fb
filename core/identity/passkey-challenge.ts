import { randomBytes } from 'node:crypto';
import type { Ctx, Tx } from '../sdk/index.js';
import type { IdentityDeps } from './deps.js';
import { hashToken } from './tokens.js';

/** Minutes within which a challenge must be answered. */
const challengeMinutes = 5;
const sealContext = 'passkey-challenge';

/**
 * A challenge that carries its own purpose and end, sealed by the workspace's key: asking for one writes nothing, so nobody can
 * fill the database with them. It is spent when it is answered (`spendChallenge`).
 */
export function makeChallenge(deps: Pick<IdentityDeps, 'secrets'>, ctx: Ctx, purpose: string): Uint8Array<ArrayBuffer> {
  const until = ctx.now().getTime() + challengeMinutes * 60_000;
  const text = JSON.stringify([purpose, until, randomBytes(16).toString('base64url')]);
  return new Uint8Array(Buffer.from(deps.secrets.seal(text, sealContext)));
}

/** True exactly once for a challenge of ours, of this purpose, in its time. */
export async function spendChallenge(
  deps: Pick<IdentityDeps, 'secrets'>,
  ctx: Ctx,
  tx: Tx,
  input: { challenge: string; purpose: string },
): Promise<boolean> {
  const sealed = Buffer.from(input.challenge, 'base64url').toString('utf8');
  const until = endOf(deps, sealed, input.purpose);
  if (until === null || until <= ctx.now().getTime()) return false;
  const spent = await tx.query(
    'insert into trellis.spent_challenge (hash, until) values ($1, $2) on conflict do nothing returning hash',
    [hashToken(sealed), new Date(until)],
  );
  return spent.length > 0;
}

/**
 * Whose passkeys they are: the host of the public address, or `localhost` where none is set, as passkeys need a name. The origin is
 * the public address; without one any port of localhost, taken from the `answer` of the browser.
 */
export function relyingParty(
  deps: Pick<IdentityDeps, 'publicUrl'>,
  answer?: { readonly response?: { readonly clientDataJSON?: unknown } },
): { readonly id: string; readonly origin: string } {
  if (deps.publicUrl !== null) {
    const { hostname, origin } = new URL(deps.publicUrl);
    return { id: hostname, origin };
  }
  const said = originIn(answer?.response?.clientDataJSON);
  const isLocal = said !== null && URL.canParse(said) && new URL(said).hostname === 'localhost';
  return { id: 'localhost', origin: isLocal ? said : 'http://localhost' };
}

function originIn(clientData: unknown): string | null {
  if (typeof clientData !== 'string') return null;
  try {
    const { origin } = JSON.parse(Buffer.from(clientData, 'base64url').toString('utf8')) as { origin?: unknown };
    return typeof origin === 'string' ? origin : null;
  } catch {
    return null;
  }
}

/** When a sealed challenge of this purpose ends, in milliseconds; null for anything else. */
function endOf(deps: Pick<IdentityDeps, 'secrets'>, sealed: string, purpose: string): number | null {
  try {
    const [what, until] = JSON.parse(deps.secrets.open(sealed, sealContext)) as [unknown, unknown];
    return what === purpose && typeof until === 'number' ? until : null;
  } catch {
    // Whatever was not sealed here is no challenge of ours.
    return null;
  }
}
