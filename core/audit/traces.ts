import type { PersonalTraces } from '../base/personal-traces.js';
import { namesText } from './release.js';

const about = `((${namesText('$1')}) or p.payload ilike any($2::text[])) and e.kind not in ('audit.pruned', 'audit.erased', 'audit.retentionChanged')`;
const from = 'trellis.audit_payload p join trellis.audit_entry e on e.id = p.entry_id';

/** What the audit tells of a person. It goes by `eraseAudit`, which leaves the proof. */
export const auditTraces: PersonalTraces = {
  place: 'audit',
  countText: `select count(*)::int as n from ${from} where ${about}`,
  readText: `select json_build_object('at', e.at, 'kind', e.kind, 'payload', p.payload::json) as data from ${from} where ${about} order by e.at`,
  busyText: null,
  eraseTexts: [],
};
