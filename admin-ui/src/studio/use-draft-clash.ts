import { ref } from 'vue';
import { ApiProblem } from '../api/index.js';
import { useChanges } from './use-changes.js';

/** Why a draft that was opened here can no longer be written as such. */
export interface DraftClash {
  /** `changed`: somebody saved it since; `gone`: it was thrown away, or applied. */
  kind: 'changed' | 'gone';
  /** Name of who saved it; '' where that is not known. */
  by: string;
}

/** Two who work on one draft: the later one decides whether theirs takes its place or stands beside it. */
export function useDraftClash() {
  const changes = useChanges();
  const clash = ref<DraftClash | null>(null);
  let again: () => Promise<void> = async () => undefined;

  /** True where the error is such a clash; it is asked about, and `retry` runs after the answer. */
  function caught(error: unknown, retry: () => Promise<void>): boolean {
    if (changes.draft === null || !(error instanceof ApiProblem)) return false;
    if (error.code !== 'change.draft_changed' && !['change.not_found', 'change.not_a_draft'].includes(error.code))
      return false;
    const isChanged = error.code === 'change.draft_changed';
    clash.value = { kind: isChanged ? 'changed' : 'gone', by: isChanged ? String(error.params.by ?? '') : '' };
    again = retry;
    return true;
  }

  async function settle(how: 'apart' | 'replace'): Promise<void> {
    const { draft } = changes;
    if (draft !== null)
      changes.replace(
        changes.operations,
        how === 'apart' ? null : { id: draft.id, reason: draft.reason },
        changes.basis,
      );
    clash.value = null;
    await again();
  }

  return { clash, caught, settle };
}
