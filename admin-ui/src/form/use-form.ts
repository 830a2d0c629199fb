import { computed, ref, shallowReactive, shallowRef } from 'vue';
import type { CatalogEntity, CatalogField } from '../meta/index.js';
import type { ServerIssue } from './issues.js';
import { mapIssues } from './issues.js';
import { editableLayout } from './layout.js';
import type { FieldIssue } from './validate.js';
import { checkField } from './validate.js';
import type { Values } from './values.js';
import { changesBody, createBody, sameValue } from './values.js';

export interface UseFormOptions {
  entity: CatalogEntity;
  /** The record as it was read, or null for a new one. */
  record: Values | null;
  /** What a new record begins with. */
  initial?: Values;
  /** Keys that the form shows; only these are validated. */
  shown?: () => readonly string[];
  /** A shown field as it stands for the record now (required or locked by a condition); absent: as the catalog has it. */
  fieldOf?: (key: string) => CatalogField | undefined;
  /** Called after every change, e.g. to keep a draft. */
  onChange?: () => void;
}

export type FormState = ReturnType<typeof useForm>;

/**
 * The state of one form. Values and issues are shallow-reactive objects: a keystroke re-renders the one field
 * that reads the key, never the form.
 */
export function useForm(options: UseFormOptions) {
  const { entity } = options;
  const fields = new Map(entity.fields.map((field) => [field.key, field]));
  const before = shallowRef<Values>(options.record ?? {});
  const values = shallowReactive<Values>({ ...(options.record ?? options.initial) });
  const issues = shallowReactive<Record<string, FieldIssue | undefined>>({});
  const general = ref<FieldIssue[]>([]);
  const changed = shallowReactive(new Set<string>());
  const isDirty = computed(() => changed.size > 0);
  const shown =
    options.shown ??
    (() => editableLayout(entity, undefined).flatMap((section) => section.fields.map(({ field }) => field.key)));

  /** Takes a value; an issue of the field goes as soon as the value is right again. */
  function set(key: string, value: unknown): void {
    values[key] = value;
    if (sameValue(before.value[key] ?? options.initial?.[key], value)) changed.delete(key);
    else changed.add(key);
    if (issues[key]) check(key);
    options.onChange?.();
  }

  /** Validates one field, on leaving it. */
  function check(key: string): FieldIssue | null {
    const field = options.fieldOf?.(key) ?? fields.get(key);
    const issue = field ? checkField(field, values[key]) : null;
    if (issue) issues[key] = issue;
    else delete issues[key];
    return issue;
  }

  /** Validates what the form shows; true where nothing is wrong. */
  function checkAll(): boolean {
    general.value = [];
    return shown()
      .map(check)
      .every((issue) => issue === null);
  }

  /** Shows what the server found. */
  function refuse(found: readonly ServerIssue[], otherwise: string): void {
    const mapped = mapIssues(entity, found);
    Object.assign(issues, mapped.fields);
    general.value = found.length === 0 ? [{ code: 'server', message: otherwise }] : mapped.general;
  }

  /** What a save sends: everything of a new record, the difference of an old one. */
  function body(): Values {
    return options.record === null ? createBody(entity, values) : changesBody(entity, before.value, values);
  }

  /** Begins again from a record or from given values. */
  function reset(record: Values): void {
    before.value = record;
    for (const key of Object.keys(values)) if (!(key in record)) delete values[key];
    Object.assign(values, record);
    for (const key of Object.keys(issues)) delete issues[key];
    general.value = [];
    changed.clear();
  }

  /** Lays kept values (a draft) over the record. */
  function restore(kept: Values): void {
    for (const [key, value] of Object.entries(kept)) if (fields.has(key)) set(key, value);
  }

  /** What a draft keeps: only what was changed. */
  function draft(): Values {
    return Object.fromEntries([...changed].map((key) => [key, values[key]]));
  }

  return {
    entity,
    values,
    issues,
    general,
    isDirty,
    before,
    set,
    check,
    checkAll,
    refuse,
    body,
    reset,
    restore,
    draft,
  };
}
