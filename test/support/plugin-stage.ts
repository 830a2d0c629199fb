import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { readConfig } from '../../core/base/config.js';
import { silentLog } from '../../core/base/log.js';
import { PLUGIN_HOST, type PluginHost } from '../../core/plugin-host/index.js';
import { startTrellis, type Running } from '../../core/start.js';
import { clients, testEnv, type TestApp } from './app.js';
import { emptyDatabase, type EmptyDatabase } from './empty-database.js';

/** One database on which a server starts again and again, with plugins that change in between. */
export interface PluginStage {
  readonly base: EmptyDatabase;
  readonly dir: string;
  /** Writes files of plugins: path below the plugin folder → JSON, or text as it is. */
  lay(files: Readonly<Record<string, unknown>>): Promise<void>;
  /** Removes a plugin's folder. */
  take(plugin: string): Promise<void>;
  /** Stops what runs and starts anew. Throws where a plugin is broken, unless that is what the test is about. */
  restart(env?: Readonly<Record<string, string>>, options?: { mayFail: boolean }): Promise<StagedApp>;
  end(): Promise<void>;
}

export interface StagedApp extends Pick<TestApp, 'admin' | 'anonymous' | 'member'> {
  readonly app: Running['app'];
  readonly url: string;
}

export async function pluginStage(): Promise<PluginStage> {
  const base = await emptyDatabase();
  const dir = await mkdtemp(join(tmpdir(), 'trellis-stage-'));
  let running: Running | null = null;
  return {
    base,
    dir,
    async lay(files) {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(dir, path)), { recursive: true });
        await writeFile(join(dir, path), typeof content === 'string' ? content : JSON.stringify(content));
      }
    },
    take: (plugin) => rm(join(dir, plugin), { recursive: true }),
    async restart(env = {}, { mayFail } = { mayFail: false }) {
      await running?.stop();
      running = null;
      const config = readConfig(testEnv({ plugins: [dir], env }, base.url, join(dir, '.data')), (path) =>
        resolve(path),
      );
      running = await startTrellis({ config, log: silentLog, announce: () => undefined });
      const broken = running.app
        .get<PluginHost>(PLUGIN_HOST)
        .list()
        .flatMap(({ problems }) => problems);
      if (broken.length > 0 && !mayFail) throw new Error(JSON.stringify(broken));
      const url = running.url.replace('localhost', '127.0.0.1').replace('[::1]', '127.0.0.1');
      return { ...(await clients(url)), app: running.app, url };
    },
    async end() {
      await running?.stop();
      await base.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A text field of an entity. */
export const text = (title: string, x: object = {}) => ({
  title,
  type: 'string',
  maxLength: 100,
  'x-field': { kind: 'text', ...x },
});

/** An entity document with a name and these fields. */
export function entityOf(id: string, properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    $id: id,
    title: 'Item',
    type: 'object',
    required: ['name'],
    properties: { name: text('Name'), ...properties },
    'x-entity': { titleField: 'name', titlePlural: 'Items', icon: 'box' },
  };
}

/** A manifest. */
export function manifestOf(id: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { id, version: '1.0.0', title: 'Shop', requires: { core: '^0.1.0' }, ...more };
}
