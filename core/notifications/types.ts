import type { Ctx, NotificationsApi } from '../sdk/index.js';

/** Nest injection token of `Notifications`. */
export const NOTIFICATIONS = Symbol('NOTIFICATIONS');

export type Channel = 'app' | 'mail';

/** One notification, as its reader sees it now. */
export interface NotificationInfo {
  readonly id: string;
  readonly kind: string;
  /** The line, in the reader's language. */
  readonly title: string;
  /** Name of a Lucide icon. */
  readonly icon: string;
  /** The record that it is about, by its title as of now; null: about none. */
  readonly record: { readonly entity: string; readonly id: string; readonly title: string | null } | null;
  /** ISO, UTC. */
  readonly createdAt: string;
  readonly readAt: string | null;
}

/** A page of one's own notifications, newest first. */
export interface NotificationPage {
  readonly data: NotificationInfo[];
  readonly next: string | null;
  /** Unread ones that the reader may see; 99 stands for more too. */
  readonly unread: number;
}

/** A kind of notification, and where one is told of it. */
export interface NotificationPreference {
  readonly kind: string;
  readonly title: string;
  readonly description: string;
  /** What counts for this user. */
  readonly channels: Readonly<Record<Channel, boolean>>;
  /** What counts for who has not chosen. */
  readonly defaults: Readonly<Record<Channel, boolean>>;
}

/** The room: what everybody tells through, and what a user asks of its own. */
export interface Notifications extends NotificationsApi {
  /** The actor's own. `limit` 1–100. Throws request.cursor. */
  list(ctx: Ctx, query: { unreadOnly: boolean; limit: number; after?: string }): Promise<NotificationPage>;
  /** Marks these as read, or all; returns how many were unread. Others' are passed over. */
  markRead(ctx: Ctx, input: { ids?: readonly string[] }): Promise<number>;
  preferences(ctx: Ctx): NotificationPreference[] | Promise<NotificationPreference[]>;
  /** Sets what is given; null goes back to the default. Throws notification.unknown_kind. */
  setPreferences(
    ctx: Ctx,
    changes: Readonly<Record<string, Partial<Record<Channel, boolean | null>>>>,
  ): Promise<NotificationPreference[]>;
}
