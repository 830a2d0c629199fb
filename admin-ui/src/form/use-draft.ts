import { onScopeDispose, shallowRef } from 'vue';
import type { Draft } from './drafts.js';
import { draftKey, dropDraft, readDraft, writeDraft } from './drafts.js';
import type { Values } from './values.js';

/** A draft is written this long after the last keystroke. */
const PAUSE_MS = 600;

export interface UseDraftOptions {
  user: string;
  entity: string;
  id: string | null;
  version: number | null;
  /** The changed values; empty: the draft is dropped. */
  values: () => Values;
}

/** Keeps what was typed on this machine until it is saved; `found` is a draft of an earlier visit. */
export function useDraft(options: UseDraftOptions) {
  const key = draftKey(options.user, options.entity, options.id);
  const found = shallowRef<Draft | null>(readDraft(localStorage, key, new Date()));
  const savedAt = shallowRef<string | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;

  function touch(): void {
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE_MS);
  }
  function keep(): void {
    timer = undefined;
    const values = options.values();
    if (Object.keys(values).length === 0) return forget();
    const draft = { values, version: options.version, savedAt: new Date().toISOString() };
    if (writeDraft(localStorage, key, draft)) savedAt.value = draft.savedAt;
  }
  function forget(): void {
    clearTimeout(timer);
    timer = undefined;
    dropDraft(localStorage, key);
    found.value = null;
    savedAt.value = null;
  }

  /** Writes at once what still waits for its pause. */
  function flush(): void {
    if (timer === undefined) return;
    clearTimeout(timer);
    keep();
  }

  // Leaving within the pause must not lose the last words.
  onScopeDispose(flush);
  return { found, savedAt, touch, flush, forget };
}
