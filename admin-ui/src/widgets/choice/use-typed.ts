import { computed, ref } from 'vue';
import type { Ref } from 'vue';
import type { OfferedOption } from './offered-options.js';

/**
 * What is typed into a select narrows its options, and Enter then takes the first of them: `v-bind="typing"` on the select, its options
 * from `shown`. Without words Enter leaves what is chosen.
 */
export function useTyped(options: Readonly<Ref<readonly OfferedOption[]>>) {
  const words = ref('');
  const shown = computed(() =>
    options.value.filter(({ title }) => title.toLocaleLowerCase().includes(words.value.trim().toLocaleLowerCase())),
  );
  const typing = computed(() => ({
    filterMethod: (typed: string) => (words.value = typed),
    defaultFirstOption: words.value.trim() !== '',
    onVisibleChange: () => (words.value = ''),
  }));
  return { shown, typing };
}
