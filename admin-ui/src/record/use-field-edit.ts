import { computed, ref, shallowRef } from 'vue';
import type { RecordData } from '../api/index.js';
import { ApiProblem } from '../api/index.js';
import type { FieldIssue } from '../form/index.js';
import { changesBody, checkField, isEditable, mapIssues, sameValue } from '../form/index.js';
import type { CatalogEntity, CatalogField } from '../meta/index.js';
import { useProblemText } from '../meta/index.js';

/** Writes some fields of the record on the page; null: somebody else was faster and the conflict is shown. */
export type Patch = (body: Record<string, unknown>, shown: Record<string, unknown>) => Promise<RecordData | null>;

export interface UseFieldEditOptions {
  entity: () => CatalogEntity;
  field: () => CatalogField;
  record: () => RecordData;
  patch: Patch;
  /** The actor may change this record at all. */
  allowed: () => boolean;
}

/** Editing one field in its place: begin, type, commit or cancel. Sibling fields (a currency) go along. */
export function useFieldEdit({ entity, field, record, patch, allowed }: UseFieldEditOptions) {
  const problemText = useProblemText();
  const isEditing = ref(false);
  const isSaving = ref(false);
  const draft = shallowRef<Record<string, unknown>>({});
  const issue = shallowRef<FieldIssue | null>(null);
  const canEdit = computed(() => allowed() && isEditable(field()));

  function begin(): void {
    if (!canEdit.value || isEditing.value) return;
    draft.value = { ...record() };
    issue.value = null;
    isEditing.value = true;
  }
  function set(values: Record<string, unknown>): void {
    draft.value = { ...draft.value, ...values };
    issue.value = null;
  }
  function cancel(): void {
    isEditing.value = false;
    issue.value = null;
  }

  async function commit(): Promise<void> {
    if (!isEditing.value || isSaving.value) return;
    const key = field().key;
    const changed = Object.fromEntries(
      Object.entries(draft.value).filter(([name, value]) => !sameValue(record()[name], value)),
    );
    if (Object.keys(changed).length === 0) return cancel();
    issue.value = checkField(field(), draft.value[key]);
    if (issue.value) return;
    isSaving.value = true;
    try {
      await patch(changesBody(entity(), record(), { ...record(), ...changed }), changed);
      isEditing.value = false;
    } catch (error) {
      issue.value = issueOf(error, key);
    } finally {
      isSaving.value = false;
    }
  }

  function issueOf(error: unknown, key: string): FieldIssue {
    if (error instanceof ApiProblem) {
      const mapped = mapIssues(entity(), error.issues);
      const found = mapped.fields[key] ?? mapped.general[0] ?? Object.values(mapped.fields)[0];
      if (found) return found;
    }
    return { code: 'server', message: problemText(error).title };
  }

  return { isEditing, isSaving, draft, issue, canEdit, begin, set, cancel, commit };
}
