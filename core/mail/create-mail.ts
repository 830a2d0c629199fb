import { broken, conflict, invalid, missing } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import type { CatalogService } from '../catalog/index.js';
import type { AuditLog, Ctx, MailInput, MailReceipt, Tx } from '../sdk/index.js';
import { readMailbox, showMailbox } from './address.js';
import { renderLetter } from './compose.js';
import { requireConsent } from './consent.js';
import { orderRun, type QueueDeps } from './send-queue.js';
import { openLine, wordsOf } from './smtp.js';
import { countMails, findMail, insertText, listMails } from './store.js';
import type { Mail, MailInfo } from './types.js';

/** What this room leans on. */
export interface MailDeps extends QueueDeps {
  readonly catalog: CatalogService;
  readonly audit: AuditLog;
  /** What links begin with, without a slash at the end. */
  readonly publicUrl: string;
  readonly isPublicUrlSet: boolean;
}

/** Composes the room. */
export function createMail(deps: MailDeps): Mail {
  const { server, from, database } = deps;
  const isConfigured = server !== null && from !== null;
  const send = (ctx: Ctx, input: MailInput): Promise<MailReceipt> =>
    inTransaction(deps, ctx, (inside) => write(deps, inside, input));
  return {
    isConfigured,
    send,
    url(path) {
      if (!path.startsWith('/') || path.startsWith('//'))
        throw broken('mail.bad_path', `A path of this server begins with one slash, not "${path.slice(0, 40)}".`);
      return deps.publicUrl + path;
    },
    async status() {
      return {
        isConfigured,
        server: server === null ? null : `${server.host}:${server.port}`,
        encryption: server === null ? null : server.secure ? 'always' : server.startTls,
        hasSignIn: server !== null && server.auth !== null,
        from: from === null ? null : showMailbox(from),
        publicUrl: deps.publicUrl,
        isPublicUrlSet: deps.isPublicUrlSet,
        ...(await countMails(database)),
      };
    },
    list: (query) => listMails(database, checked(query)),
    resend: (ctx, id) =>
      change(deps, ctx, id, {
        text: resendText,
        kind: 'mail.resent',
        refusal: conflict('mail.not_resendable', 'This mail was sent, or still waits, or its contents are gone.'),
      }),
    cancel: (ctx, id) =>
      change(deps, ctx, id, {
        text: cancelText,
        kind: 'mail.cancelled',
        refusal: conflict('mail.not_waiting', 'This mail does not wait any longer.'),
      }),
    async sendTest(ctx, to) {
      if (!isConfigured) throw notConfigured();
      const sender = { name: ctx.actor.kind === 'user' ? ctx.actor.name : ctx.workspace.name };
      const data = { sender, at: ctx.now().toISOString() };
      return send(ctx, { to, template: 'core.test-mail', data, locale: ctx.locale, zone: ctx.zone });
    },
    async check() {
      if (server === null || from === null) throw notConfigured();
      try {
        (await openLine(server)).close();
        return null;
      } catch (error) {
        return wordsOf(error);
      }
    },
    async wake(ctx) {
      const { counts } = await countMails(database);
      if (isConfigured && counts.waiting + counts.sending > 0) await orderRun(ctx);
    },
  };
}

type Inside = Ctx & { readonly tx: Tx };

async function write(deps: MailDeps, ctx: Inside, input: MailInput): Promise<MailReceipt> {
  const { idempotencyKey = null } = input;
  if (idempotencyKey !== null && (idempotencyKey === '' || idempotencyKey.length > 200))
    throw invalid('mail.bad_key', 'An idempotency key has 1 to 200 characters.');
  const to = readMailbox(input.to);
  await requireConsent(ctx, input, to.address);
  const { subject, ...rest } = renderLetter(deps.catalog.current, ctx, input);
  const id = ctx.newId();
  const { actor } = ctx;
  const written = await ctx.tx.query(insertText, [
    id,
    idempotencyKey,
    input.template,
    showMailbox(to),
    to.address,
    subject,
    deps.secrets.seal(JSON.stringify({ subject, ...rest }), `mail:${id}`),
    ctx.now(),
    input.expiresAt ?? null,
    actor.kind === 'user' ? actor.userId : actor.onBehalfOf,
    input.purpose ?? null,
    input.subject?.entity ?? null,
    input.subject?.id ?? null,
  ]);
  if (written.length > 0) {
    if (deps.server !== null && deps.from !== null) await orderRun(ctx);
    return { id, isNew: true };
  }
  const [known] = await ctx.tx.query<{ id: string }>('select id from trellis.mail where idempotency_key = $1', [
    idempotencyKey,
  ]);
  return { id: known.id, isNew: false };
}

async function change(
  deps: MailDeps,
  ctx: Ctx,
  id: string,
  step: { text: string; kind: string; refusal: Error },
): Promise<MailInfo> {
  if (!isUuid(id) || (await findMail(deps.database, id)) === null) throw notFound();
  await inTransaction(deps, ctx, async (inside) => {
    const changed = await inside.tx.query(step.text, [id, ctx.now()]);
    if (changed.length === 0) throw step.refusal;
    await deps.audit.append(inside.tx, {
      kind: step.kind,
      actor: ctx.actor.kind === 'user' ? ctx.actor.userId : null,
      requestId: ctx.requestId,
      payload: { id },
    });
    if (step.kind === 'mail.resent' && deps.server !== null) await orderRun(inside);
  });
  const info = await findMail(deps.database, id);
  if (info === null) throw notFound();
  return info;
}

function inTransaction<T>(deps: MailDeps, ctx: Ctx, work: (inside: Inside) => Promise<T>): Promise<T> {
  const { tx } = ctx;
  if (tx !== null) return work(ctx as Inside);
  return deps.database.transaction((opened) => work(ctx.withTx(opened) as Inside));
}

function checked<T extends { after?: string }>(query: T): T {
  if (query.after !== undefined && !isUuid(query.after))
    throw invalid('request.cursor', 'This is no cursor of this list.');
  return query;
}

function notFound(): Error {
  return missing('mail.not_found', 'There is no such mail.');
}

function notConfigured(): Error {
  return conflict('mail.not_configured', 'No mail server is configured.', {
    hint: 'Set TRELLIS_SMTP_URL and TRELLIS_MAIL_FROM, and start the server again.',
  });
}

const resendText = `update trellis.mail set state = 'waiting', next_attempt_at = $2, attempts = 0, claim = null, error = null
where id = $1 and state in ('failed', 'unknown', 'cancelled') and content is not null and (expires_at is null or expires_at > $2) returning id`;

const cancelText =
  "update trellis.mail set state = 'cancelled' where id = $1 and state = 'waiting' and $2::timestamptz is not null returning id";
