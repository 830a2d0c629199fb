import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { applyOperations } from '../../../core/schema/apply-operations.js';
import type { DefinitionAnswer, Operation, WorkspaceOperation } from '../../../schemas/studio.js';
import { getDefinition } from '../api/index.js';
import type { Json } from './document.js';

const storageKey = 'trellis.studio';

/**
 * The change set that is being made: its operations in order, and the working copies that they lead to. Kept on this
 * machine until it is applied or dropped, so that a closed tab loses nothing.
 */
export const useChanges = defineStore('studio-changes', () => {
  const operations = shallowRef<readonly WorkspaceOperation[]>(restored());
  const loaded = shallowRef<ReadonlyMap<string, DefinitionAnswer>>(new Map());

  /** Reads a definition that an editor shows; again after an apply. */
  async function load(type: string, id: string): Promise<void> {
    const answer = await getDefinition(type, id);
    loaded.value = new Map(loaded.value).set(nameOf(type, id), answer);
  }

  function answerOf(type: string, id: string): DefinitionAnswer | undefined {
    return loaded.value.get(nameOf(type, id));
  }

  /** The document as it will be: with the pending operations. */
  function documentOf(type: string, id: string): Json | undefined {
    const own = operations.value.filter((operation) => operation.type === type && operation.id === id);
    const made = own.findLast((operation) => operation.op === 'set' && operation.at === '');
    const base = made && 'value' in made ? (made.value as Json) : answerOf(type, id)?.document;
    if (base === undefined) return undefined;
    const rest = own.slice(made ? own.indexOf(made) + 1 : 0).filter(isPlain);
    return rest.length === 0 ? base : applyOperations({ type, document: base, operations: rest }).document;
  }

  /** Adds operations; one that sets the same place as the last one before it takes its place. */
  function record(...next: readonly WorkspaceOperation[]): void {
    const all = [...operations.value];
    for (const operation of next) {
      const last = all.findLastIndex((one) => one.type === operation.type && one.id === operation.id);
      const before = all[last];
      if (before?.op === 'set' && operation.op === 'set' && before.at === operation.at) all[last] = operation;
      else all.push(operation);
    }
    keep(all);
  }

  function undo(): void {
    keep(operations.value.slice(0, -1));
  }

  function drop(): void {
    keep([]);
  }

  function keep(next: readonly WorkspaceOperation[]): void {
    operations.value = next;
    try {
      if (next.length === 0) localStorage.removeItem(storageKey);
      else localStorage.setItem(storageKey, JSON.stringify(next));
    } catch {
      // Storage may be full or blocked; the change set then lasts for this visit.
    }
  }

  /** Definitions that the change set makes: they are in no list of the server yet. */
  const made = computed(() => operations.value.filter((operation) => operation.op === 'set' && operation.at === ''));

  return { operations, made, load, answerOf, documentOf, record, undo, drop };
});

function isPlain(operation: WorkspaceOperation): operation is WorkspaceOperation & Operation {
  return operation.op !== 'purge';
}

function nameOf(type: string, id: string): string {
  return `${type}:${id}`;
}

function restored(): readonly WorkspaceOperation[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]');
    return Array.isArray(kept) ? (kept as WorkspaceOperation[]) : [];
  } catch {
    return [];
  }
}
