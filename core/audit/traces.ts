import type { PersonalTraces } from '../base/personal-traces.js';

const about = `(payload ilike any($2::text[]) or payload ilike any(select '%' || id || '%' from unnest($1::uuid[]) id))`;

/** Payloads that name a person or its records: payload and salt go, the entry and its hash stay. */
export const auditTraces: PersonalTraces = {
  place: 'audit',
  countText: `select count(*)::int as n from trellis.audit_payload where ${about}`,
  readText: `select json_build_object('at', e.at, 'kind', e.kind, 'payload', p.payload::json) as data from trellis.audit_payload p join trellis.audit_entry e on e.id = p.entry_id where ${about} order by e.at`,
  busyText: null,
  eraseTexts: [`delete from trellis.audit_payload where ${about}`],
};
