import { useQueryClient } from '@tanstack/vue-query';
import { ref, shallowRef } from 'vue';
import type { RecordData } from '../api/index.js';
import { ApiProblem, createRecord, getRecord, keys, updateRecord } from '../api/index.js';
import { useProblemText } from '../meta/index.js';
import { toast } from '../ui/index.js';
import type { FormState } from './use-form.js';

/** The record was saved by somebody else meanwhile: theirs, and what we wanted to write. */
export interface Conflict {
  theirs: RecordData;
  mine: Record<string, unknown>;
  before: Record<string, unknown>;
}

export interface UseSaveOptions {
  form: FormState;
  record: () => RecordData | null;
  onRefused: () => void;
  onSaved: (record: RecordData, another: boolean) => void;
}

/** Saves a form: checks, writes with If-Match, shows what the server refuses, and asks where somebody else was faster. */
export function useSave({ form, record, onRefused, onSaved }: UseSaveOptions) {
  const queries = useQueryClient();
  const problemText = useProblemText();
  const isSaving = ref(false);
  const conflict = shallowRef<Conflict | null>(null);
  const entity = form.entity.id;

  async function save(another: boolean, version?: number): Promise<void> {
    if (isSaving.value) return;
    if (!form.checkAll()) return onRefused();
    const old = record();
    const body = form.body() as RecordData;
    if (old !== null && Object.keys(body).length === 0) return onSaved(old, another);
    isSaving.value = true;
    try {
      const saved =
        old === null
          ? await createRecord(entity, body)
          : await updateRecord(entity, String(old.id), body, version ?? Number(form.before.value.version));
      if (old !== null) queries.setQueryData(keys.record(entity, String(old.id)), saved);
      void queries.invalidateQueries({ queryKey: keys.entity(entity) });
      isSaving.value = false;
      onSaved(saved, another);
    } catch (error) {
      isSaving.value = false;
      await refuse(error, old, body);
    }
  }

  async function refuse(error: unknown, old: RecordData | null, mine: RecordData): Promise<void> {
    if (error instanceof ApiProblem && error.status === 412 && old !== null) {
      const theirs = await getRecord(entity, String(old.id)).catch(() => null);
      if (theirs !== null) return void (conflict.value = { theirs, mine, before: form.before.value });
    }
    const { title, hint } = problemText(error);
    const text = [title, hint].filter(Boolean).join(' ');
    if (error instanceof ApiProblem && error.issues.length > 0) form.refuse(error.issues, text);
    else if (error instanceof ApiProblem && !error.isOffline) form.refuse([], text);
    else return void toast({ kind: 'error', text });
    onRefused();
  }

  /** Mine wins: written over theirs. */
  function overwrite(): void {
    const version = Number(conflict.value?.theirs.version);
    conflict.value = null;
    void save(false, version);
  }

  /** Theirs wins in every field: what was typed here goes. */
  function reload(): void {
    const found = conflict.value;
    conflict.value = null;
    if (found === null) return;
    form.reset(found.theirs);
    queries.setQueryData(keys.record(entity, String(found.theirs.id)), found.theirs);
  }

  return { isSaving, conflict, save, overwrite, reload };
}
