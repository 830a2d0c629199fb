import type { Page } from 'playwright-core';
import type { TestApp } from '../support/app.js';
import { useStage } from './support/stage.js';
import { eventually, see } from './support/wait.js';

const scene = useStage();
const board = '/records/contacts.company?view=contacts.companies-by-type';

scene('a card is dragged by its handle into another column, and stays there', {}, async ({ page, app, open }) => {
  await open(board);
  const card = cardOf(page, 'Harbour Peak Trading');
  const from = await card.locator('.handle').boundingBox();
  const to = await columnOf(page, 'Supplier').boundingBox();
  if (from === null || to === null) throw new Error('The card or the column is not drawn.');
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(from.x + 40, from.y + 20, { steps: 4 });
  await page.mouse.move(to.x + to.width / 2, to.y + 120, { steps: 12 });
  // The board looks where the mouse is every few frames: it is let go where the card has its place.
  let step = 0;
  await eventually(async () => {
    await page.mouse.move(to.x + to.width / 2, to.y + 120 + (step++ % 2));
    return columnOf(page, 'Supplier').locator('li.ghost').count();
  }, 1);
  await page.mouse.up();
  await see(columnOf(page, 'Supplier').getByText('Harbour Peak Trading'));
  await eventually(() => typeOf(app, 'Harbour Peak Trading'), 'supplier');
  await open(board);
  await see(columnOf(page, 'Supplier').getByText('Harbour Peak Trading'));
});

scene('a card is moved by its menu, by keyboard alone', {}, async ({ page, app, open }) => {
  await open(board);
  await page.getByRole('button', { name: 'Move Lion Quay Automation' }).focus();
  await page.keyboard.press('Enter');
  await see(page.getByRole('menuitem', { name: 'Customer' }));
  for (let step = 0; step < 10; step++) {
    if ((await page.locator('[role="menuitem"][data-highlighted]').innerText()).trim() === 'Customer') break;
    await page.keyboard.press('ArrowDown');
  }
  await page.keyboard.press('Enter');
  await see(columnOf(page, 'Customer').getByText('Lion Quay Automation'));
  await eventually(() => typeOf(app, 'Lion Quay Automation'), 'customer');
});

function columnOf(page: Page, title: string) {
  return page.getByRole('region', { name: new RegExp(`^${title}, `) });
}

function cardOf(page: Page, title: string) {
  return page.getByRole('article').filter({ hasText: title });
}

async function typeOf(app: TestApp, name: string): Promise<unknown> {
  const found = await app.admin.get(`/api/records/contacts.company?q=${encodeURIComponent(name)}&fields=type&limit=1`);
  return (found.body.data as unknown as { type: unknown }[])[0]?.type;
}
