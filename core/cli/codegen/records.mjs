import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { header } from './header.mjs';
import { loadSchemaRoom } from './load-schema-room.mjs';
import { propertyName, tsType } from './ts-type.mjs';

/** For core/system and every folder of plugins/: generated/records.ts with one interface an entity, as the API shows its records. */
export async function generateRecords(root) {
  const folders = await pluginFolders(root);
  const definitions = (await Promise.all(folders.map(readDefinitions))).flat();
  const room = await loadSchemaRoom(root);
  return folders.flatMap((folder) => {
    const own = definitions.filter((definition) => definition.folder === folder);
    const ids = new Set(
      own.map((definition) => (definition.type === 'extension' ? definition.document.entity : definition.id)),
    );
    if (ids.size === 0) return [];
    const schema = build(room, definitions, own);
    const entities = [...ids].sort().map((id) => schema.entities.get(id));
    return [
      {
        path: join(folder, 'generated', 'records.ts'),
        text: recordsText(entities, folder === join(root, 'core', 'system')),
      },
    ];
  });
}

/** All entities, with this plugin's extensions only: what others add is not its business. */
function build(room, definitions, own) {
  const { schema, problems } = room.buildSchema(
    {
      entities: definitions.filter(({ type }) => type === 'entity'),
      extensions: own.filter(({ type }) => type === 'extension'),
    },
    (entity, field) => `${entity}/${field}`,
  );
  if (problems.length === 0) return schema;
  throw new Error(
    `The definitions have problems:\n${problems.map((problem) => `  ${room.problemLine(problem)}`).join('\n')}`,
  );
}

async function pluginFolders(root) {
  const entries = await readdir(join(root, 'plugins'), { withFileTypes: true }).catch(() => []);
  return [
    join(root, 'core', 'system'),
    ...entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(root, 'plugins', entry.name))
      .sort(),
  ];
}

async function readDefinitions(folder) {
  const manifest = await readFile(join(folder, 'plugin.json'), 'utf8').then(JSON.parse, () => null);
  if (manifest === null) return [];
  const read = async (place, type, idOf) => {
    const names = (await readdir(join(folder, place)).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
    return Promise.all(
      names.map(async (name) => ({
        type,
        folder,
        id: idOf(basename(name, '.json')),
        document: JSON.parse(await readFile(join(folder, place, name), 'utf8')),
      })),
    );
  };
  const named = (name) => `${manifest.id}.${name}`;
  return [...(await read('entities', 'entity', named)), ...(await read('extends', 'extension', named))];
}

/**
 * The records of the effective catalog of a running system: all entities with the fields of all plugins and of the workspace.
 * `env`: the environment of its server; `DATABASE_URL`, or the data directory of the embedded one.
 */
export async function generateFromSystem(root, { env, out }) {
  const trellis = join(root, 'core', 'cli', 'trellis.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [trellis, 'catalog', 'layers'], {
    env,
    maxBuffer: 1 << 29,
  });
  const room = await loadSchemaRoom(root);
  const folded = room.foldLayers(JSON.parse(stdout.slice(stdout.indexOf('['))));
  const all = (type) => [...folded.definitions(type).values()];
  const { schema } = room.buildSchema(
    {
      entities: all('entity').map(({ id, document }) => ({ id, document, added: folded.added(id) })),
      extensions: all('extension'),
      recordTypes: all('record-type'),
    },
    (entity, field) => `${entity}/${field}`,
  );
  const entities = [...schema.entities.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return [{ path: out, text: recordsText(entities, false) }];
}

function recordsText(entities, isKernel) {
  const interfaces = entities.map(interfaceText);
  const map = entities.map((entity) => `  ${JSON.stringify(entity.id)}: ${interfaceName(entity.id)};\n`);
  const body = `${interfaces.join('\n')}\n/** The records of this plugin by entity id. */\nexport interface Records {\n${map.join('')}}\n`;
  const json = /\bJson\b/.test(body)
    ? `import type { Json } from '${isKernel ? '../../sdk/index.js' : '#sdk'}';\n\n`
    : '';
  return `${header}${json === '' ? '\n' : json}${body}`;
}

/** `contacts.company` → `ContactsCompany`. */
function interfaceName(id) {
  return id
    .split(/[.-]/)
    .map((part) => part[0].toUpperCase() + part.slice(1))
    .join('');
}

function interfaceText(entity) {
  const fields = [...entity.fields.values()].filter((field) => !field.retired).map(fieldText);
  const doc = [entity.title, entity.description].filter(Boolean).join(': ').replaceAll('*/', '* /');
  return `/** ${doc} */\nexport interface ${interfaceName(entity.id)} {\n${fields.join('')}}\n`;
}

const neverNull = new Set(['id', 'createdAt', 'updatedAt', 'version']);

function fieldText(field) {
  const schema = field.kind.readSchema?.(field) ?? field.kind.valueSchema(field);
  const type = tsType(schema);
  const isNullable = !field.required && !neverNull.has(field.key) && field.kind.relation !== 'many' && !field.lines;
  const doc = [field.title, field.help].filter(Boolean).join(': ').replaceAll('*/', '* /');
  return `  /** ${doc} */\n  ${propertyName(field.key)}: ${type}${isNullable && !type.split(' | ').includes('null') ? ' | null' : ''};\n`;
}
