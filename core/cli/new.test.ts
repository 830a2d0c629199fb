import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
let home: string;
let scaffold: (home: string, args: readonly string[]) => string[];

beforeAll(async () => {
  ({ scaffold } = (await import(pathToFileURL(join(here, 'new.mjs')).href)) as { scaffold: typeof scaffold });
});
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'trellis-new-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const load = async () => {
  const { discoverPlugins } = await import('../plugin-host/discover.js');
  const { readPlugin } = await import('../plugin-host/read-plugin.js');
  const { assessPlugins } = await import('../plugin-host/assess-plugins.js');
  const { validateDefinition } = await import('../schema/index.js');
  await symlink(join(root, 'core'), join(home, 'core'));
  const folders = await discoverPlugins({ home, packageRoots: [], pluginDirs: [] });
  return assessPlugins({
    raws: await Promise.all(folders.map(readPlugin)),
    disabled: new Set(),
    validate: validateDefinition,
  });
};

test('a scaffolded plugin, entity and hook load as they are', async () => {
  scaffold(home, ['plugin', 'field-service']);
  expect(scaffold(home, ['entity', 'field-service.workOrder'])).toEqual([
    'plugins/field-service/entities/workOrder.json',
    'plugins/field-service/views/all-work-orders.json',
    'plugins/field-service/forms/workOrder.json',
  ]);
  scaffold(home, ['hook', 'field-service.workOrder', 'check-dates']);
  const assessment = await load();
  expect(assessment.assessed.flatMap(({ problems }) => problems)).toEqual([]);
  expect(assessment.plugins.map((plugin) => plugin.manifest.id)).toEqual(['core', 'field-service']);
  const hook = await readFile(join(home, 'plugins/field-service/hooks/check-dates.ts'), 'utf8');
  expect(hook).toContain('defineHook<FieldServiceWorkOrder>');
});

test.each([
  [['plugin', 'Field Service'], 'lower-case words'],
  [['plugin', '../evil'], 'lower-case words'],
  [['entity', 'nowhere.thing'], 'npm run new -- plugin nowhere'],
  [['hook', 'nowhere.thing', 'check-it'], 'npm run new -- plugin nowhere'],
  [['thing'], 'Say what'],
])('%j is refused with what to do', (args, words) => {
  expect(() => scaffold(home, args)).toThrow(words);
});

test('nothing that exists is overwritten', () => {
  scaffold(home, ['plugin', 'loyalty']);
  expect(() => scaffold(home, ['plugin', 'loyalty'])).toThrow('exists already');
});
