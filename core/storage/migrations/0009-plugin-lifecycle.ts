import type { Migration } from './migration.js';

/** What a field was when its plugin dropped it, settings of plugins, uninstalled plugins, and what became of demo records. */
export const pluginLifecycle: Migration = {
  id: '0009-plugin-lifecycle',
  up: /* sql */ `
-- Of a retired field: {"property", "titles", "hiddenFrom"}, so that its history can still be read, and by whom.
alter table trellis.catalog_node add column last jsonb;

alter table trellis.plugin drop constraint plugin_state_check;
alter table trellis.plugin add constraint plugin_state_check check (state in ('enabled', 'disabled', 'failed', 'uninstalled'));
-- Only what an administrator has set; the rest follows the defaults of plugin.json.
alter table trellis.plugin add column settings jsonb not null default '{}';
-- Null: not decided, for no start has asked for demo records yet.
alter table trellis.plugin add column demo text check (demo in ('seeded', 'declined'));
update trellis.plugin set demo = 'seeded' where seeded_at is not null;
`,
};
