// npm run new -- plugin <id> | entity <plugin>.<name> | hook <plugin>.<entity> <verb-object>: files to begin with, that load as they are.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './sources.mjs';

const scaffolds = { plugin: newPlugin, entity: newEntity, hook: newHook };

/** Writes the files below `home`; returns their paths. Throws an Error with one line where that cannot be. */
export function scaffold(home, [what, ...args]) {
  const make = scaffolds[what];
  if (!make) throw new Error(`Say what: plugin <id>, entity <plugin>.<name>, or hook <plugin>.<entity> <verb-object>.`);
  const files = make(home, ...args);
  for (const [path] of files) if (existsSync(join(home, path))) throw new Error(`${path} exists already.`);
  for (const [path, content] of files) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`);
  }
  return files.map(([path]) => path);
}

function newPlugin(home, id) {
  need(/^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/, id, 'A plugin id is lower-case words joined by dashes, e.g. "loyalty".');
  const title = words(id);
  return [
    [
      `plugins/${id}/plugin.json`,
      {
        $schema: '../../schemas/plugin.schema.json',
        id,
        version: '0.1.0',
        title,
        description: `What ${title} is for, in one sentence.`,
        icon: 'puzzle',
        requires: { core: '^0.1.0' },
      },
    ],
    [
      `plugins/${id}/README.md`,
      `# ${title}\n\nWhat it is for.\n\n| entity | what |\n|---|---|\n\n| hook | when | what |\n|---|---|---|\n`,
    ],
  ];
}

function newEntity(home, id) {
  const [plugin, name] = split(id);
  needPlugin(home, plugin);
  const title = words(name);
  const plural = pluralOf(title);
  return [
    [
      `plugins/${plugin}/entities/${name}.json`,
      {
        $schema: '../../../schemas/entity.schema.json',
        $id: id,
        title,
        type: 'object',
        required: ['name'],
        properties: {
          name: {
            title: 'Name',
            type: 'string',
            minLength: 1,
            maxLength: 200,
            'x-field': { kind: 'text', searchable: true },
          },
        },
        'x-entity': { titleField: 'name', titlePlural: plural, icon: 'box' },
      },
    ],
    [
      `plugins/${plugin}/views/all-${pluralOf(dashed(name))}.json`,
      {
        $schema: '../../../schemas/view.schema.json',
        entity: id,
        title: `All ${plural.toLowerCase()}`,
        type: 'list',
        columns: [{ field: 'name' }, { field: 'ownerId' }, { field: 'createdAt' }],
        sort: ['name'],
        default: true,
      },
    ],
    [
      `plugins/${plugin}/forms/${name}.json`,
      {
        $schema: '../../../schemas/form.schema.json',
        entity: id,
        title,
        default: true,
        sections: [{ id: 'general', title: 'General', columns: 2, fields: [{ field: 'name' }, { field: 'ownerId' }] }],
        timeline: true,
      },
    ],
  ];
}

function newHook(home, entity, verb) {
  const [plugin, name] = split(entity);
  needPlugin(home, plugin);
  if (!existsSync(join(home, `plugins/${plugin}/entities/${name}.json`)))
    throw new Error(`There is no plugins/${plugin}/entities/${name}.json; run: npm run new -- entity ${entity}`);
  need(/^[a-z]+(-[a-z0-9]+)+$/, verb, 'A hook is named verb-object, e.g. "check-balance".');
  const camel = verb.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());
  const type = `${pascal(plugin)}${pascal(name)}`;
  const files = [
    [
      `plugins/${plugin}/hooks/${verb}.ts`,
      `import { defineHook } from '#sdk';
import type { ${type} } from '../generated/records.js';

/** What it does, and why. */
export const ${camel} = defineHook<${type}>({
  id: '${plugin}.${verb}',
  entity: '${entity}',
  phase: 'before',
  on: ['create', 'update'],
  run: (_ctx, batch) => batch.rows.map(({ next }) => ${camel}Of(next)),
});

/** The patch of one record, or null to leave it. */
export function ${camel}Of(_next: Readonly<Partial<${type}>>): Partial<${type}> | null {
  return null;
}
`,
    ],
    [
      `plugins/${plugin}/hooks/${verb}.test.ts`,
      `import { ${camel}Of } from './${verb}.js';

test('leaves a record without need alone', () => {
  expect(${camel}Of({})).toBeNull();
});
`,
    ],
  ];
  const index = `plugins/${plugin}/index.ts`;
  if (!existsSync(join(home, index)))
    files.push([
      index,
      `import { definePlugin } from '#sdk';\nimport { ${camel} } from './hooks/${verb}.js';\n\nexport default definePlugin({ hooks: [${camel}] });\n`,
    ]);
  else
    process.stdout.write(`Add it to ${index}: import { ${camel} } from './hooks/${verb}.js'; hooks: [… , ${camel}]\n`);
  return files;
}

function split(id) {
  need(
    /^[a-z][a-z0-9-]*\.[a-z][A-Za-z0-9]*$/,
    id,
    'An entity id is plugin, dot, camelCase name, e.g. "loyalty.pointsEntry".',
  );
  return id.split('.');
}

function needPlugin(home, plugin) {
  const file = join(home, `plugins/${plugin}/plugin.json`);
  if (!existsSync(file)) throw new Error(`There is no plugin "${plugin}"; run: npm run new -- plugin ${plugin}`);
  JSON.parse(readFileSync(file, 'utf8'));
}

function need(shape, word, message) {
  if (typeof word !== 'string' || !shape.test(word)) throw new Error(message);
}

/** Good enough to begin with; the author corrects the rest. */
function pluralOf(word) {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}

function words(id) {
  const spaced = id.replaceAll('-', ' ').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return spaced[0].toUpperCase() + spaced.slice(1);
}

function dashed(name) {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function pascal(word) {
  return word.replace(/(^|-)([a-z])/g, (_, __, letter) => letter.toUpperCase());
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    const paths = scaffold(root, process.argv.slice(2));
    process.stdout.write(`${paths.map((path) => `made ${path}`).join('\n')}\nNow run: npm run codegen\n`);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
