import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { validateDefinition } from '../schema/index.js';
import { assessPlugins } from './assess-plugins.js';
import { discoverPlugins } from './discover.js';
import { readPlugin } from './read-plugin.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

test('the examples of docs/definitions.md make up a plugin that loads', async () => {
  const text = await readFile(join(root, 'docs/definitions.md'), 'utf8');
  const examples = [...text.matchAll(/^`([a-z0-9-]+\/[^`]+\.json|plugin\.json)`\n\n```json\n(.*?)^```/gms)];
  expect(examples.map(([, path]) => path)).toContain('changes/entity.contacts.company.json');
  const dir = await mkdtemp(join(tmpdir(), 'trellis-docs-'));
  try {
    for (const [, path, content] of examples) {
      const file = join(dir, 'loyalty', path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    const folders = await discoverPlugins({ home: root, packageRoots: [], pluginDirs: [dir] });
    const raws = await Promise.all(folders.map(readPlugin));
    const { assessed } = assessPlugins({ raws, disabled: new Set(), validate: validateDefinition });
    expect(assessed.flatMap(({ problems }) => problems)).toEqual([]);
    expect(assessed.map(({ result }) => result.id)).toContain('loyalty');
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
