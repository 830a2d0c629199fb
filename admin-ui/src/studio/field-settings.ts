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
