import { randomBytes } from 'node:crypto';
import { generateSecret, generateURI, verifySync } from 'otplib';
import { conflict, denied } from '../base/errors.js';
import type { Ctx, Tx } from '../sdk/index.js';
import { requireAdministrator } from './administrators.js';
import { countAttempt, forgiveAttempt } from './attempts.js';
import type { IdentityDeps } from './deps.js';
import { confirmPassword } from './password-check.js';
import { requireSession } from './sessions.js';
import { hashToken } from './tokens.js';
import { actorId, endAll } from './user-rows.js';

/** Seconds that a clock may be off, before and after. */
const toleranceSeconds = 30;
const recoveryCodeCount = 10;

/** How somebody proves, after the password, to hold a device: codes of an app, and recovery codes for when it is lost. */
export interface SecondFactor {
  /** `isRequired`: a role demands it. `recoveryCodes`: how many are left. */
  status(ctx: Ctx): Promise<{ isOn: boolean; isRequired: boolean; recoveryCodes: number }>;
  /** A new secret, which counts once it is confirmed. Throws auth.failed for a wrong password, totp.exists where one counts already. */
  begin(ctx: Ctx, input: Confirmation): Promise<{ secret: string; uri: string }>;
  /** Switches it on by the first code. The recovery codes are told once. Throws auth.totp_failed, totp.not_begun. */
  confirm(ctx: Ctx, input: { code: string; address: string }): Promise<{ recoveryCodes: string[] }>;
  /** New recovery codes; the earlier ones end. Throws auth.failed, totp.not_begun. */
  renewCodes(ctx: Ctx, input: Confirmation): Promise<{ recoveryCodes: string[] }>;
  /** Switches it off. Throws auth.failed, totp.required where a role demands it. */
  end(ctx: Ctx, input: Confirmation): Promise<void>;
  /** Takes a lost factor off a user and ends the user's sessions and keys. Administrators only. Throws user.not_found. */
  clear(ctx: Ctx, input: { userId: string }): Promise<void>;
}

interface Confirmation {
  readonly password: string;
  readonly address: string;
}

/** Makes the functions of codes. */
export function createSecondFactor(deps: IdentityDeps): SecondFactor {
  return {
    status: (ctx) => readStatus(deps, ctx),
    begin: (ctx, input) => begin(deps, ctx, input),
    confirm: (ctx, input) => confirm(deps, ctx, input),
    async renewCodes(ctx, input) {
      const { userId } = await confirmPassword(deps, ctx, input);
      return deps.database.transaction(async (tx) => {
        const on = await tx.query(
          'select 1 from trellis.totp where user_id = $1 and confirmed_at is not null for update',
          [userId],
        );
        if (on.length === 0) throw notBegun();
        await audit(deps, ctx, tx, 'totp.codesRenewed', userId);
        return { recoveryCodes: await writeCodes(tx, userId) };
      });
    },
    async end(ctx, input) {
      const { userId } = await confirmPassword(deps, ctx, input);
      if ((await readStatus(deps, ctx)).isRequired)
        throw conflict('totp.required', 'Your role demands a second factor.', { hint: 'Ask an administrator.' });
      await deps.database.transaction(async (tx) => {
        await dropFactor(tx, userId);
        await audit(deps, ctx, tx, 'totp.disabled', userId);
      });
      deps.cache.forgetUser(userId);
    },
    async clear(ctx, { userId }) {
      requireAdministrator(ctx);
      await deps.database.transaction(async (tx) => {
        await deps.requireUser(tx, userId);
        await dropFactor(tx, userId);
        await endAll(tx, [userId]);
        await audit(deps, ctx, tx, 'totp.cleared', userId);
      });
      deps.cache.forgetUser(userId);
    },
  };
}

/**
 * What a code is worth for a user, inside the transaction that lets the user in: a code or recovery code that is right counts
 * once and never again. `none`: the user has no second factor.
 */
export async function useCode(
  deps: IdentityDeps,
  tx: Tx,
  input: { userId: string; code: string | null; now: Date },
): Promise<'none' | 'missing' | 'right' | 'wrong'> {
  const [row] = await tx.query<TotpRow>(
    'select sealed, last_step from trellis.totp where user_id = $1 and confirmed_at is not null for update',
    [input.userId],
  );
  if (row === undefined) return 'none';
  if (input.code === null || input.code.trim() === '') return 'missing';
  const code = input.code.replaceAll(/[\s-]/g, '').toLowerCase();
  if (!/^\d{6}$/.test(code)) return (await useRecoveryCode(tx, input.userId, code)) ? 'right' : 'wrong';
  const step = stepOf(deps, { userId: input.userId, row, code, now: input.now });
  if (step === null) return 'wrong';
  await tx.query('update trellis.totp set last_step = $2 where user_id = $1', [input.userId, step]);
  return 'right';
}

interface TotpRow {
  sealed: string;
  last_step: string | null;
}

/** The step of time that a code is of, or null where it is wrong, or of a step that was used already. */
function stepOf(deps: IdentityDeps, input: { userId: string; row: TotpRow; code: string; now: Date }): number | null {
  const result = verifySync({
    secret: deps.secrets.open(input.row.sealed, totpContext(input.userId)),
    token: input.code,
    epoch: Math.floor(input.now.getTime() / 1000),
    epochTolerance: toleranceSeconds,
    ...(input.row.last_step === null ? {} : { afterTimeStep: Number(input.row.last_step) }),
  });
  return result.valid && 'timeStep' in result ? result.timeStep : null;
}

