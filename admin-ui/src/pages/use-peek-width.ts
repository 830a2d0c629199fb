import { ref } from 'vue';

const key = 'trellis.peek.width';
const min = 480;
const max = 720;
const width = ref(read());

/** Width of the peek panel, 480 to 720 px, remembered on this machine. */
export function usePeekWidth() {
  return { width, min, max, drag, nudge: (by: number) => set(width.value + by) };
}

function drag(event: PointerEvent): void {
  event.preventDefault();
  const handle = event.currentTarget as HTMLElement;
  const sign = getComputedStyle(handle).direction === 'rtl' ? 1 : -1;
  const startX = event.clientX;
  const before = width.value;
  handle.setPointerCapture(event.pointerId);
  const move = (next: PointerEvent) => set(before + sign * (next.clientX - startX));
  const end = () => {
    handle.removeEventListener('pointermove', move);
    handle.removeEventListener('pointerup', end);
    handle.removeEventListener('pointercancel', end);
  };
  handle.addEventListener('pointermove', move);
  handle.addEventListener('pointerup', end);
  handle.addEventListener('pointercancel', end);
}

function set(next: number): void {
  width.value = Math.round(Math.max(min, Math.min(next, max)));
  try {
    localStorage.setItem(key, String(width.value));
  } catch {
    // Storage may be blocked; the width then lasts for this visit.
  }
}

function read(): number {
  try {
    const value = Number(localStorage.getItem(key));
    return value >= min && value <= max ? value : 560;
  } catch {
    return 560;
  }
}
