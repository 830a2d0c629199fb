import type { Page } from 'playwright-core';
import { settled } from './stage.js';
import { eventually, gone, see } from './wait.js';

/** Adds a field of a kind (by its name in the gallery) in the field dialog; `more` fills in what the kind needs. */
export async function addField(page: Page, kind: string, label: string, more?: () => Promise<void>): Promise<void> {
  await beginField(page, kind);
  await page.getByRole('dialog').getByLabel('Label', { exact: true }).fill(label);
  await more?.();
  await addToChanges(page);
  await see(page.getByRole('button', { name: label, exact: true }));
}

/** Opens the field dialog for a new field of a kind. */
export async function beginField(page: Page, kind: string): Promise<void> {
  await page.getByRole('button', { name: 'New field' }).click();
  await page
    .getByRole('dialog')
    .locator('button')
    .filter({ has: page.locator('.name', { hasText: new RegExp(`^${kind}$`) }) })
    .click();
}

/** Confirms the dialog that is open; the change is then in the change set. */
export async function addToChanges(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Add to changes' }).click();
  await gone(dialog);
}

/** Takes an entry of a menu by the names of both. */
export async function takeEntry(page: Page, menu: string, entry: string): Promise<void> {
  await page.getByRole('button', { name: menu, exact: true }).click();
  await page.getByRole('menuitem', { name: entry, exact: true }).click();
}

/** Applies what was collected, from any page of the Studio; broken references of lists are taken out where one says so. */
export async function applyChanges(page: Page, reason: string, removeBroken = false): Promise<void> {
  await page.getByRole('link', { name: 'Review and apply' }).click();
  await page.getByLabel('Why').fill(reason);
  if (removeBroken) await page.getByLabel('Take the broken references out where they are entries of a list').check();
  const button = page.getByRole('button', { name: 'Apply to everybody' });
  await eventually(() => button.isEnabled(), true);
  await button.click();
  await see(page.getByRole('heading', { name: 'Change history', level: 1 }));
  await settled(page);
}

/**
 * Drags by real events of the mouse: the first thing by its middle onto the second, a little past its middle. Lets go when what is
 * dragged has its place there: pages hear of a drag later than the mouse moves.
 */
export async function dragOnto(page: Page, from: string, to: string): Promise<void> {
  const [start, end] = [await page.locator(from).boundingBox(), await page.locator(to).boundingBox()];
  if (!start || !end) throw new Error(`There is no ${start ? to : from} to drag.`);
  const before = await placeOf(page, from, to);
  const [x, y] = [end.x + end.width * 0.6, end.y + end.height * 0.6];
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
  await page.mouse.down();
  await page.mouse.move(x, y - 8, { steps: 8 });
  let step = 0;
  await eventually(async () => {
    await page.mouse.move(x, y - (step++ % 2));
    return ['nowhere', before].includes(await placeOf(page, '.sortable-ghost', to));
  }, false);
  await page.mouse.up();
  await gone(page.locator('.sortable-ghost'));
}

/** Where a thing that is dragged stands to another: in it, before or after it in its list, or elsewhere. */
function placeOf(page: Page, thing: string, other: string): Promise<string> {
  return page.locator(other).evaluate((target, selector) => {
    const found = target.ownerDocument.querySelector(selector);
    const list = target.parentElement;
    if (found === null || list === null) return 'nowhere';
    if (target.contains(found)) return 'inside';
    if (!list.contains(found)) return 'elsewhere';
    return target.compareDocumentPosition(found) === 4 ? 'after' : 'before';
  }, thing);
}