async function useRecoveryCode(tx: Tx, userId: string, code: string): Promise<boolean> {
  const used = await tx.query('delete from trellis.recovery_code where user_id = $1 and code_hash = $2 returning 1', [
    userId,
    hashToken(`${userId}:${code}`),
  ]);
  return used.length > 0;
}

async function readStatus(
  deps: IdentityDeps,
  ctx: Ctx,
): Promise<{ isOn: boolean; isRequired: boolean; recoveryCodes: number }> {
  const { userId } = requireSession(ctx);
  const [row] = await deps.database.query<{ is_on: boolean; is_required: boolean; codes: number }>({
    text: statusText,
    values: [userId],
  });
  return { isOn: row.is_on, isRequired: row.is_required, recoveryCodes: row.codes };
}

async function begin(deps: IdentityDeps, ctx: Ctx, input: Confirmation): Promise<{ secret: string; uri: string }> {
  const { userId, email } = await confirmPassword(deps, ctx, input);
  const secret = generateSecret();
  const begun = await deps.database.query({
    text: `insert into trellis.totp as t (user_id, sealed, created_at) values ($1, $2, $3)
on conflict (user_id) do update set sealed = excluded.sealed, created_at = excluded.created_at, last_step = null
where t.confirmed_at is null returning 1`,
    values: [userId, deps.secrets.seal(secret, totpContext(userId)), ctx.now()],
  });
  if (begun.length === 0)
    throw conflict('totp.exists', 'Codes of an app are on already.', { hint: 'Switch them off first.' });
  return { secret, uri: generateURI({ issuer: ctx.workspace.name, label: email, secret }) };
}

async function confirm(
  deps: IdentityDeps,
  ctx: Ctx,
  input: { code: string; address: string },
): Promise<{ recoveryCodes: string[] }> {
  const { userId } = requireSession(ctx);
  const attempt = { email: `totp:${userId}`, address: input.address };
  await countAttempt(deps.database, { ...attempt, now: ctx.now(), onLimit: async () => undefined });
  const recoveryCodes = await deps.database.transaction(async (tx) => {
    const [row] = await tx.query<TotpRow>(
      'select sealed, last_step from trellis.totp where user_id = $1 and confirmed_at is null for update',
      [userId],
    );
    if (row === undefined) throw notBegun();
    const step = stepOf(deps, { userId, row, code: input.code.replaceAll(/\s/g, ''), now: ctx.now() });
    if (step === null) throw wrongCode();
    await tx.query('update trellis.totp set confirmed_at = $2, last_step = $3 where user_id = $1', [
      userId,
      ctx.now(),
      step,
    ]);
    await forgiveAttempt(tx, attempt);
    await audit(deps, ctx, tx, 'totp.enabled', userId);
    return writeCodes(tx, userId);
  });
  deps.cache.forgetUser(userId);
  return { recoveryCodes };
}

/** The answer to a code that is wrong, late, or was used before. */
export function wrongCode(): Error {
  return denied('auth.totp_failed', 'The code is wrong, or it was used before.', {
    hint: 'Wait for the next code, and check the clock of the device.',
  });
}

function notBegun(): Error {
  return conflict('totp.not_begun', 'Codes of an app are not set up.', { hint: 'Begin with a new secret.' });
}

/** Ten new codes of 80 bits, `k7wm-3x9q-…`; the earlier ones end. */
async function writeCodes(tx: Tx, userId: string): Promise<string[]> {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
  const codes = Array.from({ length: recoveryCodeCount }, () =>
    [...randomBytes(16)]
      .map((byte, index) => `${index > 0 && index % 4 === 0 ? '-' : ''}${alphabet[byte & 31]}`)
      .join(''),
  );
  await tx.query('delete from trellis.recovery_code where user_id = $1', [userId]);
  await tx.query(
    'insert into trellis.recovery_code (user_id, code_hash) select $1, hash from unnest($2::bytea[]) hash',
    [userId, codes.map((code) => hashToken(`${userId}:${code.replaceAll('-', '')}`))],
  );
  return codes;
}

async function dropFactor(tx: Tx, userId: string): Promise<void> {
  await tx.query('delete from trellis.recovery_code where user_id = $1', [userId]);
  await tx.query('delete from trellis.totp where user_id = $1', [userId]);
}

async function audit(deps: IdentityDeps, ctx: Ctx, tx: Tx, kind: string, userId: string): Promise<void> {
  await deps.audit.append(tx, { kind, actor: actorId(ctx), requestId: ctx.requestId, payload: { id: userId } });
}

/** A sealed secret opens for its own user only. */
export function totpContext(userId: string): string {
  return `totp:${userId}`;
}

const statusText = `select
  exists (select 1 from trellis.totp t where t.user_id = $1 and t.confirmed_at is not null) as is_on,
  exists (select 1 from trellis.user_role r, trellis.sign_in_policy p where r.user_id = $1 and r.role = any(p.factor_roles)) as is_required,
  (select count(*)::integer from trellis.recovery_code k where k.user_id = $1) as codes`;
