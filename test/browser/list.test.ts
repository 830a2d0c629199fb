import type { Locator, Page } from 'playwright-core';
import { atAddress, eventually, gone, see } from './support/wait.js';
import { cellAt, pickOption, titlesShown } from './support/list.js';
import { useStage } from './support/stage.js';

const scene = useStage();
const contacts = '/records/contacts.contact';
const companies = '/records/contacts.company';
/** Columns of the view "All companies". */
const INDUSTRY = 2;
const EMPLOYEES = 6;

scene('searches one Chinese character and half a word', {}, async ({ page, open }) => {
  await open(contacts);
  const search = page.getByRole('searchbox', { name: 'Search in Contacts' });
  await search.fill('燕');
  await eventually(() => titlesShown(page), ['沈海燕']);
  await atAddress(page, 'q=燕');
  await search.fill('sterwa');
  await eventually(() => titlesShown(page), ['Katrin Osterwald']);
  await search.fill('nobody is called so');
  await see(page.getByRole('heading', { name: 'Nothing matches' }));
  await page.getByRole('button', { name: 'Show all' }).click();
  await see(cellAt(page, 0, 0));
  expect(await search.inputValue()).toBe('');
});

scene('narrows by a filter chip, sorts by a header, saves it as a view of its own', {}, async ({ page, open }) => {
  await open(companies);
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await page.getByRole('searchbox', { name: 'Find a field' }).fill('Type');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').locator('.el-select__wrapper').click();
  await pickOption(page, 'Partner');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await atAddress(page, 'filter=type == "partner"');
  const partners = await countShown(page);
  expect(partners).toBeGreaterThan(0);
  expect(partners).toBeLessThan(40);

  const header = page.getByRole('columnheader', { name: /^Employees/ });
  await header.getByRole('button').first().click();
  await atAddress(page, 'sort=employees');
  await eventually(() => header.getAttribute('aria-sort'), 'ascending');
  await eventually(async () => isAscending(await numbersOf(page)), true);

  await page.getByRole('button', { name: 'Save as new view' }).first().click();
  await page.getByRole('dialog').getByLabel('Name').fill('Partners by size');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await gone(page.getByRole('dialog'));
  const tab = page.getByRole('tab', { name: 'Partners by size' });
  await eventually(() => tab.getAttribute('aria-selected'), 'true');

  await open(companies);
  await page.getByRole('tab', { name: 'Partners by size' }).click();
  await eventually(async () => (await titlesShown(page)).length, partners);
  expect(isAscending(await numbersOf(page))).toBe(true);
});

scene('loads page after page while scrolling', {}, async ({ page, open }) => {
  await open('/records/contacts.activity');
  const grid = page.getByRole('grid');
  await eventually(async () => {
    await grid.evaluate((box) => box.scrollTo(0, box.scrollHeight));
    return page.locator('[data-row="209"]').count();
  }, 1);
  expect(await page.locator('[data-row]').count()).toBeLessThan(120);
});

scene('edits a cell by keyboard, and takes it back', {}, async ({ page, open }) => {
  await open(companies);
  const cell = cellAt(page, 1, EMPLOYEES);
  await cellAt(page, 0, EMPLOYEES).click();
  await page.keyboard.press('ArrowDown');
  await see(page.locator('[data-row="1"] [data-col="6"]:focus'));
  const before = await cell.innerText();
  await page.keyboard.press('Enter');
  await see(cell.locator('input'));
  await page.keyboard.press('Control+a');
  await page.keyboard.type('7771');
  await page.keyboard.press('Enter');
  await eventually(() => cell.innerText(), '7,771');
  await see(page.locator('[data-row="2"] [data-col="6"]:focus'));
  await page.getByRole('button', { name: 'Undo' }).click();
  await eventually(() => cell.innerText(), before);

  await cell.dblclick();
  await see(cell.locator('input:focus'));
  await page.keyboard.type('5');
  await page.keyboard.press('Escape');
  await gone(cell.locator('input'));
  expect(await cell.innerText()).toBe(before);
});

scene('the keyboard keeps its place: past links in cells, through dialogs, and where a bar goes', {}, async (given) => {
  const { page, open } = given;
  await open(companies);
  await cellAt(page, 0, 0).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Tab');
  const edit = page.getByRole('toolbar').getByRole('button', { name: 'Edit' });
  await hasFocus(edit);
  // A dialog begins at its first field, and gives back what it took.
  const dialog = page.getByRole('dialog');
  await page.keyboard.press('Enter');
  await hasFocus(dialog.locator('select'));
  await page.keyboard.press('Escape');
  await gone(dialog);
  await hasFocus(edit);
  await page.keyboard.press('Enter');
  await hasFocus(dialog.locator('select'));
  await dialog.locator('select').selectOption('employees');
  await page.keyboard.press('Tab');
  await page.keyboard.type('4321');
  await page.keyboard.press('Enter');
  await gone(edit);
  await hasFocus(cellAt(page, 0, 0));
  await eventually(() => cellAt(page, 0, EMPLOYEES).innerText(), '4,321');
});

