import type { Ctx } from './context.js';
import type { Json } from './records.js';

/** What a few users are to be told. */
export interface NotifyInput {
  /** Users; those who are suspended are told nothing, and nobody is told twice. */
  readonly userIds: readonly string[];
  /** Id of a template with `notification`, e.g. `core.record-assigned`: its subject is the line in the bell, its body the mail. */
  readonly kind: string;
  /** The record it is about. Whoever may not read it when looking is shown nothing of the notification. */
  readonly record?: { readonly entity: string; readonly id: string };
  /**
   * What the template shows beside `record.title`, which is read anew under the reader's access. Never put values of
   * records in here.
   */
  readonly data?: { readonly [key: string]: Json };
  /** Told once for the same user and key, at most 200 characters. */
  readonly idempotencyKey?: string;
}

/** Tells users something, in the application and by mail, as each of them prefers. */
export interface NotificationsApi {
  /** Writes the notifications in the caller's transaction where there is one. Throws notification.unknown_kind. */
  notify(ctx: Ctx, input: NotifyInput): Promise<void>;
}
