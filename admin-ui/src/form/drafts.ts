import type { Values } from './values.js';

/** What a person typed and did not save yet. */
export interface Draft {
  values: Values;
  /** Version of the record it started from; null for a new record. */
  version: number | null;
  /** ISO instant. */
  savedAt: string;
}

/** Where drafts live; `localStorage` fits. */
export interface DraftStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Drafts older than this are forgotten. */
const MAX_AGE_MS = 14 * 86_400_000;
const PREFIX = 'trellis.draft.';

/** The key of a draft: per user, entity and record (`new` while there is none). */
export function draftKey(user: string, entity: string, id: string | null): string {
  return `${PREFIX}${user}.${entity}.${id ?? 'new'}`;
}

/** The draft under a key, or null: none, too old, or not readable. */
export function readDraft(store: DraftStore, key: string, now: Date): Draft | null {
  try {
    const text = store.getItem(key);
    if (text === null) return null;
    const draft = JSON.parse(text) as Draft;
    const age = now.getTime() - Date.parse(draft.savedAt);
    if (typeof draft.values === 'object' && draft.values !== null && age >= 0 && age < MAX_AGE_MS) return draft;
    store.removeItem(key);
    return null;
  } catch {
    return null;
  }
}

/** Keeps a draft; false where the browser has no room or allows no storage. */
export function writeDraft(store: DraftStore, key: string, draft: Draft): boolean {
  try {
    store.setItem(key, JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

/** Forgets a draft. */
export function dropDraft(store: DraftStore, key: string): void {
  try {
    store.removeItem(key);
  } catch {
    // Storage switched off: there was no draft to forget.
  }
}
