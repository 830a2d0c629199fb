import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { validateDefinition } from '../schema/index.js';
import { assessPlugins, type Assessment } from './assess-plugins.js';
import { discoverPlugins } from './discover.js';
import { loadCode } from './load-code.js';
import { readPlugin } from './read-plugin.js';
import { readUnchanged } from './read-unchanged.js';
import type { ImportModule, ParsedPlugin, PluginProblem } from './types.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const fixtures = join(root, 'test/fixtures/plugins');
const importModule: ImportModule = (path) => import(path) as ReturnType<ImportModule>;

async function assess(pluginDirs: readonly string[], disabled: readonly string[] = []): Promise<Assessment> {
  const folders = await discoverPlugins({ home: root, packageRoots: [], pluginDirs });
  const raws = await Promise.all(folders.map(readPlugin));
  return assessPlugins({ raws, disabled: new Set(disabled), validate: validateDefinition });
}

let all: Assessment;
beforeAll(async () => {
  all = await assess([fixtures]);
});

function problemsOf(folder: string): readonly PluginProblem[] {
  return all.assessed.find(({ raw }) => raw.label === `plugins/${folder}` && raw.origin === 'folder')?.problems ?? [];
}

test('the kernel and contacts are sound', () => {
  const own = all.assessed.filter(({ raw }) => raw.origin === 'core' || raw.origin === 'built-in');
  expect(own.flatMap(({ problems }) => problems)).toEqual([]);
});

test('what is sound runs in order, beside two dozen broken ones', () => {
  const running = all.plugins.map((plugin) => plugin.manifest.id);
  // Those with broken code look sound until it is imported.
  expect(running).toEqual(['core', 'bad-hook', 'contacts', 'good', 'no-default', 'throwing']);
});

test.each([
  ['unknown-kind', 'entities/order.json', '/properties/stage', 'unknown kind "choise". Did you mean "choice"?'],
  ['bad-json', 'entities/order.json', '', 'line 4, column 1. Is there a comma too many?'],
  [
    'mismatched-name',
    'entities/order.json',
    '/$id',
    '"mismatched-name.ordr" differs from the file\'s name; expected "mismatched-name.order".',
  ],
  ['missing-dependency', 'plugin.json', '/requires/contcats', 'Did you mean "contacts"?'],
  [
    'wrong-version',
    'plugin.json',
    '/requires/contacts',
    'requires contacts ^9.0.0, but 1.0.0 is installed; upgrade contacts to 9.0.0 or newer.',
  ],
  ['cycle-a', 'plugin.json', '/requires/cycle-b', 'cycle-a → cycle-b → cycle-a'],
  ['cycle-b', 'plugin.json', '/requires/cycle-a', 'cycle-b → cycle-a → cycle-b'],
  ['conflicting', 'plugin.json', '/conflicts/contacts', 'cannot run beside contacts 1.0.0'],
  ['foreign-id', 'entities/company.json', '/$id', '"contacts.company" belongs to the plugin "contacts"'],
  ['impostor', 'plugin.json', '/id', 'the id "core" belongs to the kernel'],
  ['bad-file-name', 'entities/%2E%2E%2Fetc.json', '', 'cannot be an id'],
  ['traversal', 'plugin.json', '/id', ''],
  ['later-type', 'workflows', '', 'definitions of type "workflow" are not supported by this version'],
  ['unknown-folder', 'entites', '', 'unknown folder "entites". Did you mean "entities"?'],
  [
    'unknown-field',
    'views/big.json',
    '/columns/1/field',
    'Company has no field "anualRevenue". Did you mean "annualRevenue"?',
  ],
  ['bad-expression', 'views/big.json', '/filter', 'text > number'],
  ['needs-broken', 'plugin.json', '/requires/unknown-kind', 'which has problems of its own'],
  ['no-manifest', '', '', 'has no plugin.json'],
  ['bad-prefix', 'extends/contacts.company.json', '/properties/score', 'badPrefix_score'],
  ['bad-version', 'plugin.json', '', ''],
])('%s is named at %s#%s', (folder, file, pointer, words) => {
  const found = problemsOf(folder);
  const path = file === '' ? `plugins/${folder}` : `plugins/${folder}/${file}`;
  const match = found.find(
    (problem) => problem.file === path && problem.pointer.startsWith(pointer) && problem.message.includes(words),
  );
  expect(match ? 'named' : found).toBe('named');
});

