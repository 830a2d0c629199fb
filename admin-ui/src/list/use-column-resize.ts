import type { GridColumn } from './use-columns.js';

/** Dragging the edge of a header. Works in both writing directions. */
export function useColumnResize(resize: (path: string, width: number) => void) {
  return (event: PointerEvent, column: GridColumn): void => {
    event.preventDefault();
    const handle = event.currentTarget as HTMLElement;
    const sign = getComputedStyle(handle).direction === 'rtl' ? -1 : 1;
    const startX = event.clientX;
    const { width } = column;
    let frame = 0;
    handle.setPointerCapture(event.pointerId);
    const move = (next: PointerEvent) => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => resize(column.path, width + sign * (next.clientX - startX)));
    };
    const end = () => {
      handle.removeEventListener('pointermove', move);
      handle.removeEventListener('pointerup', end);
      handle.removeEventListener('pointercancel', end);
    };
    handle.addEventListener('pointermove', move);
    handle.addEventListener('pointerup', end);
    handle.addEventListener('pointercancel', end);
  };
}
