import { ref, watch } from 'vue';
import { checkExpression } from '../api/index.js';
import type { ExpressionCheck } from '../api/index.js';
import { useCatalog } from '../meta/index.js';

const waitMs = 250;

/** Checks an expression on the server while one types, and completes the names of fields along links. */
export function useExpression(input: {
  entity: () => string;
  text: () => string;
  type?: () => string | undefined;
  record?: () => string | undefined;
}) {
  const catalog = useCatalog();
  const check = ref<ExpressionCheck | null>(null);
  let asked = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function ask(): Promise<void> {
    const turn = ++asked;
    const expression = input.text().trim();
    if (expression === '') {
      check.value = null;
      return;
    }
    const answer = await checkExpression({
      entity: input.entity(),
      expression,
      type: input.type?.(),
      record: input.record?.(),
    }).catch(() => null);
    if (turn === asked) check.value = answer;
  }
  watch(
    [input.text, () => input.type?.(), () => input.record?.()],
    () => {
      clearTimeout(timer);
      timer = setTimeout(() => void ask(), waitMs);
    },
    { immediate: true },
  );

  /** Names that fit the unfinished word before the caret, with the length of what they replace. */
  function complete(caret: number): { word: string; offers: { path: string; title: string }[] } {
    const word = /[A-Za-z_][\w.]*$/.exec(input.text().slice(0, caret))?.[0] ?? '';
    if (word === '') return { word, offers: [] };
    const steps = word.split('.');
    const last = steps.pop() ?? '';
    const target = steps.reduce<string | undefined>(
      (entity, step) => (entity === undefined ? undefined : catalog.fieldOf(entity, step)?.to?.[0]),
      input.entity(),
    );
    const entity = target === undefined ? undefined : catalog.entityOf(target);
    const prefix = steps.length === 0 ? '' : `${steps.join('.')}.`;
    const offers = (entity?.fields ?? [])
      .filter((field) => field.key.toLowerCase().startsWith(last.toLowerCase()) && field.key !== last)
      .slice(0, 8)
      .map((field) => ({ path: prefix + field.key, title: field.title }));
    return { word, offers };
  }

  return { check, complete };
}
