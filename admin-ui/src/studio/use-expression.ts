import { computed, onScopeDispose, ref, watch } from 'vue';
import { checkExpression } from '../api/index.js';
import type { ExpressionCheck } from '../api/index.js';
import { useCatalog } from '../meta/index.js';
import { checkLocally, offersFor } from './check-local.js';
import type { Offer } from './check-local.js';
import { useDraftCatalog } from './use-draft-catalog.js';
import { useSamples } from './use-samples.js';

const waitMs = 250;

/**
 * Checks an expression with every keystroke, by the same rules as the server and with what is not applied yet; the server then
 * tells its value on a sample record. Completes names of fields along links, and functions.
 */
export function useExpression(input: {
  entity: () => string;
  text: () => string;
  type: () => string | undefined;
  field: () => string | undefined;
}) {
  const catalog = useCatalog();
  const draft = useDraftCatalog();
  const samples = useSamples();
  const sample = ref<ExpressionCheck | null>(null);
  let turn = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const check = computed(() => {
    const entity = draft.entityOf(input.entity());
    const text = input.text();
    if (entity === undefined || text.trim() === '') return null;
    return checkLocally({ entity, text, type: input.type(), field: input.field() }, draft.entityOf);
  });
  const chosen = computed(() => samples.chosen[input.entity()]?.id);

  async function tryOut(): Promise<void> {
    const mine = ++turn;
    // What is not applied yet has no records, and no value on any.
    if (check.value?.problem !== null || catalog.entityOf(input.entity()) === undefined) return;
    const question = { entity: input.entity(), expression: input.text().trim(), record: chosen.value };
    const answer = await checkExpression(question).catch(() => null);
    if (mine === turn) sample.value = answer?.ok ? answer : null;
  }
  watch(
    [input.text, input.entity, chosen],
    () => {
      clearTimeout(timer);
      turn++;
      sample.value = null;
      timer = setTimeout(() => void tryOut(), waitMs);
    },
    { immediate: true },
  );
  onScopeDispose(() => clearTimeout(timer));

  const complete = (caret: number, all: boolean): { word: string; offers: Offer[] } =>
    offersFor(input.text().slice(0, caret), draft.entityOf(input.entity()), draft.entityOf, all);

  return { check, sample, complete };
}
