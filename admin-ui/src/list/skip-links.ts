/** The grid is one stop of the keyboard: links in its cells are none, or they would stand between it and all that follows. */
export const skipLinks = { mounted: skip, updated: skip };

function skip(row: HTMLElement): void {
  for (const link of row.querySelectorAll('a')) link.tabIndex = -1;
}

/** Follows the link in a cell; where the cell names its record, to the record's own page. */
export function followLink(cell: Element | null | undefined): void {
  (cell?.querySelector<HTMLElement>('a.full') ?? cell?.querySelector('a'))?.click();
}
