import type { Database } from '../storage/index.js';
import type { PluginProblem, PluginState } from './types.js';

/** A row of `trellis.plugin`: what the workspace knows of a plugin beyond its files. */
export interface StoredPlugin {
  readonly id: string;
  readonly version: string;
  readonly hash: string;
  readonly state: PluginState;
  readonly problems: readonly PluginProblem[];
  /** Its base records were written. */
  readonly seeded: boolean;
  /** What became of its demo records; null: no start has asked for them yet. */
  readonly demo: 'seeded' | 'declined' | null;
  /** What an administrator has set. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What the files tell, and so every start writes. */
export type FoundPlugin = Omit<StoredPlugin, 'seeded' | 'demo' | 'settings'>;

/** All plugins that this workspace has ever seen. */
export async function readPlugins(db: Database): Promise<StoredPlugin[]> {
  return db.query<StoredPlugin & Record<string, unknown>>({
    text: `select id, version, hash, state, coalesce(error, '[]') as problems, seeded_at is not null as seeded, demo, settings from trellis.plugin`,
    values: [],
  });
}

/** Writes what has changed of the given plugins; seeds and settings are left as they are. */
export async function writePlugins(db: Database, plugins: readonly FoundPlugin[]): Promise<void> {
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

/** Notes that the base records were written, and what became of the demo records (null: nothing yet). */
export async function markSeeded(db: Database, id: string, demo: StoredPlugin['demo']): Promise<void> {
  await db.query({
    text: `update trellis.plugin set seeded_at = coalesce(seeded_at, now()), demo = coalesce(demo, $2) where id = $1`,
    values: [id, demo],
  });
}

/** Forgets settings and seeds of a plugin whose data are gone. */
export async function forgetPlugin(db: Database, id: string): Promise<void> {
  await db.query({
    text: `update trellis.plugin set seeded_at = null, demo = null, settings = '{}', updated_at = now() where id = $1`,
    values: [id],
  });
}

/** Replaces the settings and tells the other nodes. `change` makes the new ones of the standing ones, under a lock; what it throws refuses. */
export async function writeSettings(
  db: Database,
  id: string,
  change: (stored: StoredPlugin['settings']) => StoredPlugin['settings'],
): Promise<void> {
  await db.transaction(async (tx) => {
    const [row] = await tx.query<{ settings: StoredPlugin['settings'] }>(
      'select settings from trellis.plugin where id = $1 for update',
      [id],
    );
    await tx.query(
      `with changed as (update trellis.plugin set settings = $2::jsonb, updated_at = now() where id = $1 returning id)
select pg_notify('${settingsChannel}', id) from changed`,
      [id, JSON.stringify(change(row?.settings ?? {}))],
    );
  });
}

/** Channel on which a node tells the others that a plugin's settings were changed. */
export const settingsChannel = 'trellis_settings';

/** Takes the roles that a plugin brought from everybody, so that they do not come back with another plugin of that name. */
export async function dropRoles(db: Database, id: string): Promise<void> {
  await db.query({
    text: `with gone as (delete from trellis.user_role where role like $1 returning user_id)
update trellis.credential set security_epoch = security_epoch + 1 where user_id in (select user_id from gone)`,
    values: [`${id}.%`],
  });
}

/** Switches a plugin on or off; what is to be done about it is the caller's. */
export async function setState(db: Database, id: string, state: PluginState): Promise<void> {
  await db.query({
    text: `update trellis.plugin set state = $2, updated_at = now() where id = $1`,
    values: [id, state],
  });
}

/** What an administrator has set of a plugin. */
export function storedSettings(stored: readonly StoredPlugin[], id: string): StoredPlugin['settings'] {
  return stored.find((plugin) => plugin.id === id)?.settings ?? {};
}

/** One node installs at a time; the others wait and then find the work done. */
export async function withInstallLock(db: Database, work: () => Promise<void>): Promise<void> {
  await db.transaction(async () => work(), {
    opening: `select pg_advisory_xact_lock(hashtext('trellis.plugins'))`,
    retries: 0,
  });
}

const upsertSql = `
insert into trellis.plugin (id, version, hash, state, error)
select id, version, hash, state, error from json_to_recordset($1::json) as p(id text, version text, hash text, state text, error jsonb)
on conflict (id) do update set version = excluded.version, hash = excluded.hash, state = excluded.state, error = excluded.error, updated_at = now()
where (plugin.version, plugin.hash, plugin.state, plugin.error) is distinct from (excluded.version, excluded.hash, excluded.state, excluded.error)`;
