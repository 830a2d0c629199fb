import { isUuid } from '../base/ids.js';
import type { AuditLog, Ctx, JobDefinition, Json } from '../sdk/index.js';
import { countRequest } from './attempts.js';
import type { IdentityDeps } from './deps.js';
import { linkUserColumns, writeLink, type LinkUser } from './links.js';
import { normalizeEmail } from './credentials.js';

const jobName = 'core.send-reset-link';

/**
 * Somebody forgot a password. What is done and answered is the same for every address, known or not: one job is written, which
 * looks the account up later. Beyond the limit of an address of the network it refuses; beyond that of an account it does nothing.
 * Throws auth.too_many_attempts.
 */
export async function requestReset(
  deps: IdentityDeps,
  ctx: Ctx,
  input: { email: string; address: string },
): Promise<void> {
  const email = normalizeEmail(input.email);
  const isWithin = await countRequest(deps.database, { email, address: input.address, now: ctx.now() });
  if (!isWithin || email === '' || email.length > 254) return;
  await ctx.jobs.enqueue(ctx, jobName, { id: ctx.newId(), email });
}

/** The job that mails the link, where there is somebody of that address. Its mail goes to the address on file, never to the one typed. */
export function sendResetLinkJob(audit: AuditLog): JobDefinition {
  return {
    name: jobName,
    async run(ctx, payload: Json) {
      const { id, email } = payload as { id?: unknown; email?: unknown };
      if (typeof id !== 'string' || !isUuid(id) || typeof email !== 'string') return;
      await ctx.records.transaction(ctx, async (inside) => {
        const [user] = await inside.tx.query<LinkUser & { has_password: boolean }>(
          `select ${linkUserColumns}, c.password_hash is not null as has_password from trellis.credential c
where c.email = $1 and c.active and c.kind = 'person' and not exists (select 1 from trellis.sign_in_link l where l.id = $2) for update`,
          [email, id],
        );
        if (user === undefined) return;
        const kind = user.has_password ? 'reset' : 'invite';
        const link = await writeLink(inside, { id, kind, user });
        await audit.append(inside.tx, {
          kind: 'password.linkAsked',
          actor: null,
          requestId: ctx.requestId,
          payload: { id: user.user_id, email: user.email, expiresAt: link.expiresAt },
        });
      });
    },
  };
}
