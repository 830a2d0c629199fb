import { didYouMean } from '../base/suggest.js';

/** Folder of a plugin → type of the definitions in it. */
export const places: Readonly<Record<string, string>> = {
  entities: 'entity',
  extends: 'extension',
  changes: 'change',
  'record-types': 'record-type',
  views: 'view',
  forms: 'form',
  navigation: 'navigation',
  roles: 'role',
  'sharing-rules': 'sharing-rule',
  'restriction-rules': 'restriction-rule',
  templates: 'template',
  seeds: 'seed',
  i18n: 'translation',
};

/** Folders of definition types that this version of the kernel does not know yet. */
const future: Readonly<Record<string, string>> = {
  reports: 'report',
  metrics: 'metric',
  dashboards: 'dashboard',
  workflows: 'workflow',
  'duplicate-rules': 'duplicate-rule',
  'assignment-rules': 'assignment-rule',
};

/** Folders that hold code or its papers; JSON in them is the plugin's own business. */
export const codeFolders: ReadonlySet<string> = new Set([
  'hooks',
  'actions',
  'steps',
  'jobs',
  'ui',
  'generated',
  'migrations',
  'lib',
  'src',
  'dist',
  'docs',
  'test',
  'node_modules',
]);

/** JSON files beside `plugin.json` that belong to tools. */
export const toolFiles: ReadonlySet<string> = new Set([
  'package.json',
  'package-lock.json',
  'npm-shrinkwrap.json',
  'tsconfig.json',
  'tsconfig.build.json',
]);

/** Why no definitions may stand in this folder. */
export function placeProblem(folder: string): { code: string; message: string } {
  const type = future[folder];
  if (type !== undefined) {
    return {
      code: 'plugin.type_not_supported',
      message: `definitions of type "${type}" are not supported by this version of Trellis; remove the folder "${folder}" or require a newer core.`,
    };
  }
  return {
    code: 'plugin.unknown_folder',
    message: `unknown folder "${folder}".${didYouMean(folder, Object.keys(places))} Definitions stand in ${Object.keys(places).join(', ')}.`,
  };
}

/** Why a file name cannot be the name of a definition of that type, or null. */
export function nameProblem(type: string, name: string): string | null {
  const shape = nameShapes[type] ?? nameShapes.other;
  return shape.pattern.test(name) && !forbidden.has(name)
    ? null
    : `the file name "${name}" cannot be an id: ${shape.words}`;
}

const forbidden = new Set(['constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty']);

const nameShapes: Readonly<Record<string, { pattern: RegExp; words: string }>> = {
  entity: { pattern: /^[a-z][A-Za-z0-9]{0,63}$/, words: 'use camelCase letters and digits, e.g. "orderLine".' },
  extension: {
    pattern: /^[a-z][a-z0-9-]*\.[a-z][A-Za-z0-9]*$/,
    words: 'an extension is named after the entity that it extends, e.g. "contacts.company".',
  },
  change: {
    pattern: /^[a-z]+(-[a-z]+)*\.[a-z][a-z0-9-]*\.[a-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$/,
    words: 'a change is named after the type and id of its target, e.g. "entity.contacts.company".',
  },
  translation: {
    pattern: /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/,
    words: 'a translation is named after its language, e.g. "zh-CN".',
  },
  other: {
    pattern: /^[a-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$/,
    words: 'use letters, digits and dashes, e.g. "all-companies".',
  },
};
