import type { Ref } from 'vue';
import { computed, nextTick, ref, watch } from 'vue';
import type { CellPlace } from './grid-moves.js';
import { moveBy, moveOn, rangeOf } from './grid-moves.js';
import type { ListLine } from './groups.js';
import type { GridColumn } from './use-columns.js';

/** Where the focus goes after editing: nowhere (another place was clicked), back to the cell, below, to the next or the previous cell. */
export type EditEnd = 'leave' | 'stay' | 'down' | 'next' | 'back';

/** What was typed into a cell and refused, and why. */
export interface RefusedEdit {
  value: unknown;
  patch: Record<string, unknown>;
  reason: string;
}

interface GridInput {
  /** Rows and headers of groups; a place counts both. */
  lines: Ref<ListLine[]>;
  columns: Ref<GridColumn[]>;
  /** Rows that fit the window. */
  page: () => number;
  /** Brings a row into view and waits until it stands there. */
  reveal: (row: number) => Promise<void>;
  /** Focuses the cell that stands at a place. */
  focusCell: (place: CellPlace) => void;
  open: (row: number) => void;
  toggle: (row: number, range: boolean) => void;
  copy: () => void;
  /** Follows the link in a cell, if there is one. */
  follow: (place: CellPlace) => void;
}

/** The active cell, the range beside it, and what keys do: one tab stop for the whole grid. */
export function useGrid(input: GridInput) {
  const active = ref<CellPlace>({ row: 0, col: 0 });
  const corner = ref<CellPlace | null>(null);
  const editing = ref<CellPlace | null>(null);
  /** What was typed to begin editing; it replaces the value. */
  const typed = ref<string | null>(null);
  /** Of the cell that is edited again: what was refused. */
  const refused = ref<RefusedEdit | null>(null);
  const range = computed(() => rangeOf(active.value, corner.value ?? active.value));
  const hasRange = computed(
    () => corner.value !== null && (corner.value.row !== active.value.row || corner.value.col !== active.value.col),
  );
  const size = () => ({ rows: input.lines.value.length, cols: input.columns.value.length, page: input.page() });

  // Fewer rows or columns: the active cell stays inside.
  watch([() => input.lines.value.length, () => input.columns.value.length], () => {
    const { rows, cols } = size();
    active.value = {
      row: Math.max(0, Math.min(active.value.row, rows - 1)),
      col: Math.max(0, Math.min(active.value.col, cols - 1)),
    };
    corner.value = null;
  });

  async function go(to: CellPlace, extend = false): Promise<void> {
    if (extend) corner.value = to;
    else {
      active.value = to;
      corner.value = null;
    }
    await input.reveal(to.row);
    await nextTick();
    if (!extend) input.focusCell(to);
  }

  function isRow(place: CellPlace): boolean {
    return input.lines.value[place.row]?.kind === 'row';
  }

  function isEditable(place: CellPlace): boolean {
    return isRow(place) && (input.columns.value[place.col]?.editable ?? false);
  }

  function edit(place: CellPlace, first: string | null = null): void {
    if (!isEditable(place)) return;
    active.value = place;
    corner.value = null;
    typed.value = first;
    refused.value = null;
    editing.value = place;
  }

  /** Opens the editor again with what was refused. False where somebody edits another cell by now, or the cell is gone. */
  function editAgain(place: CellPlace, edit: RefusedEdit): boolean {
    if (editing.value !== null || !isEditable(place)) return false;
    active.value = place;
    corner.value = null;
    refused.value = edit;
    editing.value = place;
    return true;
  }

  function stopEditing(then: EditEnd = 'stay'): void {
    const from = editing.value ?? active.value;
    editing.value = null;
    typed.value = null;
    refused.value = null;
    if (then === 'leave') return;
    const to =
      then === 'stay'
        ? from
        : then === 'down'
          ? { row: Math.min(from.row + 1, size().rows - 1), col: from.col }
          : moveOn(from, size(), then === 'back');
    void go(to);
  }

  function onKey(event: KeyboardEvent): void {
    // Keys in the header are the header's own.
    const isInCell = event.target instanceof Element && event.target.closest('[role="gridcell"]') !== null;
    if (!isInCell || editing.value !== null || input.lines.value.length === 0) return;
    const ctrl = event.ctrlKey || event.metaKey;
    const from = event.shiftKey && corner.value !== null ? corner.value : active.value;
    const to = moveBy(event.key, from, size(), ctrl);
    const run = to !== null ? () => void go(to, event.shiftKey) : actionOf(event, ctrl);
    if (run === null) return;
    event.preventDefault();
    run();
  }

  function actionOf(event: KeyboardEvent, ctrl: boolean): (() => void) | null {
    const here = active.value;
    if (ctrl && event.key === 'Enter') return () => input.follow(here);
    if (ctrl) return event.key.toLowerCase() === 'c' ? input.copy : null;
    // The header of a group is a button of its own.
    if (!isRow(here)) return null;
    if (event.key === 'F2') return () => edit(here);
    if (event.key === 'Enter')
      return () => (isEditable(here) && !input.columns.value[here.col]?.isTitle ? edit(here) : input.open(here.row));
    if (event.key === ' ') return () => input.toggle(here.row, event.shiftKey);
    if (event.key === 'Escape' && hasRange.value) return () => (corner.value = null);
    const canType =
      event.key.length === 1 &&
      !event.altKey &&
      isEditable(here) &&
      input.columns.value[here.col]?.field.exprType === 'text' &&
      !input.columns.value[here.col]?.field.options?.length;
    return canType ? () => edit(here, event.key) : null;
  }

  function press(place: CellPlace, extend: boolean): void {
    if (extend) corner.value = place;
    else {
      active.value = place;
      corner.value = null;
    }
  }

  const isActive = (row: number, col: number) => active.value.row === row && active.value.col === col;
  const isInRange = (row: number, col: number) =>
    hasRange.value &&
    row >= range.value.top &&
    row <= range.value.bottom &&
    col >= range.value.start &&
    col <= range.value.end;
  const isEditing = (row: number, col: number) => editing.value?.row === row && editing.value.col === col;

  return {
    active,
    range,
    editing,
    typed,
    refused,
    onKey,
    edit,
    editAgain,
    stopEditing,
    press,
    go,
    isActive,
    isInRange,
    isEditing,
    open: input.open,
    toggle: input.toggle,
  };
}
