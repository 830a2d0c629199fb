import semver from 'semver';
import { suggest } from '../base/suggest.js';
import type { Definition } from '../catalog/index.js';
import { workspaceLayer, type DefinitionProblem } from '../schema/index.js';
import { withManifestDefaults } from './manifest.js';
import { nameProblem, places } from './places.js';
import { parseJson } from './parse-json.js';
import { settingsProblems } from './settings.js';
import type { ParsedPlugin, PluginManifest, PluginProblem, RawPlugin, SeedFile } from './types.js';

/** Checks one document against the JSON Schema of its type. */
export type ValidateDocument = (type: string, document: unknown, file: string) => readonly DefinitionProblem[];

/** What is known of a plugin after reading its files: the problems, and the plugin where there are none. */
export interface ParseResult {
  /** From plugin.json, or the folder's name where that cannot be read. */
  readonly id: string;
  readonly manifest: PluginManifest | null;
  readonly plugin: ParsedPlugin | null;
  readonly problems: readonly PluginProblem[];
}

/** Understands a plugin's files: JSON, places, names, schemas. Collects every problem rather than stop at the first. */
export function parsePlugin(raw: RawPlugin, validate: ValidateDocument): ParseResult {
  const found: Problem[] = [];
  const manifest = readManifest(raw, validate, found);
  const id = manifest?.id ?? folderName(raw.label);
  const documents: Definition[] = [];
  const seeds: SeedFile[] = [];
  for (const file of raw.files) {
    if (file.path === 'plugin.json') continue;
    const parsed = parseJson(file.text);
    if ('problem' in parsed)
      found.push({ path: file.path, pointer: '', code: 'plugin.bad_json', message: parsed.problem });
    else readDocument(id, raw, file.path, parsed.value, { validate, found, documents, seeds });
  }
  const own = found.map(({ path, ...rest }) => ({ plugin: id, file: `${raw.label}/${path}`, ...rest }));
  const problems = [...raw.problems.map((problem) => ({ ...problem, plugin: id })), ...own];
  const plugin =
    manifest !== null && problems.length === 0
      ? {
          dir: raw.dir,
          label: raw.label,
          origin: raw.origin,
          manifest,
          hash: raw.hash,
          code: raw.code,
          documents,
          seeds,
        }
      : null;
  return { id, manifest, plugin, problems };
}

