import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { applyOperations } from '../../../core/schema/apply-operations.js';
import type { DefinitionAnswer, Operation, WorkspaceOperation } from '../../../schemas/studio.js';
import { getDefinition, listDefinitions } from '../api/index.js';
import type { Json } from './document.js';
import { withdraw } from './withdraw.js';

const storageKey = 'trellis.studio';

/** The change set of the server that holds these operations as a draft. */
export interface DraftName {
  id: string;
  reason: string;
  /** When it was saved, as it was opened; absent: whatever stands is replaced. */
  at?: string;
}

/**
 * The change set that is being made: its operations in order, and the working copies that they lead to. Kept on this
 * machine until it is applied or dropped, so that a closed tab loses nothing.
 */
export const useChanges = defineStore('studio-changes', () => {
  const start = restored();
  const past: (readonly WorkspaceOperation[])[] = [];
  let isOpen = false;
  const operations = shallowRef<readonly WorkspaceOperation[]>(start.operations);
  const draft = shallowRef<DraftName | null>(start.draft);
  const basis = shallowRef<Readonly<Record<string, number>>>(start.basis);
  const loaded = shallowRef<ReadonlyMap<string, DefinitionAnswer>>(new Map());

  /** Definitions that the change set makes: they are in no list of the server yet. */
  const made = computed(() => operations.value.filter((operation) => operation.op === 'set' && operation.at === ''));

  /** Reads a definition that an editor shows; again after an apply. */
  async function load(type: string, id: string): Promise<void> {
    const answer = await getDefinition(type, id);
    loaded.value = new Map(loaded.value).set(nameOf(type, id), answer);
  }

  /** The workspace's texts in other languages, and those of plugins: editors write beside them, so they must stand first. */
  async function loadTexts(): Promise<void> {
    const rows = await listDefinitions('translation');
    const answers = await Promise.all(rows.map((row) => getDefinition('translation', row.id)));
    const rest = [...loaded.value].filter(([, answer]) => answer.type !== 'translation');
    loaded.value = new Map([...rest, ...answers.map((answer) => [nameOf('translation', answer.id), answer] as const)]);
  }

  /** Every translation that is loaded, as it will be. */
  const translations = computed<Json[]>(() => {
    const ids = [...loaded.value.values()].filter((answer) => answer.type === 'translation').map((answer) => answer.id);
    const fresh = made.value.filter((operation) => operation.type === 'translation').map((operation) => operation.id);
    return [...new Set([...ids, ...fresh])]
      .map((id) => documentOf('translation', id))
      .filter((one) => one !== undefined);
  });

  function answerOf(type: string, id: string): DefinitionAnswer | undefined {
    return loaded.value.get(nameOf(type, id));
  }

  /** The change set takes the whole definition away, and does not make it anew afterwards. */
  function isRemoved(type: string, id: string): boolean {
    const whole = operations.value.findLast((one) => one.type === type && one.id === id && one.at === '');
    return whole?.op === 'remove';
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

  /** From here on the definition counts as read at this epoch: what others did to it until then is known. */
  function readAt(type: string, id: string, epoch: number): void {
    keep(operations.value, draft.value, { ...basis.value, [nameOf(type, id)]: epoch });
  }

  /** Of each definition that operations change, the epoch at which it was read. */
  function basisOf(next: readonly WorkspaceOperation[]): Record<string, number> {
    return Object.fromEntries(
      next.flatMap(({ type, id }) => {
        const epoch = basis.value[nameOf(type, id)] ?? answerOf(type, id)?.epoch;
        return epoch === undefined ? [] : [[nameOf(type, id), epoch]];
      }),
    );
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
    begin();
    keep(all);
  }

  /** Takes a definition away: one that only this change set makes goes with all that was said of it. */
  function removeWhole(type: string, id: string): void {
    if (answerOf(type, id) !== undefined || !made.value.some((one) => one.type === type && one.id === id))
      return record({ type, id, op: 'remove', at: '' });
    begin();
    keep(withdraw(operations.value, type, id));
  }

  /** Takes one operation back, wherever it stands. */
  function forget(operation: WorkspaceOperation): void {
    begin();
    keep(operations.value.filter((one) => one !== operation));
  }

  /** What one click does is one step, however many operations it takes. */
  function begin(): void {
    if (isOpen) return;
    isOpen = true;
    past.push(operations.value);
    queueMicrotask(() => (isOpen = false));
  }

  /** Takes the last step back; of what was collected in an earlier visit, operation by operation. */
  function undo(): void {
    keep(past.pop() ?? operations.value.slice(0, -1));
  }

  function drop(): void {
    past.length = 0;
    keep([], null);
  }

  /** Takes the place of what was collected, e.g. by a draft that is opened; `read`: what its author had read (`type:id` → epoch). */
  function replace(
    next: readonly WorkspaceOperation[],
    of: DraftName | null,
    read: Readonly<Record<string, number>> = {},
  ): void {
    past.length = 0;
    keep(next, of, read);
  }

  function keep(next: readonly WorkspaceOperation[], of: DraftName | null = draft.value, read = basisOf(next)): void {
    operations.value = next;
    draft.value = next.length === 0 ? null : of;
    basis.value = next.length === 0 ? {} : read;
    try {
      if (next.length === 0) localStorage.removeItem(storageKey);
      else
        localStorage.setItem(storageKey, JSON.stringify({ operations: next, draft: draft.value, basis: basis.value }));
    } catch {
      // Storage may be full or blocked; the change set then lasts for this visit.
    }
  }

  return {
    operations,
    draft,
    basis,
    readAt,
    made,
    translations,
    load,
    loadTexts,
    answerOf,
    isRemoved,
    documentOf,
    record,
    removeWhole,
    forget,
    undo,
    drop,
    replace,
  };
});

function isPlain(operation: WorkspaceOperation): operation is WorkspaceOperation & Operation {
  return operation.op !== 'purge';
}

function nameOf(type: string, id: string): string {
  return `${type}:${id}`;
}

function restored(): {
  operations: readonly WorkspaceOperation[];
  draft: DraftName | null;
  basis: Readonly<Record<string, number>>;
} {
  try {
    const kept = JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<ReturnType<typeof restored>>;
    if (Array.isArray(kept.operations))
      return { operations: kept.operations, draft: kept.draft ?? null, basis: kept.basis ?? {} };
  } catch {
    // What cannot be read is no loss that one could undo here.
  }
  return { operations: [], draft: null, basis: {} };
}
