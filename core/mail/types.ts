import type { Ctx, MailApi, MailReceipt } from '../sdk/index.js';

/** Nest injection token of `Mail`. */
export const MAIL = Symbol('MAIL');

/**
 * `waiting`: for its turn, the next attempt, or a server. `sending`: now. `failed`: refused for good, or too late. `unknown`: the
 * server broke off, or this one died, after the contents had begun to flow; whether it arrived only the recipient knows, so
 * it is not sent again by itself. `cancelled`: by an administrator.
 */
export type MailState = 'waiting' | 'sending' | 'sent' | 'failed' | 'unknown' | 'cancelled';

/** One mail, as administrators see it: never its contents. Instants are ISO, UTC. */
export interface MailInfo {
  readonly id: string;
  readonly template: string;
  /** `Ann Lee <ann@example.com>` */
  readonly recipient: string;
  readonly subject: string;
  readonly state: MailState;
  readonly attempts: number;
  readonly createdAt: string;
  readonly sentAt: string | null;
  /** Of a waiting one: not before this instant. */
  readonly nextAttemptAt: string | null;
  /** What the server said last, or why it was given up. */
  readonly error: string | null;
}

/** State of mailing, as administrators see it. */
export interface MailStatus {
  readonly isConfigured: boolean;
  /** `smtp.example.com:587`, or null where none is configured. */
  readonly server: string | null;
  /** `always`: TLS from the first byte. `required`: STARTTLS or nothing. `offered`: STARTTLS where it is offered. `none`: on this machine. */
  readonly encryption: 'always' | 'required' | 'offered' | 'none' | null;
  readonly hasSignIn: boolean;
  /** Sender, `Trellis <crm@example.com>`. */
  readonly from: string | null;
  /** What links in mails begin with. */
  readonly publicUrl: string;
  /** False: that is a guess, good for this machine only. */
  readonly isPublicUrlSet: boolean;
  readonly counts: Readonly<Record<MailState, number>>;
  /** Instant since which the oldest waiting mail waits, or null. */
  readonly oldestWaitingAt: string | null;
}

/** The mail room: what everybody sends by, and what the administrator's page asks. */
export interface Mail extends MailApi {
  status(): Promise<MailStatus>;
  /** Newest first. `limit` 1–200; `after`: cursor of an earlier page. */
  list(query: { state?: MailState; limit: number; after?: string }): Promise<{ data: MailInfo[]; next: string | null }>;
  /** Sends one that failed, whose fate is unknown, or that was cancelled, now. Throws mail.not_found, mail.not_resendable. */
  resend(ctx: Ctx, id: string): Promise<MailInfo>;
  /** Takes a waiting one out of the queue. Throws mail.not_found, mail.not_waiting. */
  cancel(ctx: Ctx, id: string): Promise<MailInfo>;
  /** Sends a test mail. Throws mail.not_configured, mail.bad_address. */
  sendTest(ctx: Ctx, to: string): Promise<MailReceipt>;
  /** Connects and signs in, sends nothing. What the server or the network says, or null where all is well. Throws mail.not_configured. */
  check(): Promise<string | null>;
  /** Orders the job where mails wait; called once at the start. */
  wake(ctx: Ctx): Promise<void>;
}