interface Problem {
  readonly path: string;
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

interface Reading {
  readonly validate: ValidateDocument;
  readonly found: Problem[];
  readonly documents: Definition[];
  readonly seeds: SeedFile[];
}

type JsonObject = Record<string, unknown>;

function readManifest(raw: RawPlugin, validate: ValidateDocument, found: Problem[]): PluginManifest | null {
  const file = raw.files.find((candidate) => candidate.path === 'plugin.json');
  if (!file) return null;
  const at = (pointer: string, code: string, message: string): number =>
    found.push({ path: 'plugin.json', pointer, code, message });
  const parsed = parseJson(file.text);
  if ('problem' in parsed) {
    at('', 'plugin.bad_json', parsed.problem);
    return null;
  }
  const before = found.length;
  for (const issue of validate('plugin', parsed.value, file.path)) at(issue.pointer, issue.code, issue.message);
  if (found.length > before) return null;
  const document = parsed.value as JsonObject & { id: string; version: string; title: string };
  if (semver.valid(document.version) === null)
    at('/version', 'plugin.bad_version', `"${document.version}" is not a version; use three numbers, e.g. "1.0.0".`);
  if ((document.id === 'core') !== (raw.origin === 'core'))
    at('/id', 'plugin.reserved_id', 'the id "core" belongs to the kernel; choose another.');
  if (document.id === workspaceLayer)
    at('/id', 'plugin.reserved_id', 'the id "x" belongs to what administrators make; choose another.');
  const expected = folderName(raw.label);
  if (raw.origin === 'built-in' && document.id !== expected) {
    at(
      '/id',
      'plugin.id_mismatch',
      `the id "${document.id}" differs from the folder "${expected}"; name the folder "${document.id}" or set the id to "${expected}".`,
    );
  }
  const manifest = {
    id: document.id,
    version: document.version,
    title: document.title,
    description: document.description as string | undefined,
    icon: document.icon as string | undefined,
    requires: ranges(document, 'requires', at),
    optional: ranges(document, 'optional', at),
    conflicts: ranges(document, 'conflicts', at),
    ...withManifestDefaults(document as Partial<PluginManifest>),
  };
  for (const { pointer, message } of settingsProblems(manifest.settings)) at(pointer, 'plugin.bad_settings', message);
  return found.length > before ? null : manifest;
}

function ranges(
  document: JsonObject,
  key: string,
  at: (pointer: string, code: string, message: string) => number,
): Readonly<Record<string, string>> {
  const given = (document[key] ?? {}) as Record<string, string>;
  for (const [id, range] of Object.entries(given)) {
    if (semver.validRange(range) === null)
      at(`/${key}/${id}`, 'plugin.bad_range', `"${range}" is not a version range; use e.g. "^1.0.0" or ">=1.2 <3".`);
    if (id === document.id) at(`/${key}/${id}`, 'plugin.requires_itself', 'a plugin cannot name itself here.');
  }
  return given;
}

function readDocument(plugin: string, raw: RawPlugin, path: string, document: unknown, reading: Reading): void {
  const [folder, fileName] = path.split('/');
  const type = places[folder];
  const name = fileName.slice(0, -'.json'.length);
  const at = (pointer: string, code: string, message: string): number =>
    reading.found.push({ path, pointer, code, message });
  const wrongName = nameProblem(type, name);
  if (wrongName !== null) at('', 'plugin.bad_file_name', wrongName);
  const issues = reading.validate(type, document, path);
  for (const issue of issues) at(issue.pointer, issue.code, issue.message);
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return;
  const mismatch = nameMismatch(plugin, type, name, document as JsonObject);
  if (mismatch !== null) at(mismatch.pointer, mismatch.code, mismatch.message);
  if (issues.length > 0 || mismatch !== null || wrongName !== null) return;
  const { $schema: _schema, ...content } = document as JsonObject;
  if (type === 'seed')
    reading.seeds.push({ file: `${raw.label}/${path}`, ...(content as unknown as Omit<SeedFile, 'file'>) });
  else reading.documents.push({ type, id: `${plugin}.${name}`, document: content });
}

/** File name = id: what the document calls itself must be what the file is called. */
function nameMismatch(plugin: string, type: string, name: string, document: JsonObject): Omit<Problem, 'path'> | null {
  if (type === 'change') return changeMismatch(name, document);
  const [key, expected] =
    type === 'entity'
      ? ['$id', `${plugin}.${name}`]
      : type === 'extension'
        ? ['entity', name]
        : type === 'translation'
          ? ['locale', name]
          : [null, ''];
  if (key === null) return null;
  const given = document[key];
  if (given === expected) return type === 'extension' && name.startsWith(`${plugin}.`) ? ownExtension(name) : null;
  if (type === 'entity' && typeof given === 'string' && given.includes('.') && !given.startsWith(`${plugin}.`)) {
    const owner = given.split('.')[0];
    return {
      pointer: '/$id',
      code: 'plugin.foreign_id',
      message: `"${given}" belongs to the plugin "${owner}"; here the id must be "${expected}". To add fields to it, write extends/${given}.json.`,
    };
  }
  const close = typeof given === 'string' && suggest(given, [expected]) !== null ? ' Is it a slip of the pen?' : '';
  return {
    pointer: `/${key}`,
    code: 'plugin.name_mismatch',
    message: `${JSON.stringify(given) ?? 'nothing'} differs from the file's name; expected "${expected}".${close}`,
  };
}

/** `changes/entity.contacts.company.json` changes the entity contacts.company. */
function changeMismatch(name: string, document: JsonObject): Omit<Problem, 'path'> | null {
  const target = document.target as { type?: unknown; id?: unknown } | null | undefined;
  const given = `${String(target?.type)}.${String(target?.id)}`;
  if (given === name) return null;
  return {
    pointer: '/target',
    code: 'plugin.name_mismatch',
    message: `the target "${given}" differs from the file's name; expected "${name}".`,
  };
}

function ownExtension(entity: string): Omit<Problem, 'path'> {
  return {
    pointer: '/entity',
    code: 'plugin.extends_itself',
    message: `"${entity}" is this plugin's own entity; add the fields to entities/${entity.split('.')[1]}.json.`,
  };
}

function folderName(label: string): string {
  return label.slice(label.lastIndexOf('/') + 1);
}
