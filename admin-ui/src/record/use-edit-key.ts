import type { Ref } from 'vue';
import { nextTick, onMounted, onUnmounted, watch } from 'vue';

/**
 * `e` edits: wherever the focus is on a page of its own, beside a list only while the focus is inside. When the form goes, with the focus
 * in it, one is back at the button that began it.
 */
export function useEditKey(options: {
  root: Ref<HTMLElement | null>;
  isPage: () => boolean;
  isEditing: Ref<boolean>;
  allowed: () => boolean;
}): void {
  const { root, isEditing } = options;

  function onKey(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const isOurs = target === document.body ? options.isPage() : root.value?.contains(target) === true;
    const hasModifier = event.ctrlKey || event.metaKey || event.altKey;
    if (event.key !== 'e' || !isOurs || hasModifier || isTyping(target)) return;
    event.preventDefault();
    isEditing.value = isEditing.value || options.allowed();
  }
  onMounted(() => document.addEventListener('keydown', onKey));
  onUnmounted(() => document.removeEventListener('keydown', onKey));
  watch(isEditing, async (now) => {
    await nextTick();
    if (!now) root.value?.querySelector<HTMLElement>('[data-edit]')?.focus({ preventScroll: true });
  });
}

function isTyping(target: HTMLElement): boolean {
  const field = 'input, textarea, [contenteditable=true], .el-select, [role=menu]';
  return target.closest(field) !== null || document.querySelector('[role=dialog]') !== null;
}
