import type { PersonalTraces } from '../base/personal-traces.js';

const row = `(record_id = any($1::uuid[]) or cells::text ilike any($2::text[]) or previous::text ilike any($2::text[]) or reasons::text ilike any($2::text[]))`;
const link = `(record_id = any($1::uuid[]) or target_id = any($1::uuid[]) or value ilike any($2::text[]))`;
const head = `((preview::text ilike any($2::text[]) or problems::text ilike any($2::text[]) or mapping::text ilike any($2::text[]) or file_name ilike any($2::text[]) or error::text ilike any($2::text[])) and $1::uuid[] is not null)`;

/** The mapping keeps a few cells of each column, to show what it holds. */
export const withoutSamples = `mapping = (select coalesce(jsonb_agg(m - 'samples' order by n), '[]') from jsonb_array_elements(mapping) with ordinality as each (m, n))`;

/** What imports remember of their rows. */
export const importTraces: PersonalTraces = {
  place: 'imports',
  countText: `select (select count(*) from trellis.import_row where ${row})::int + (select count(*) from trellis.import_pending_link where ${link})::int + (select count(*) from trellis.import where ${head})::int as n`,
  readText: `select json_build_object('import', import_id, 'row', row, 'action', action, 'cells', cells, 'previous', previous) as data from trellis.import_row where ${row} order by import_id, row`,
  busyText: null,
  eraseTexts: [
    `delete from trellis.import_row where ${row}`,
    `delete from trellis.import_pending_link where ${link}`,
    `update trellis.import set preview = '[]', problems = '[]', error = null, ${withoutSamples}, file_name = regexp_replace(file_name, '^.*(\\.[A-Za-z0-9]{1,8})$', '—\\1') where ${head}`,
  ],
};
