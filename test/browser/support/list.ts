import type { Locator, Page } from 'playwright-core';

/** A cell of the list's grid; rows and columns count from 0. */
export function cellAt(page: Page, row: number, col: number): Locator {
  return page.locator(`[data-row="${row}"] [data-col="${col}"]`);
}

/** Titles of the rows that are drawn, in order. */
export async function titlesShown(page: Page): Promise<string[]> {
  const rows = await page
    .locator('[data-row]')
    .evaluateAll((found) => found.map((row) => [row.dataset.row, row.querySelector('.title')?.innerText]));
  return rows.sort((a, b) => Number(a[0]) - Number(b[0])).map((row) => String(row[1]).trim());
}

/** Picks an option of the open list of a select of element-plus. */
export async function pickOption(page: Page, title: string): Promise<void> {
  await page.locator('.el-select-dropdown__item:visible').filter({ hasText: title }).first().click();
}
