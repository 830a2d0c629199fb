import type { Ref } from 'vue';
import { computed } from 'vue';
import type { CatalogEntity, CatalogForm } from '../meta/index.js';
import { useProblemText } from '../meta/index.js';
import { toast } from '../ui/index.js';

/** The status at the head of a record page, the facts beside it, and its change at a click. */
export function useStatus(of: {
  model: Ref<CatalogEntity | undefined>;
  form: Ref<CatalogForm | undefined>;
  patch: (changes: Record<string, unknown>, shown: Record<string, unknown>) => Promise<unknown>;
}) {
  const problemText = useProblemText();
  const status = computed(() => of.model.value?.fields.find((field) => field.key === of.form.value?.header?.status));
  // The status stands above them already.
  const facts = computed(() => (of.form.value?.header?.facts ?? []).filter((key) => key !== status.value?.key));

  async function changeStatus(value: string): Promise<void> {
    if (!status.value) return;
    await of
      .patch({ [status.value.key]: value }, { [status.value.key]: value })
      .catch((cause: unknown) => toast({ kind: 'error', text: problemText(cause).title }));
  }

  return { status, facts, changeStatus };
}
