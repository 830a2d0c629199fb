import type { PersonalTraces } from '../base/personal-traces.js';

const about = '(record_id = any($1::uuid[]) or user_id = any($1::uuid[]) or data::text ilike any($2::text[]))';

/** What users were told about a person, and what a person that is a user was told. */
export const notificationTraces: PersonalTraces = {
  place: 'notifications',
  countText: `select count(*)::int as n from trellis.notification where ${about}`,
  readText: null,
  busyText: null,
  eraseTexts: [
    `delete from trellis.notification where ${about}`,
    'delete from trellis.notification_preference where user_id = any($1::uuid[]) and $2::text[] is not null',
  ],
};
