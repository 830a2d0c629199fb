import { useQueryClient } from '@tanstack/vue-query';
import { computed, onScopeDispose, ref, shallowRef } from 'vue';
import type { ImportAnswer, ImportColumn, ImportOptions } from '../api/index.js';
import {
  actOnImport,
  ApiProblem,
  changeImport,
  createImport,
  getImport,
  keys,
  onServerEvent,
  startImport,
} from '../api/index.js';
import { isMoving, remap, stepOf } from './import-model.js';

const POLL_MS = 1000;
/** Changes of the mapping are sent together after this pause. */
const PAUSE_MS = 350;

/** One import from the file to its result. `onId` hears the id as soon as there is one, to keep it in the address. */
export function useImport(entity: () => string, onId: (id: string | null) => void) {
  const queries = useQueryClient();
  const answer = shallowRef<ImportAnswer | null>(null);
  const options = ref<ImportOptions>({});
  const problem = shallowRef<unknown>(null);
  const sent = ref(0);
  const isBusy = ref(false);
  const isPreviewing = ref(false);
  const step = computed(() => stepOf(answer.value));
  let poll: ReturnType<typeof setTimeout> | undefined;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let abort: AbortController | null = null;
  // Newest answer of one kind wins; an older one that arrives late is dropped.
  let asked = 0;

  async function guard(work: () => Promise<void>): Promise<void> {
    isBusy.value = true;
    problem.value = null;
    try {
      await work();
    } catch (error) {
      problem.value = error;
    } finally {
      isBusy.value = false;
    }
  }

  function take(next: ImportAnswer): void {
    const wasMoving = answer.value !== null && isMoving(answer.value.status);
    answer.value =
      answer.value === null
        ? next
        : { ...next, mapping: next.mapping ?? answer.value.mapping, preview: next.preview ?? answer.value.preview };
    if (isMoving(next.status)) follow();
    else if (wasMoving) void queries.invalidateQueries({ queryKey: keys.entity(next.entity) });
  }
  function follow(): void {
    clearTimeout(poll);
    poll = setTimeout(() => void refresh(), POLL_MS);
  }
  async function refresh(): Promise<void> {
    const id = answer.value?.id;
    if (id === undefined) return;
    try {
      const next = await getImport(id);
      if (answer.value?.id === id) take(next);
    } catch {
      // The connection may come back: the import runs on without us.
      follow();
    }
  }

  const open = (id: string): Promise<void> => guard(async () => take(await getImport(id)));
  const upload = (file: File): Promise<void> =>
    guard(async () => {
      sent.value = 0;
      const made = await createImport(file, entity(), options.value, (share) => (sent.value = Math.round(share * 100)));
      take(made);
      onId(made.id);
    });

  /** Takes a changed mapping or option at once and asks for a new preview. */
  function change(mapping: ImportColumn[], next: ImportOptions = {}): void {
    if (answer.value === null) return;
    answer.value = { ...answer.value, mapping };
    options.value = { ...options.value, ...next };
    isPreviewing.value = true;
    clearTimeout(pause);
    pause = setTimeout(() => void preview(), PAUSE_MS);
  }
  const setColumn = (column: string, to: Partial<ImportColumn>): void =>
    change(remap(answer.value?.mapping ?? [], column, to));

  async function preview(): Promise<void> {
    const now = answer.value;
    if (now === null) return;
    const mine = ++asked;
    abort?.abort();
    abort = new AbortController();
    try {
      const next = await changeImport(now.id, { mapping: now.mapping, options: options.value }, abort.signal);
      if (mine !== asked) return;
      const guesses = new Map(now.mapping.map((column) => [column.column, column.guessed]));
      take({
        ...next,
        mapping: next.mapping.map((column) => ({ ...column, guessed: guesses.get(column.column) ?? column.guessed })),
      });
      problem.value = null;
    } catch (error) {
      if (mine === asked && !(error instanceof DOMException)) problem.value = error;
    } finally {
      if (mine === asked) isPreviewing.value = false;
    }
  }

  const start = (): Promise<void> =>
    guard(async () => {
      const now = answer.value;
      if (now === null) return;
      clearTimeout(pause);
      asked++;
      take(await startImport(now.id, { mapping: now.mapping, options: options.value }));
      follow();
    });
  const act = (verb: 'cancel' | 'resume' | 'undo'): Promise<void> =>
    guard(async () => {
      if (answer.value === null) return;
      take(await actOnImport(answer.value.id, verb));
      follow();
    });
  function again(): void {
    clearTimeout(poll);
    answer.value = null;
    problem.value = null;
    options.value = {};
    onId(null);
  }

  const stop = onServerEvent((event) => {
    if (event.topic === 'import.progress' && event.payload.id === answer.value?.id) void refresh();
  });
  onScopeDispose(() => {
    stop();
    clearTimeout(poll);
    clearTimeout(pause);
    abort?.abort();
  });
  const isGone = computed(
    () => problem.value instanceof ApiProblem && problem.value.status === 404 && answer.value === null,
  );
  return {
    answer,
    options,
    problem,
    sent,
    isBusy,
    isPreviewing,
    isGone,
    step,
    open,
    upload,
    change,
    setColumn,
    start,
    act,
    again,
  };
}
