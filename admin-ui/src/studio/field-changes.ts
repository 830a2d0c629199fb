import type { WorkspaceOperation } from '../../../schemas/studio.js';
import { jsonTypes } from './field-settings.js';
import { listOf, objectOf, pointer } from './document.js';
import type { Json } from './document.js';

/** What the field dialog edits: the property as written, and whether a value is needed. */
export interface FieldDraft {
  key: string;
  property: Json;
  required: boolean;
}

/** An empty field of a kind. */
export function newField(kind: string): FieldDraft {
  const x: Record<string, unknown> = { kind };
  if (kind === 'choice' || kind === 'multiChoice') x.options = [];
  if (kind === 'autoNumber') x.format = '{0000}';
  if (kind === 'rollup') x.fn = 'count';
  if (kind === 'formula') x.returns = 'decimal';
  const type = jsonTypes[kind];
  return { key: '', property: { title: '', ...(type ? { type } : {}), 'x-field': x }, required: false };
}

/** The draft of a field that stands. */
export function draftOf(entity: Json, key: string): FieldDraft {
  return {
    key,
    property: (objectOf(entity, 'properties')[key] ?? {}) as Json,
    required: listOf<string>(entity, 'required').includes(key),
  };
}

/** The places under a field that have words: label, help, options. */
export function wordPlaces(field: FieldDraft): string[] {
  const x = objectOf(field.property, 'x-field');
  const listed = (['options', 'labels'] as const).flatMap((list) =>
    listOf<{ value: string }>(x, list).map((option) => pointer('x-field', list, option.value, 'title')),
  );
  return ['/title', '/description', ...listed];
}

/** The property with one keyword set, or left out where the value is empty. `x` names a keyword of `x-field`. */
export function withKeyword(property: Json, keyword: string, value: unknown): Json {
  if (!keyword.startsWith('x.')) return put(property, keyword, value);
  return { ...property, 'x-field': put(objectOf(property, 'x-field'), keyword.slice(2), value) };
}

/** The operations that make a new field, or change an old one keyword by keyword. */
export function fieldChanges(id: string, before: FieldDraft | null, after: FieldDraft): WorkspaceOperation[] {
  const at = (...steps: string[]): string => pointer('properties', after.key, ...steps);
  const of = { type: 'entity', id };
  const operations: WorkspaceOperation[] =
    before === null
      ? [{ ...of, op: 'set', at: at(), value: after.property }]
      : [
          ...keywordChanges(before.property, after.property, ['x-field']).map((change) => ({
            ...of,
            ...change,
            at: at(change.key),
          })),
          ...keywordChanges(objectOf(before.property, 'x-field'), objectOf(after.property, 'x-field'), []).map(
            (change) => ({ ...of, ...change, at: at('x-field', change.key) }),
          ),
        ].map(({ key: _key, ...operation }) => operation as WorkspaceOperation);
  const wasRequired = before?.required ?? false;
  if (after.required !== wasRequired) operations.push(requiredChange(of, after));
  return operations;
}

function requiredChange(of: { type: string; id: string }, field: FieldDraft): WorkspaceOperation {
  const at = pointer('required', field.key);
  if (!field.required) return { ...of, op: 'remove', at };
  return { ...of, op: 'insert-before', at, value: field.key, before: null };
}

type KeywordChange = { key: string } & ({ op: 'set'; value: unknown } | { op: 'unset' });

function keywordChanges(before: Json, after: Json, except: readonly string[]): KeywordChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !except.includes(key));
  return keys
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .map((key) => (after[key] === undefined ? { key, op: 'unset' } : { key, op: 'set', value: after[key] }));
}

function put(object: Json, key: string, value: unknown): Json {
  const { [key]: _old, ...rest } = object;
  const isEmpty = value === undefined || value === null || value === '' || value === false;
  // Keys keep their place, so that an undone edit leaves no trace.
  if (isEmpty) return rest;
  return Object.hasOwn(object, key) ? { ...object, [key]: value } : { ...rest, [key]: value };
}
