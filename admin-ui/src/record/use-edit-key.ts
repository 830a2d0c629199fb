import { onMounted, onUnmounted } from 'vue';

/** `e` edits: wherever the focus is on a page of its own, beside a list only while the focus is inside. */
export function useEditKey(options: { root: () => HTMLElement | null; isPage: () => boolean; edit: () => void }): void {
  function onKey(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const isOurs = target === document.body ? options.isPage() : options.root()?.contains(target) === true;
    const hasModifier = event.ctrlKey || event.metaKey || event.altKey;
    if (event.key !== 'e' || !isOurs || hasModifier || isTyping(target)) return;
    event.preventDefault();
    options.edit();
  }
  onMounted(() => document.addEventListener('keydown', onKey));
  onUnmounted(() => document.removeEventListener('keydown', onKey));
}

function isTyping(target: HTMLElement): boolean {
  const field = 'input, textarea, [contenteditable=true], .el-select, [role=menu]';
  return target.closest(field) !== null || document.querySelector('[role=dialog]') !== null;
}
