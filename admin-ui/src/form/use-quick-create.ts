import { provide, shallowRef } from 'vue';
import type { LinkValue } from '../api/index.js';
import { CREATE_IN_PLACE } from '../widgets/index.js';

/** A link picker waits for the record that it did not find. */
export interface QuickCreateRequest {
  entity: string;
  title: string;
  answer: (made: LinkValue | null) => void;
}

/** Lets the link pickers below make records in place; `pending` is what QuickCreateDialog shows. */
export function useQuickCreate() {
  const pending = shallowRef<QuickCreateRequest | null>(null);
  provide(CREATE_IN_PLACE, (entity, title) => new Promise((answer) => (pending.value = { entity, title, answer })));

  function finish(made: LinkValue | null): void {
    const asked = pending.value;
    pending.value = null;
    asked?.answer(made);
  }
  return { pending, finish };
}
