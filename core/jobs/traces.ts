import type { PersonalTraces } from '../base/personal-traces.js';
import { bossSchema } from './boss.js';

const names = '(data::text ilike any($2::text[]) or output::text ilike any($2::text[]))';
/** Ended ones go where they only hold an id, too; one that waits may be about many records. */
const about = `(${names} or (state > 'active' and data::text ilike any(select '%' || id || '%' from unnest($1::uuid[]) id)))`;
const mentioned = 'payload::text ilike any($2::text[]) and $1::uuid[] is not null';

/** Payloads of jobs and what waits in the outbox. */
export const jobTraces: PersonalTraces = {
  place: 'jobs',
  needs: `${bossSchema}.job`,
  countText: `select (select count(*) from ${bossSchema}.job where ${about})::int + (select count(*) from ${bossSchema}.archive where ${about})::int + (select count(*) from trellis.outbox where ${mentioned})::int as n`,
  readText: null,
  busyText: `select 1 from ${bossSchema}.job where state = 'active' and ${names} and $1::uuid[] is not null limit 1`,
  eraseTexts: [
    `delete from ${bossSchema}.job where state <> 'active' and ${about}`,
    `delete from ${bossSchema}.archive where ${about}`,
    `delete from trellis.outbox where ${mentioned}`,
  ],
};
