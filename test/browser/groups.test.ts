import type { Page } from 'playwright-core';
import { cellAt } from './support/list.js';
import { useStage } from './support/stage.js';
import { atAddress, eventually, gone, see } from './support/wait.js';

const scene = useStage();
const companies = '/records/contacts.company';

scene('groups a list with counts, closes a group, and keeps it in a view', {}, async ({ page, app, open }) => {
  await open(companies);
  await page.getByRole('button', { name: 'Group', exact: true }).click();
  await page.getByRole('searchbox', { name: 'Find a field' }).fill('Type');
  await page.keyboard.press('Enter');
  await atAddress(page, 'group=type');
  const counted = await app.admin.post('/api/records/contacts.company/aggregate', {
    groupBy: [{ field: 'type' }],
    measures: [{ fn: 'count' }],
  });
  const partners = (counted.body.data as unknown as { type: string; count: number }[]).find(
    (group) => group.type === 'competitor',
  );
  const competitor = headerOf(page, 'Competitor');
  await see(competitor.getByText(String(partners?.count), { exact: true }));
  await see(cellAt(page, 1, 1).getByText('Competitor'));

  await competitor.click();
  await eventually(() => competitor.getAttribute('aria-expanded'), 'false');
  await see(page.locator('[data-row="1"]').getByRole('button', { name: /Customer/ }));

  await page.getByRole('button', { name: 'Save as new view' }).first().click();
  await page.getByRole('dialog').getByLabel('Name').fill('By type, as a list');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await gone(page.getByRole('dialog'));
  await open(companies);
  expect(await page.locator('[data-group]').count()).toBe(0);
  await page.getByRole('tab', { name: 'By type, as a list' }).click();
  await see(competitor);
  await page.getByRole('button', { name: 'Grouped by Type' }).click();
  await page.getByRole('button', { name: 'Do not group' }).click();
  await gone(competitor);
});

scene('moves over the headers of groups by keyboard', {}, async ({ page, open }) => {
  await open(`${companies}?group=type`);
  await cellAt(page, 1, 0).click({ position: { x: 200, y: 16 } });
  await page.keyboard.press('ArrowUp');
  const header = headerOf(page, 'Competitor');
  await eventually(() => header.evaluate((button) => button === button.ownerDocument.activeElement), true);
  await page.keyboard.press('ArrowLeft');
  await eventually(() => header.getAttribute('aria-expanded'), 'false');
  await see(page.locator('[data-row="1"]').getByRole('button', { name: /Customer/ }));
  await page.keyboard.press('ArrowDown');
  await eventually(
    () => headerOf(page, 'Customer').evaluate((button) => button === button.ownerDocument.activeElement),
    true,
  );
  await page.keyboard.press('Enter');
  await eventually(() => headerOf(page, 'Customer').getAttribute('aria-expanded'), 'false');
});

scene('groups dates by month and links by record; cards are grouped too', { width: 390 }, async ({ page, open }) => {
  await open(`${companies}?group=createdAt`);
  await see(
    page.getByRole('button', {
      name: /Created (January|February|March|April|May|June|July|August|September|October|November|December) 20\d\d/,
    }),
  );
  await open('/records/contacts.contact?group=company');
  const first = page.getByRole('button', { expanded: true }).filter({ hasText: 'Company' }).first();
  await see(first);
  const cards = await page.getByRole('article').count();
  await first.click();
  await eventually(async () => (await page.getByRole('article').count()) !== cards, true);
});

scene('passes over a closed group of many rows, and fills it in when it is opened', {}, async ({ page, app, open }) => {
  const rows = Array.from({ length: 420 }, (_, n) => ({
    name: `Quarry ${String(n).padStart(3, '0')}`,
    type: 'competitor',
  }));
  expect((await app.admin.post('/api/records/contacts.company/bulk?mode=create', rows)).status).toBe(200);
  await open(`${companies}?group=type`);
  const asked: string[] = [];
  page.on(
    'request',
    (request) => /contacts\.company(\/query)?\?.*limit=100/.test(request.url()) && asked.push(request.url()),
  );
  const competitor = headerOf(page, 'Competitor');
  await see(competitor.getByText('422', { exact: true }));
  await competitor.click();
  await see(page.locator('[data-row="2"]').filter({ hasText: 'Customer' }));
  // The rest of the closed group, three hundred rows, was never fetched.
  expect(asked.length).toBeLessThanOrEqual(2);
  await competitor.click();
  await see(cellAt(page, 5, 1).getByText('Competitor'));
  // Scrolling on, page after page, reaches what was passed over.
  const grid = page.getByRole('grid');
  await eventually(async () => {
    await grid.evaluate((box) => (box.scrollTop = 32 * 292));
    return page.locator('[data-row="300"]').getByText('Quarry 298').count();
  }, 1);
});

function headerOf(page: Page, title: string) {
  return page.locator('[data-group]').filter({ hasText: title });
}
