import { computed } from 'vue';
import type { ComputedRef } from 'vue';
import { textOf } from '../document.js';
import { useLocalDocuments } from '../use-local-documents.js';

/** What a role is called in the language of the page; its id before it is loaded. */
export function useRoleTitle(role: () => string): ComputedRef<string> {
  const local = useLocalDocuments();
  return computed(() => textOf(local.documentOf('role', role()), 'title') || role());
}
