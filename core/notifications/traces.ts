import type { PersonalTraces } from '../base/personal-traces.js';

const about = '(record_id = any($1::uuid[]) or data::text ilike any($2::text[]))';

/** What users were told about a person. */
export const notificationTraces: PersonalTraces = {
  place: 'notifications',
  countText: `select count(*)::int as n from trellis.notification where ${about}`,
  readText: null,
  busyText: null,
  eraseTexts: [`delete from trellis.notification where ${about}`],
};