test('code that throws, exports nothing or registers nonsense is named, with every fault', async () => {
  const entities = new Set(['throwing.thing', 'bad-hook.thing']);
  const load = async (id: string) =>
    (await loadCode(all.plugins.find((plugin) => plugin.manifest.id === id) as ParsedPlugin, importModule, entities))
      .problems;
  expect(await load('throwing')).toEqual([
    expect.objectContaining({
      file: 'plugins/throwing/index.js',
      code: 'plugin.code_failed',
      message: expect.stringContaining('no licence file') as string,
    }),
  ]);
  expect(await load('no-default')).toEqual([expect.objectContaining({ code: 'plugin.no_default_export' })]);
  const messages = (await load('bad-hook')).map((problem) => problem.message);
  expect(messages).toEqual([
    'definePlugin does not know "hoks". Did you mean "hooks"?',
    'the hook "other.do-it" must be named "bad-hook.verb-object".',
    'the hook "other.do-it" names the unknown entity "bad-hook.thng". Did you mean "bad-hook.thing"?',
    'the hook "other.do-it" has the phase "during"; it must be "before" or "after".',
    'the hook "other.do-it" names the unknown operation "crate". Did you mean "create"?',
  ]);
  expect(
    (
      await loadCode(
        all.plugins.find((plugin) => plugin.manifest.id === 'good') as ParsedPlugin,
        importModule,
        new Set(['good.thing']),
      )
    ).problems,
  ).toEqual([]);
});

test('a disabled plugin takes those with it that require it', async () => {
  const result = await assess([join(fixtures, 'good')], ['contacts']);
  expect(result.plugins.map((plugin) => plugin.manifest.id)).toEqual(['core']);
  expect(result.assessed.find(({ result: one }) => one.id === 'good')?.problems[0]).toMatchObject({
    code: 'plugin.requires_disabled',
  });
});

describe('folders outside of the repository', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'trellis-plugins-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));
  const write = async (path: string, content: unknown): Promise<void> => {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), typeof content === 'string' ? content : JSON.stringify(content));
  };
  const manifest = (id: string) => ({ id, version: '1.0.0', title: id, requires: { core: '*' } });

  test('packages that the installation depends on are plugins by keyword or by a mark, others are not', async () => {
    await write('package.json', { dependencies: { 'crm-a': '1', '@firm/crm-b': '1', plain: '1' } });
    await write('node_modules/crm-a/package.json', { keywords: ['trellis-plugin'] });
    await write('node_modules/@firm/crm-b/package.json', { trellis: { plugin: true } });
    await write('node_modules/plain/package.json', { keywords: ['crm'] });
    await write('node_modules/transitive/package.json', { keywords: ['trellis-plugin'] });
    const found = await discoverPlugins({ home: root, packageRoots: [dir], pluginDirs: [] });
    expect(found.filter((folder) => folder.origin === 'package').map((folder) => folder.label)).toEqual([
      'node_modules/@firm/crm-b',
      'node_modules/crm-a',
    ]);
  });

  test('a symbolic link is refused, wherever it leads', async () => {
    await write('a/plugin.json', manifest('a'));
    await mkdir(join(dir, 'a/entities'));
    await symlink(join(root, 'package.json'), join(dir, 'a/entities/secret.json'));
    const result = await assess([join(dir, 'a')]);
    expect(result.assessed.find(({ result: one }) => one.id === 'a')?.problems).toEqual([
      expect.objectContaining({ file: 'a/entities/secret.json', code: 'plugin.symbolic_link' }),
    ]);
  });

  test('deep nesting is refused before anything walks it', async () => {
    await write('a/plugin.json', manifest('a'));
    await write('a/entities/deep.json', '['.repeat(100_000) + ']'.repeat(100_000));
    const result = await assess([join(dir, 'a')]);
    expect(result.assessed.find(({ result: one }) => one.id === 'a')?.problems[0].message).toBe(
      'is nested 100000 deep; at most 64 are read.',
    );
  });

  test('unchanged files need no second look; changed, new, broken or unseeded ones do', async () => {
    await write('a/plugin.json', manifest('a'));
    const folders = await discoverPlugins({ home: root, packageRoots: [], pluginDirs: [join(dir, 'a')] });
    const raws = await Promise.all(folders.map(readPlugin));
    const stored = raws.map((raw, i) => ({
      id: ['core', 'contacts', 'a'][i],
      version: '1',
      hash: raw.hash,
      state: 'enabled' as const,
      problems: [],
      seeded: true,
      demo: null,
      settings: {},
    }));
    expect(readUnchanged(raws, stored)?.plugins.map((plugin) => plugin.manifest.id)).toEqual(['core', 'contacts', 'a']);
    expect(readUnchanged(raws, stored.slice(0, 2))).toBeNull();
    expect(
      readUnchanged(
        raws,
        stored.map((plugin) => ({ ...plugin, seeded: false })),
      ),
    ).toBeNull();
    expect(readUnchanged(raws, [stored[0], stored[1], { ...stored[2], state: 'failed' }])).toBeNull();
    expect(readUnchanged(raws, [...stored, { ...stored[2], id: 'gone' }])).toBeNull();
    await write('a/plugin.json', { ...manifest('a'), title: 'Other' });
    expect(readUnchanged(await Promise.all(folders.map(readPlugin)), stored)).toBeNull();
    expect(
      readUnchanged(raws, [stored[0], stored[1], { ...stored[2], state: 'disabled' }])?.plugins.map(
        (plugin) => plugin.manifest.id,
      ),
    ).toEqual(['core', 'contacts']);
  });
});
