import { readonly, ref } from 'vue';

const key = 'trellis.nav.small';
const small = ref(read());
const drawer = ref(false);
const palette = ref(false);

/** What is open in the frame: the small navigation (remembered), the drawer of a phone, the command palette. */
export function useFrame() {
  return {
    small: readonly(small),
    drawer,
    palette,
    toggleSmall(): void {
      small.value = !small.value;
      try {
        localStorage.setItem(key, String(small.value));
      } catch {
        // Storage may be blocked; the choice then lasts for this visit.
      }
    },
  };
}

function read(): boolean {
  try {
    return localStorage.getItem(key) === 'true';
  } catch {
    return false;
  }
}
