import type { Database } from '../storage/index.js';
import type { PluginProblem, PluginState } from './types.js';

/** A row of `trellis.plugin`: what the workspace knows of a plugin beyond its files. */
export interface StoredPlugin {
  readonly id: string;
  readonly version: string;
  readonly hash: string;
  readonly state: PluginState;
  readonly problems: readonly PluginProblem[];
  readonly seeded: boolean;
}

/** All plugins that this workspace has ever seen. */
export async function readPlugins(db: Database): Promise<StoredPlugin[]> {
  return db.query<StoredPlugin & Record<string, unknown>>({
    text: `select id, version, hash, state, coalesce(error, '[]') as problems, seeded_at is not null as seeded from trellis.plugin`,
    values: [],
  });
}

/** Writes what has changed of the given plugins; `seeded_at` is left as it is. */
export async function writePlugins(db: Database, plugins: readonly Omit<StoredPlugin, 'seeded'>[]): Promise<void> {
  if (plugins.length === 0) return;
  await db.query({
    text: upsertSql,
    values: [
      JSON.stringify(
        plugins.map(({ problems, ...rest }) => ({ ...rest, error: problems.length === 0 ? null : problems })),
      ),
    ],
  });
}

/** Notes that the first run's records were written. */
export async function markSeeded(db: Database, id: string): Promise<void> {
  await db.query({
    text: `update trellis.plugin set seeded_at = now() where id = $1 and seeded_at is null`,
    values: [id],
  });
}

/** Switches a plugin on or off; what is to be done about it is the caller's. */
export async function setState(db: Database, id: string, state: PluginState): Promise<void> {
  await db.query({
    text: `update trellis.plugin set state = $2, updated_at = now() where id = $1`,
    values: [id, state],
  });
}

const upsertSql = `
insert into trellis.plugin (id, version, hash, state, error)
select id, version, hash, state, error from json_to_recordset($1::json) as p(id text, version text, hash text, state text, error jsonb)
on conflict (id) do update set version = excluded.version, hash = excluded.hash, state = excluded.state, error = excluded.error, updated_at = now()
where (plugin.version, plugin.hash, plugin.state, plugin.error) is distinct from (excluded.version, excluded.hash, excluded.state, excluded.error)`;
