import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { limited } from '../base/errors.js';
import type { Tx } from '../sdk/index.js';
import type { Database } from '../storage/index.js';

/** Minutes that failed attempts count. */
const windowMinutes = 15;
/** Attempts in that time: for an account from one address, for an account from anywhere, for an address at any account. */
const limits = { pair: 10, account: 50, address: 100 };

/**
 * Counts one attempt before anything is compared, so that parallel guesses count too. The same for accounts that do not exist.
 * Throws auth.too_many_attempts (limited); `onLimit` runs at the first attempt over a limit.
 */
export async function countAttempt(
  database: Database,
  input: { email: string; address: string; now: Date; onLimit(): Promise<void> },
): Promise<void> {
  const keys = attemptKeys(input);
  const rows = await database.query<{ key: Buffer; attempts: number; since: Date }>({
    text: countText,
    values: [Object.values(keys), input.now],
  });
  for (const [name, key] of Object.entries(keys)) {
    const row = rows.find((candidate) => candidate.key.equals(key));
    const limit = limits[name as keyof typeof limits];
    if (row === undefined || row.attempts <= limit) continue;
    if (row.attempts === limit + 1) await input.onLimit();
    throw tooMany(row.since, input.now);
  }
}

function tooMany(since: Date, now: Date): Error {
  const retryAfterSeconds = Math.max(1, Math.ceil((since.getTime() + windowMinutes * 60_000 - now.getTime()) / 1000));
  return limited('auth.too_many_attempts', 'Too many attempts.', {
    hint: `Try again in ${Math.ceil(retryAfterSeconds / 60)} minutes.`,
    params: { retryAfterSeconds },
  });
}

/** Requests for a mail in that time: for one account, and from one address for any account. */
const requestLimits = { account: 3, address: 20 };

/**
 * Counts one request for a mail to an account. True where the account may be sent one more; throws auth.too_many_attempts where
 * the address asked too often.
 */
export async function countRequest(
  database: Database,
  input: { email: string; address: string; now: Date },
): Promise<boolean> {
  const keys = [attemptKey('request', input.email), attemptKey('requests', addressBucket(input.address))];
  const rows = await database.query<{ key: Buffer; attempts: number; since: Date }>({
    text: countText,
    values: [keys, input.now],
  });
  const of = (key: Buffer) => rows.find((row) => row.key.equals(key));
  const byAddress = of(keys[1]);
  if (byAddress && byAddress.attempts > requestLimits.address) throw tooMany(byAddress.since, input.now);
  return (of(keys[0])?.attempts ?? 0) <= requestLimits.account;
}

/** Takes one attempt back that was right as far as it went, without forgiving the wrong ones before it. */
export async function takeBackAttempt(tx: Tx, input: { email: string; address: string }): Promise<void> {
  await tx.query(forgiveText, [[], Object.values(attemptKeys(input))]);
}

/** Takes the attempt back after it proved right. */
export async function forgiveAttempt(tx: Tx, input: { email: string; address: string }): Promise<void> {
  const keys = attemptKeys(input);
  await tx.query(forgiveText, [[keys.pair], [keys.account, keys.address]]);
}

/** Removes counters that no longer count. */
export async function cleanAttempts(database: Database): Promise<void> {
  await database.query({
    text: `delete from trellis.sign_in_attempt where since < now() - interval '${windowMinutes} minutes'`,
    values: [],
  });
}

/** An IPv6 client owns at least a /64, so that is what counts as one address. */
export function addressBucket(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1];
  if (!isIPv6(address)) return address;
  const [head, tail = ''] = address.split('%')[0].split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const groups = address.includes('::')
    ? [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
    : left;
  return groups
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':');
}

function attemptKeys(input: { email: string; address: string }): { pair: Buffer; account: Buffer; address: Buffer } {
  const bucket = addressBucket(input.address);
  return {
    pair: attemptKey('pair', input.email, bucket),
    account: attemptKey('account', input.email),
    address: attemptKey('address', bucket),
  };
}

function attemptKey(...parts: string[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}

// Keys in order, so that two attempts at once wait for, but never deadlock, each other.
const countText = `insert into trellis.sign_in_attempt as a (key, attempts, since)
select key, 1, $2::timestamptz from unnest($1::bytea[]) key order by key
on conflict (key) do update set
  attempts = case when a.since < $2 - interval '${windowMinutes} minutes' then 1 else a.attempts + 1 end,
  since = case when a.since < $2 - interval '${windowMinutes} minutes' then $2 else a.since end
returning key, attempts, since`;

const forgiveText = `with cleared as (delete from trellis.sign_in_attempt where key = any($1::bytea[]))
update trellis.sign_in_attempt set attempts = greatest(attempts - 1, 0)
where key in (select key from trellis.sign_in_attempt where key = any($2::bytea[]) order by key for update)`;
