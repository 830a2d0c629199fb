import type { Ctx } from './context.js';
import type { SubjectRef } from './privacy.js';
import type { Json } from './records.js';

/** One mail to one person. */
export interface MailInput {
  /** The address; with a name it reads `Ann Lee <ann@example.com>`. */
  readonly to: string | { readonly email: string; readonly name?: string | null };
  /** Id of a template definition, e.g. `core.invite`. */
  readonly template: string;
  /** What the template may show. Never put record values in that the recipient may not read. */
  readonly data: { readonly [key: string]: Json };
  /** Language of the mail, absent: the workspace's; a template has the texts of the translations. */
  readonly locale?: string;
  /** IANA zone in which dates are written; absent: the workspace's. */
  readonly zone?: string;
  /** A mail of the same key is written once, whoever asks again within 90 days; at most 200 characters. */
  readonly idempotencyKey?: string;
  /** The person whom it is about, so that it is known, exported and erased with it. */
  readonly subject?: SubjectRef;
  /**
   * What it is for where that needs the person's consent: an option of `core.consent`'s purpose. Asked when the mail is written, and once
   * more when it is sent. Needs `subject`; absent: nobody is asked (a receipt, an answer).
   */
  readonly purpose?: string;
  /** Not sent after this instant: a link that has expired helps nobody. */
  readonly expiresAt?: Date;
}

/** What became of a call of `send`. `isNew` is false where the idempotency key was known: then nothing was written. */
export interface MailReceipt {
  readonly id: string;
  readonly isNew: boolean;
}

/** Mails leave through SMTP after the transaction commits, each at most once. */
export interface MailApi {
  /** False where no SMTP server is configured: mails wait, so offer the link for copying too. */
  readonly isConfigured: boolean;
  /**
   * Renders the mail and writes it into the queue, in the caller's transaction where there is one. Its contents are
   * encrypted until it is sent, and gone afterwards. Throws mail.unknown_template, mail.bad_address, template.too_large, and for
   * a mail with a purpose privacy.no_consent, privacy.restricted.
   */
  send(ctx: Ctx, input: MailInput): Promise<MailReceipt>;
  /** Absolute address of a path of this server (`/invite?token=…`), from the configuration, never from a request. */
  url(path: string): string;
}
