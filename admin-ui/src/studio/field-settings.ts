import { listOf, textOf } from './document.js';
import type { Json } from './document.js';

/** A setting of the field dialog that only some kinds have. */
export type FieldSetting =
  | 'length'
  | 'pattern'
  | 'range'
  | 'scale'
  | 'currency'
  | 'options'
  | 'to'
  | 'toSeveral'
  | 'onDelete'
  | 'inverse'
  | 'labels'
  | 'format'
  | 'max'
  | 'searchable'
  | 'unique'
  | 'index'
  | 'default'
  | 'required'
  | 'formula'
  | 'rollup'
  | 'lines';

/** The kinds that the gallery offers, in groups, and the settings of each. */
export const kindGroups: readonly { id: string; kinds: readonly string[] }[] = [
  { id: 'text', kinds: ['text', 'longText', 'richText', 'email', 'phone', 'url', 'address'] },
  { id: 'number', kinds: ['integer', 'decimal', 'money', 'percent', 'rating', 'duration', 'autoNumber'] },
  { id: 'choice', kinds: ['choice', 'multiChoice', 'boolean', 'tags', 'color'] },
  { id: 'time', kinds: ['date', 'dateTime'] },
  { id: 'link', kinds: ['link', 'links', 'anyLink', 'user', 'file', 'lines'] },
  { id: 'computed', kinds: ['formula', 'rollup'] },
  { id: 'other', kinds: ['geo', 'json', 'secret'] },
];

const common: readonly FieldSetting[] = ['required', 'default'];

const settings: Readonly<Record<string, readonly FieldSetting[]>> = {
  text: [...common, 'length', 'pattern', 'searchable', 'unique', 'index'],
  longText: [...common, 'length', 'searchable'],
  richText: ['required'],
  email: [...common, 'searchable', 'unique'],
  phone: [...common, 'searchable', 'unique'],
  url: [...common, 'unique'],
  address: ['required'],
  integer: [...common, 'range', 'unique', 'index'],
  decimal: [...common, 'range', 'scale', 'index'],
  money: [...common, 'range', 'index'],
  percent: [...common, 'range', 'index'],
  rating: [...common, 'max'],
  duration: [...common, 'range'],
  autoNumber: ['format'],
  choice: [...common, 'options', 'index'],
  multiChoice: [...common, 'options'],
  boolean: ['default', 'index'],
  tags: ['required'],
  color: [...common],
  date: [...common, 'index', 'unique'],
  dateTime: [...common, 'index'],
  link: ['required', 'to', 'onDelete', 'inverse', 'unique'],
  links: ['to', 'labels', 'inverse'],
  anyLink: ['required', 'toSeveral'],
  user: ['required'],
  file: ['required'],
  lines: ['lines'],
  formula: ['formula'],
  rollup: ['rollup'],
  geo: ['required'],
  json: ['required'],
  secret: ['required'],
};

/** The settings that a kind has, in the order of the dialog. */
export function settingsOf(kind: string): readonly FieldSetting[] {
  return settings[kind] ?? [];
}

/** What a field may tell about a person. */
export const sensitivities: readonly string[] = ['normal', 'personal', 'sensitive'];

/** Kinds that a formula or a rollup may give. */
export const returnKinds: readonly string[] = [
  'text',
  'integer',
  'decimal',
  'money',
  'percent',
  'boolean',
  'date',
  'dateTime',
  'duration',
];

/** JSON Schema types that readers of a definition expect beside the kind. */
export const jsonTypes: Readonly<Record<string, string>> = {
  text: 'string',
  longText: 'string',
  richText: 'string',
  email: 'string',
  phone: 'string',
  url: 'string',
  color: 'string',
  choice: 'string',
  date: 'string',
  dateTime: 'string',
  integer: 'integer',
  rating: 'integer',
  duration: 'integer',
  decimal: 'number',
  money: 'number',
  percent: 'number',
  boolean: 'boolean',
  multiChoice: 'array',
  tags: 'array',
};

/** Where a new field is put at once. */
export type FieldPlace = 'form' | 'list';
export const fieldPlaces: readonly FieldPlace[] = ['form', 'list'];

/** Kinds whose values say little in the cell of a list: one asks for them. */
const quietKinds: readonly string[] = ['richText', 'longText', 'json', 'lines', 'secret'];

/** A new field of this kind is put there unless one says no. */
export function isPlacedOn(place: FieldPlace, kind: string): boolean {
  return place === 'form' || !quietKinds.includes(kind);
}

/** Settings without which a field of its kind says nothing, as long as they are empty; named as the dialog labels them. */
export function lacksOf(x: Json): string[] {
  const kind = textOf(x, 'kind');
  const needed = settingsOf(kind).flatMap((setting): [label: string, isThere: boolean][] => {
    if (setting === 'options') return [['options', hasOptions(x)]];
    if (setting === 'to') return [['to', textOf(x, 'to') !== '']];
    if (setting === 'toSeveral') return [['toSeveral', textOf(x, 'to') !== '' || listOf(x, 'to').length > 0]];
    if (setting === 'formula') return [['expression', textOf(x, 'expression').trim() !== '']];
    if (setting === 'lines') return [['of', textOf(x, 'of') !== '']];
    if (setting === 'format') return [['format', textOf(x, 'format') !== '']];
    if (setting !== 'rollup') return [];
    return [
      ['of', textOf(x, 'of') !== ''],
      ['field', x.fn === 'count' || textOf(x, 'field') !== ''],
    ];
  });
  return needed.filter(([, isThere]) => !isThere).map(([label]) => label);
}

function hasOptions(x: Json): boolean {
  const options = listOf<{ title: string }>(x, 'options');
  return options.length > 0 && options.every((option) => option.title.trim() !== '');
}
