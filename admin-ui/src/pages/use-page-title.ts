import type { Ref } from 'vue';
import { watchEffect } from 'vue';

/** Sets the window's title while the page shows; undefined leaves it as it is. */
export function usePageTitle(title: Ref<string | undefined>): void {
  watchEffect(() => {
    if (title.value !== undefined) document.title = `${title.value} · Trellis`;
  });
}
