import type { PersonalTraces } from '../base/personal-traces.js';

const about = `(response ilike any($2::text[]) or route ilike any($2::text[]) or concat(route, response) ilike any(select '%' || id || '%' from unnest($1::uuid[]) id))`;

/** Answers kept for requests that must not count twice. */
export const idempotencyTraces: PersonalTraces = {
  place: 'requests',
  countText: `select count(*)::int as n from trellis.idempotency where ${about}`,
  readText: null,
  busyText: null,
  eraseTexts: [`delete from trellis.idempotency where ${about}`],
};
