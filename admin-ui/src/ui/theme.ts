import { readonly, ref } from 'vue';

export type ThemeChoice = 'system' | 'light' | 'dark';

const key = 'trellis.theme';
const choice = ref<ThemeChoice>(stored());
const dark = ref(document.documentElement.classList.contains('dark'));
const system = matchMedia('(prefers-color-scheme: dark)');

system.addEventListener('change', show);

/** The theme: what the user chose, and what that means now. `public/theme.js` sets it before the first paint. */
export function useTheme() {
  return { choice: readonly(choice), dark: readonly(dark), setTheme };
}

function setTheme(next: ThemeChoice): void {
  choice.value = next;
  try {
    localStorage.setItem(key, next);
  } catch {
    // Storage may be blocked; the choice then lasts for this visit.
  }
  show();
}

function show(): void {
  dark.value = choice.value === 'dark' || (choice.value === 'system' && system.matches);
  document.documentElement.classList.toggle('dark', dark.value);
}

function stored(): ThemeChoice {
  try {
    const value = localStorage.getItem(key);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}
