import { withStored } from './current-infos.js';
import type { StoredPlugin } from './plugin-store.js';
import type { PluginInfo, PluginProblem } from './types.js';

const info = (id: string, state: PluginInfo['state'], problems: readonly PluginProblem[] = []): PluginInfo => ({
  id,
  title: id,
  description: '',
  icon: 'box',
  version: '1.0.0',
  origin: 'folder',
  state,
  problems,
  requires: {},
  entities: [],
  capabilities: [],
  hasSettings: false,
  uninstall: 'keep',
  texts: {},
});
const row = (id: string, state: StoredPlugin['state'], hash = `hash of ${id}`): StoredPlugin => ({
  id,
  version: '1.0.0',
  hash,
  state,
  problems: [],
  settings: {},
  seeded: true,
  demo: null,
});
const raws = [{ hash: 'hash of a' }, { hash: 'hash of b' }];
const states = (infos: readonly PluginInfo[]) => infos.map(({ id, state }) => `${id} ${state}`);
const taken: PluginProblem = { plugin: 'a', file: '', pointer: '/id', code: 'plugin.id_taken', message: '' };

test('what another node decided is told of the plugin that it is about, in whatever order they were found', () => {
  const stored = [row('a', 'enabled'), row('b', 'failed')];
  expect(states(withStored([info('b', 'enabled'), info('a', 'failed')], raws, stored))).toEqual([
    'b failed',
    'a enabled',
  ]);
});

test('of other files than those found here only that they are switched off counts', () => {
  const stored = [row('a', 'failed', 'newer'), row('b', 'uninstalled', 'newer')];
  expect(states(withStored([info('a', 'enabled'), info('b', 'enabled')], raws, stored))).toEqual([
    'a enabled',
    'b uninstalled',
  ]);
});

test('a second folder with an id has no row of its own', () => {
  const stored = [row('a', 'enabled')];
  expect(states(withStored([info('a', 'failed', [taken]), info('a', 'disabled')], raws, stored))).toEqual([
    'a failed',
    'a enabled',
  ]);
  expect(states(withStored([info('a', 'disabled'), info('a', 'failed')], raws, stored))).toEqual([
    'a enabled',
    'a failed',
  ]);
});
