import type { Migration } from './migration.js';

/**
 * From here on history keeps what is added to and taken from links to several records; when it began is when this ran. The index
 * finds records by a link that they had once: lines that moved to another parent since.
 */
export const linksHistory: Migration = {
  id: '0015-links-history',
  up: /* sql */ `
create function trellis.left_links(previous jsonb) returns jsonb
language sql immutable strict parallel safe
return jsonb_path_query_array(previous, '$.* ? (@.type() == "string" && @ like_regex "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")');
create index history_left_links on trellis.history using gin (trellis.left_links(previous))
where trellis.left_links(previous) <> '[]'::jsonb;
`,
};
