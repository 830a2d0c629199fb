import { request } from './client.js';

export interface NotificationRow {
  id: string;
  kind: string;
  title: string;
  icon: string;
  record: { entity: string; id: string; title: string | null } | null;
  createdAt: string;
  readAt: string | null;
}

export interface NotificationPage {
  data: NotificationRow[];
  page: { next: string | null };
  /** 99 stands for more too. */
  unread: number;
}

export type Channel = 'app' | 'mail';

export interface NotificationPreference {
  kind: string;
  title: string;
  description: string;
  channels: Record<Channel, boolean>;
  defaults: Record<Channel, boolean>;
}

export const listNotifications = () => request<NotificationPage>('/api/notifications');

/** Marks these as read, or all. */
export const markNotificationsRead = (ids?: string[]) =>
  request('/api/notifications/read', { method: 'POST', body: ids ? { ids } : {} });

export async function getNotificationPreferences(): Promise<NotificationPreference[]> {
  return (await request<{ data: NotificationPreference[] }>('/api/notifications/preferences')).data;
}

export const setNotificationPreference = (kind: string, channel: Channel, wanted: boolean) =>
  request('/api/notifications/preferences', { method: 'PATCH', body: { [kind]: { [channel]: wanted } } });
