import { request } from './client.js';

export type MailState = 'waiting' | 'sending' | 'sent' | 'failed' | 'unknown' | 'cancelled';

export interface MailStatus {
  isConfigured: boolean;
  server: string | null;
  encryption: 'always' | 'required' | 'offered' | 'none' | null;
  hasSignIn: boolean;
  from: string | null;
  publicUrl: string;
  isPublicUrlSet: boolean;
  counts: Record<MailState, number>;
  oldestWaitingAt: string | null;
}

export interface MailRow {
  id: string;
  template: string;
  recipient: string;
  subject: string;
  state: MailState;
  attempts: number;
  createdAt: string;
  sentAt: string | null;
  nextAttemptAt: string | null;
  error: string | null;
}

export async function getMailStatus(): Promise<MailStatus> {
  return (await request<{ data: MailStatus }>('/api/mail')).data;
}

/** One page, newest first; `next` is the cursor of the following one. */
export async function listMails(query: { state?: MailState; after?: string }): Promise<{
  mails: MailRow[];
  next: string | null;
}> {
  const { data, page } = await request<{ data: MailRow[]; page: { next: string | null } }>('/api/mail/messages', {
    query: { ...query, limit: 50 },
  });
  return { mails: data, next: page.next };
}

/** What the server says, or null where all is well. */
export async function checkMailServer(): Promise<string | null> {
  return (await request<{ data: { error: string | null } }>('/api/mail/check', { method: 'POST', body: {} })).data
    .error;
}

export const sendTestMail = (to: string) => request('/api/mail/test', { method: 'POST', body: { to } });
export const resendMail = (id: string) => request(`/api/mail/messages/${id}/resend`, { method: 'POST' });
export const cancelMail = (id: string) => request(`/api/mail/messages/${id}/cancel`, { method: 'POST' });
