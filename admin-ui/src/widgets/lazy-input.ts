import type { Component } from 'vue';
import { defineComponent, h, shallowRef } from 'vue';

type Inputs = typeof import('./inputs.js');

const inputs = shallowRef<Inputs | null>(null);
let loading: Promise<void> | null = null;

/** Fetches what edits values, once. Call it when somebody is about to edit; from then on inputs stand there at once. */
export function loadInputs(): Promise<void> {
  loading ??= import('./inputs.js').then(
    (found) => void (inputs.value = found),
    (error: unknown) => {
      // The next one that is needed tries again.
      loading = null;
      throw error;
    },
  );
  return loading;
}

/** An input that is fetched when the first one is shown; until then its place is kept. */
export function lazyInput(name: keyof Inputs): Component {
  return defineComponent({
    name: `Lazy${name}`,
    inheritAttrs: false,
    setup(_, { attrs, slots }) {
      if (inputs.value === null) loadInputs().catch(() => undefined);
      return () =>
        inputs.value === null
          ? h('span', { class: 'input-wait', 'aria-busy': 'true' })
          : h(inputs.value[name] as Component, attrs, slots);
    },
  });
}
