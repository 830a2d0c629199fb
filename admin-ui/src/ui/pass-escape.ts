/**
 * Lets Escape through a closed list of options: element-plus keeps it to itself even then, and the dialog around it would not close. To be
 * called once.
 */
export function passEscape(): void {
  addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Escape' || !(event.target instanceof Element)) return;
      const list = event.target.matches('[aria-expanded="false"]') ? event.target.closest('.el-select') : null;
      if (!list?.parentElement) return;
      event.stopPropagation();
      list.parentElement.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }),
      );
    },
    true,
  );
}
