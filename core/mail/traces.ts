import type { PersonalTraces } from '../base/personal-traces.js';

const about = `(subject_id = any($1::uuid[]) or address ilike any($2::text[]) or recipient ilike any($2::text[]) or subject ilike any($2::text[]) or idempotency_key ilike any($2::text[]))`;

/** Mails to and about a person; of those that wait for somebody else the contents are encrypted and cannot be looked into. */
export const mailTraces: PersonalTraces = {
  place: 'mails',
  countText: `select count(*)::int as n from trellis.mail where ${about}`,
  readText: `select json_build_object('template', template, 'recipient', recipient, 'subject', subject, 'state', state, 'purpose', purpose, 'createdAt', created_at, 'sentAt', sent_at) as data from trellis.mail where ${about} order by created_at`,
  busyText: `select 1 from trellis.mail where state = 'sending' and ${about} limit 1`,
  eraseTexts: [`delete from trellis.mail where ${about}`],
};
