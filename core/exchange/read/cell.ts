/**
 * One cell of a source row: text, null (nothing there: an unquoted empty CSV cell), or a value that already has a type
 * (JSON and XLSX sources).
 */
export type Cell = string | null | { readonly json: unknown };

/** One row of a source. `number` counts data rows from 1; `problem` is set where the row cannot be read. */
export interface SourceRow {
  readonly number: number;
  readonly cells: readonly Cell[];
  readonly problem?: { readonly code: string; readonly message: string };
}

/** A file opened for reading, row by row and in constant memory. */
export interface Source {
  readonly columns: readonly string[];
  /** Starts again from the first row at each call. */
  rows(): AsyncIterable<SourceRow[]>;
}

/** The text of a cell as people would see it; typed values as JSON. */
export function cellText(cell: Cell): string | null {
  if (cell === null || typeof cell === 'string') return cell;
  if (cell.json === null || cell.json === undefined) return null;
  return typeof cell.json === 'object' ? JSON.stringify(cell.json) : String(cell.json);
}

/** Names for columns: an empty header becomes `Column 3`, the second `Name` becomes `Name (2)`. */
export function columnNames(header: readonly (string | null)[]): string[] {
  const taken = new Set<string>();
  return header.map((text, index) => {
    const base = text?.trim() || `Column ${index + 1}`;
    let name = base;
    for (let n = 2; taken.has(name); n++) name = `${base} (${n})`;
    taken.add(name);
    return name;
  });
}
