import { randomUUID } from 'node:crypto';
import { conflict } from '../base/errors.js';
import type { Ctx, JobDefinition } from '../sdk/index.js';
import type { Database, Secrets } from '../storage/index.js';
import { readMailbox, type Mailbox } from './address.js';
import { refusalOf } from './consent.js';
import { composeMessage, type Letter } from './compose.js';
import { openLine, wordsOf, type Outcome, type SmtpLine, type SmtpServer } from './smtp.js';
import { beginDataText, claimText, endText, expireText, nextText, sentText, settleText } from './store.js';

/** Name of the job that empties the queue. */
export const sendJobName = 'core.send-mail';

/** Days after which a mail that no server takes is given up. */
const patienceDays = 3;
/** Days that a mail waits for a server at all: what is older would surprise. */
const waitingDays = 14;
/** A run lets no mail take longer than three minutes; one that is silent for longer has died. */
const silenceSeconds = 300;
/** Minutes until the next attempt, by the number of refusals so far. */
const backOffMinutes = [1, 5, 15, 60, 120, 240];
/** At the latest then, while mails wait. */
const lookAgainMs = 60_000;

/** What sending leans on. */
export interface QueueDeps {
  readonly database: Database;
  readonly secrets: Secrets;
  /** Null: none is configured, mails wait. */
  readonly server: SmtpServer | null;
  readonly from: Mailbox | null;
  /** Name behind the @ of message ids. */
  readonly host: string;
}

interface Claimed {
  readonly id: string;
  readonly recipient: string;
  readonly address: string;
  readonly content: string;
  readonly attempts: number;
  readonly created_at: Date;
  readonly claim: string;
  readonly purpose: string | null;
  readonly subject_entity: string | null;
  readonly subject_id: string | null;
}

/**
 * The job: sends what is due, one after the other over one line. Safe to repeat after a crash, because a mail is claimed before it
 * is sent, and the claim notes when its contents begin to flow: what died before that waits again, what died later is `unknown`.
 */
export function sendMailJob(deps: QueueDeps): JobDefinition {
  return {
    name: sendJobName,
    // Each run orders the next while mails wait; this one catches a chain that broke.
    schedule: '11 * * * *',
    run: async (ctx) => {
      await deps.database.query({ text: settleText, values: [ctx.requestId, ctx.now(), silenceSeconds] });
      await deps.database.query({ text: expireText, values: [ctx.now(), patienceDays, waitingDays] });
      if (deps.server === null || deps.from === null) return;
      await sendAll(deps, ctx, deps.server, deps.from);
      await orderNext(deps, ctx);
    },
  };
}

/** Orders a run; in the transaction of `ctx` where there is one. */
export async function orderRun(ctx: Ctx): Promise<void> {
  await ctx.jobs.enqueue(ctx, sendJobName, null, { singletonKey: 'now' });
}

async function sendAll(deps: QueueDeps, ctx: Ctx, server: SmtpServer, from: Mailbox): Promise<void> {
  let line: SmtpLine | null = null;
  try {
    while (!ctx.signal.aborted) {
      const mail = await claim(deps, ctx);
      if (mail === null) return;
      const refusal = await refusalOf(ctx, mail);
      if (refusal !== null) {
        await end(deps, mail, { state: 'cancelled', error: refusal, isUncounted: true });
        continue;
      }
      const message = await build(deps, mail, from);
      if (message === null) {
        await end(deps, mail, { state: 'failed', error: 'The contents of this mail cannot be read any more.' });
        continue;
      }
      let outcome: Outcome;
      try {
        line ??= await openLine(server);
        outcome = await line.send({
          from: from.address,
          to: mail.address,
          message,
          onData: () => beginData(deps, ctx, mail),
        });
      } catch (error) {
        outcome = { kind: 'away', error: wordsOf(error) };
      }
      if (outcome.kind !== 'sent') line = null;
      await note(deps, ctx, mail, outcome);
      // The others would fare no better: the next run tries again.
      if (outcome.kind === 'away') return;
    }
  } finally {
    line?.close();
  }
}

async function claim(deps: QueueDeps, ctx: Ctx): Promise<Claimed | null> {
  const [mail] = await deps.database.query<Claimed>({
    text: claimText,
    values: [randomUUID(), ctx.requestId, ctx.now()],
  });
  return mail ?? null;
}

/** The message, or null where its contents cannot be decrypted: the key is gone. */
async function build(deps: QueueDeps, mail: Claimed, from: Mailbox): Promise<Buffer | null> {
  let letter: Letter;
  try {
    letter = JSON.parse(deps.secrets.open(mail.content, `mail:${mail.id}`)) as Letter;
  } catch {
    return null;
  }
  return composeMessage({
    id: mail.id,
    from,
    to: readMailbox(mail.recipient),
    letter,
    host: deps.host,
    at: mail.created_at,
  });
}

async function beginData(deps: QueueDeps, ctx: Ctx, mail: Claimed): Promise<void> {
  const mine = await deps.database.query({ text: beginDataText, values: [mail.id, mail.claim, ctx.now()] });
  if (mine.length === 0) throw conflict('mail.taken_over', 'Another run sends this mail.');
}

async function note(deps: QueueDeps, ctx: Ctx, mail: Claimed, outcome: Outcome): Promise<void> {
  if (outcome.kind === 'sent')
    return void (await deps.database.query({ text: sentText, values: [mail.id, mail.claim, ctx.now()] }));
  const { kind, error } = outcome;
  if (kind === 'refused') return end(deps, mail, { state: 'failed', error });
  if (kind === 'unknown') return end(deps, mail, { state: 'unknown', error });
  if (kind === 'away') return end(deps, mail, { state: 'waiting', error, isUncounted: true });
  const minutes = backOffMinutes[Math.min(mail.attempts, backOffMinutes.length - 1)];
  return end(deps, mail, { state: 'waiting', error, at: new Date(ctx.now().getTime() + minutes * 60_000) });
}

async function end(
  deps: QueueDeps,
  mail: Claimed,
  fate: { state: string; error: string; at?: Date; isUncounted?: boolean },
): Promise<void> {
  await deps.database.query({
    text: endText,
    values: [mail.id, mail.claim, fate.state, fate.error, fate.at ?? null, fate.isUncounted ? 0 : 1],
  });
}

async function orderNext(deps: QueueDeps, ctx: Ctx): Promise<void> {
  const [{ at }] = await deps.database.query<{ at: Date | null }>({ text: nextText, values: [] });
  if (at === null) return;
  const now = ctx.now().getTime();
  // What is due already and still waits met a server that was away.
  const wait = at.getTime() <= now ? lookAgainMs : Math.min(at.getTime() - now, lookAgainMs);
  await ctx.jobs.enqueue(ctx, sendJobName, null, { singletonKey: 'later', startAfter: new Date(now + wait) });
}
