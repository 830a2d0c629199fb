import { readonly, ref } from 'vue';

export type DensityChoice = 'compact' | 'comfortable';

const key = 'trellis.density';
const choice = ref<DensityChoice>(stored());

/** How high rows are where a view does not say; kept on this machine. */
export function useDensity() {
  return { density: readonly(choice), setDensity };
}

function setDensity(next: DensityChoice): void {
  choice.value = next;
  try {
    localStorage.setItem(key, next);
  } catch {
    // Storage may be blocked; the choice then lasts for this visit.
  }
}

function stored(): DensityChoice {
  try {
    return localStorage.getItem(key) === 'comfortable' ? 'comfortable' : 'compact';
  } catch {
    return 'compact';
  }
}