scene(
  'a filter is made by keyboard: it begins at its value, and its place is kept where its chip goes',
  {},
  async (given) => {
    const { page, open } = given;
    const dialog = page.getByRole('dialog');
    await open(companies);
    // The first one on a page waits for its input. Escape closes its panel also where a closed list of options would keep it.
    const filter = page.getByRole('button', { name: 'Filter', exact: true });
    await filter.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('searchbox', { name: 'Find a field' }).fill('Type');
    await page.keyboard.press('Enter');
    await hasFocus(dialog.getByRole('combobox', { name: 'Type' }));
    await page.keyboard.type('partn');
    await see(page.locator('.is-hovering'));
    await page.keyboard.press('Enter');
    await see(page.locator('.chip-main').getByText('Partner'));
    await page.keyboard.press('Escape');
    await gone(dialog);
    await hasFocus(page.locator('.chip-main'));
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await gone(page.locator('.chip-main'));
    await hasFocus(filter);
  },
);

scene('what a cell cannot hold stays where it was typed, with the reason', { refused: /^422 / }, async (given) => {
  const { page, open } = given;
  await open(companies);
  const cell = cellAt(page, 1, EMPLOYEES);
  const before = await cell.innerText();
  await cell.click();
  await page.keyboard.press('Enter');
  await see(cell.locator('input'));
  await page.keyboard.press('Control+a');
  await page.keyboard.type('lots');
  await page.keyboard.press('Enter');
  await see(cell.getByRole('alert'));
  expect(await cell.locator('input').inputValue()).toBe('lots');
  await see(cell.locator('input:focus'));
  await page.keyboard.press('Control+a');
  await page.keyboard.type('7772');
  await page.keyboard.press('Enter');
  await eventually(() => cell.innerText(), '7,772');
  await page.getByRole('button', { name: 'Undo' }).click();
  await eventually(() => cell.innerText(), before);
});

scene('changes and deletes several rows at once, and takes both back', {}, async ({ page, open }) => {
  await open(companies);
  const before = await titlesShown(page);
  const industry = await cellAt(page, 0, INDUSTRY).innerText();
  for (const row of [0, 1, 2]) await page.locator(`[data-row="${row}"]`).getByRole('checkbox').click();
  const bar = page.getByRole('toolbar', { name: 'Selected rows' });
  await see(bar.getByText('3 selected'));

  await bar.getByRole('button', { name: 'Edit' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change 3 records' });
  await dialog.getByLabel('Field').selectOption({ label: 'Industry' });
  await dialog.locator('.el-select__wrapper').click();
  await pickOption(page, 'Energy');
  await dialog.getByRole('button', { name: 'Change 3 records' }).click();
  await gone(dialog);
  for (const row of [0, 1, 2]) await eventually(() => cellAt(page, row, INDUSTRY).innerText(), 'Energy');
  await page.getByRole('button', { name: 'Undo' }).click();
  await eventually(() => cellAt(page, 0, INDUSTRY).innerText(), industry);

  for (const row of [0, 1]) await page.locator(`[data-row="${row}"]`).getByRole('checkbox').click();
  await bar.getByRole('button', { name: 'Delete' }).click();
  await see(page.getByRole('dialog').getByText(before[0]));
  await page.getByRole('dialog').getByRole('button', { name: 'Delete 2' }).click();
  await eventually(async () => (await titlesShown(page))[0], before[2]);
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await see(page.getByText('2 restored'));
  await eventually(async () => (await titlesShown(page)).slice(0, 2), before.slice(0, 2));
});

scene('moves a card of a board by its menu', {}, async ({ page, app, open }) => {
  await open(`${companies}?view=contacts.companies-by-type`);
  const card = page.getByRole('article').filter({ hasText: 'Senswerk' });
  const from = await card.locator('xpath=ancestor::section').getAttribute('aria-label');
  const to = from?.startsWith('Investor') ? 'Partner' : 'Investor';
  await card.getByRole('button', { name: 'Move Senswerk' }).click();
  await page.getByRole('menuitem', { name: to }).click();
  await see(page.getByRole('region', { name: new RegExp(`^${to}, `) }).getByText('Senswerk'));
  const found = () => app.admin.get('/api/records/contacts.company?fields=type&q=Senswerk');
  await eventually(async () => String((await found()).body.data[0]?.type), to.toLowerCase());
});

async function countShown(page: Page): Promise<number> {
  await eventually(() => page.getByRole('grid').getAttribute('aria-busy'), 'false');
  return (await titlesShown(page)).length;
}

async function numbersOf(page: Page): Promise<number[]> {
  const texts = await page.locator(`[data-row] [data-col="${EMPLOYEES}"]`).allInnerTexts();
  return texts.filter(Boolean).map((text) => Number(text.replace(/\D/g, '')));
}

function isAscending(numbers: number[]): boolean {
  return numbers.length > 1 && numbers.every((number, at) => at === 0 || number >= numbers[at - 1]);
}

function hasFocus(thing: Locator): Promise<void> {
  return eventually(() => thing.evaluate((one) => one.matches(':focus')), true);
}
