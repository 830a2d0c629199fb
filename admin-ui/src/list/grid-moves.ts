/** A place in the grid; rows and columns count from 0. */
export interface CellPlace {
  row: number;
  col: number;
}

export interface GridSize {
  rows: number;
  cols: number;
  /** Rows that fit the window, for Page up and Page down. */
  page: number;
}

/** Where a key leads from a cell, or null where the key does not move. */
export function moveBy(key: string, from: CellPlace, size: GridSize, ctrl: boolean): CellPlace | null {
  const to = target(key, from, size, ctrl);
  return to === null ? null : { row: clamp(to.row, size.rows - 1), col: clamp(to.col, size.cols - 1) };
}

/** The next cell in reading order (or the one before), at the edges the same. */
export function moveOn(from: CellPlace, size: GridSize, back: boolean): CellPlace {
  const index = clamp(from.row * size.cols + from.col + (back ? -1 : 1), size.rows * size.cols - 1);
  return { row: Math.floor(index / size.cols), col: index % size.cols };
}

/** The rectangle between two cells. */
export function rangeOf(a: CellPlace, b: CellPlace): { top: number; bottom: number; start: number; end: number } {
  return {
    top: Math.min(a.row, b.row),
    bottom: Math.max(a.row, b.row),
    start: Math.min(a.col, b.col),
    end: Math.max(a.col, b.col),
  };
}

function target(key: string, { row, col }: CellPlace, size: GridSize, ctrl: boolean): CellPlace | null {
  switch (key) {
    case 'ArrowDown':
      return { row: ctrl ? size.rows - 1 : row + 1, col };
    case 'ArrowUp':
      return { row: ctrl ? 0 : row - 1, col };
    case 'ArrowRight':
      return { row, col: ctrl ? size.cols - 1 : col + 1 };
    case 'ArrowLeft':
      return { row, col: ctrl ? 0 : col - 1 };
    case 'Home':
      return { row: ctrl ? 0 : row, col: 0 };
    case 'End':
      return { row: ctrl ? size.rows - 1 : row, col: size.cols - 1 };
    case 'PageDown':
      return { row: row + size.page, col };
    case 'PageUp':
      return { row: row - size.page, col };
    default:
      return null;
  }
}

const clamp = (value: number, max: number) => Math.max(0, Math.min(value, max));
