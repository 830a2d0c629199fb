import type { Page } from 'playwright-core';
import type { TestApp } from '../support/app.js';
import { accessFaults, keysShown, overflowOf } from './support/audit.js';
import { useStage } from './support/stage.js';
import { addField, addToChanges, applyChanges, beginField, dragOnto, takeEntry } from './support/studio-steps.js';
import { eventually, gone, see } from './support/wait.js';

const scene = useStage();
const company = '/studio/entities/contacts.company';
const fieldsOf = (page: Page, section: string) =>
  page.getByRole('region', { name: section, exact: true }).locator('li').allInnerTexts();
const sections = (page: Page) =>
  page.getByLabel('Heading of the section').evaluateAll((inputs) => inputs.map((input) => String(input.value)));
const grip = (field: string) => `li[data-field="${field}"] .grip`;

async function openForms(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Forms' }).click();
  await see(page.getByRole('region', { name: 'Profile' }));
}

scene('fields and sections of a form are dragged by the mouse', {}, async ({ page, open }) => {
  await open(company);
  await openForms(page);
  await dragOnto(page, grip('website'), 'li[data-field="legalName"]');
  await eventually(async () => (await fieldsOf(page, 'Profile')).includes('Website'), true);
  expect(await fieldsOf(page, 'Reach')).not.toContain('Website');

  await takeEntry(page, 'Menu of Tags', 'Take off the form');
  const unused = page.getByRole('complementary', { name: 'Not on this form' });
  await see(unused.getByText('Tags'));
  await dragOnto(page, '.unused .chip', 'li[data-field="fax"]');
  await eventually(async () => (await fieldsOf(page, 'Reach')).includes('Tags'), true);
  await gone(unused.getByText('Tags'));
  await dragOnto(page, grip('fax'), '.unused .pool');
  await see(unused.getByText('Fax'));
  expect(await fieldsOf(page, 'Reach')).not.toContain('Fax');

  const before = await sections(page);
  await dragOnto(page, 'section[aria-label="Reach"] .section-grip', 'section[aria-label="Profile"]');
  await eventually(async () => (await sections(page)).slice(0, 2), ['Reach', 'Profile']);
  expect((await sections(page)).toSorted()).toEqual(before.toSorted());

  await applyChanges(page, 'Arranged by hand');
  await open('/records/contacts.company/new');
  const order = await page.locator('[data-field]').evaluateAll((all) => all.map((one) => String(one.dataset.field)));
  expect(order).not.toContain('fax');
  expect(order.indexOf('tags')).toBeLessThan(order.indexOf('name'));
});

scene(
  'an entity has forms by condition and by role, in an order; one that was made here is removed again',
  {},
  async ({ page, app, open }) => {
    await open('/studio/entities/contacts.contact');
    await newForm(page, 'For the board', '董事会');
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    await page.getByRole('combobox', { name: 'For records of which' }).fill("lastName == 'Board'");
    await page.getByLabel('Order among the forms').fill('10');
    await page.getByLabel('Order among the forms').press('Tab');
    await takeEntry(page, 'Menu of Phone', 'Take off the form');
    await newForm(page, 'For administrators', '管理员');
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    await page.getByLabel('Administrator', { exact: true }).check();
    await takeEntry(page, 'Menu of Job title', 'Take off the form');
    await newForm(page, 'A mistake', '错误');
    await removeForm(page);
    await applyChanges(page, 'Several forms');
    expect(await formTitles(app)).toEqual(expect.arrayContaining(['For the board', 'For administrators']));
    expect(await formTitles(app)).not.toContain('A mistake');

    await open('/records/contacts.contact/new');
    await see(page.locator('[data-field="phone"]'));
    expect(await page.locator('[data-field="jobTitle"]').count()).toBe(0);
    await page.locator('[data-field="lastName"] input').fill('Board');
    await see(page.locator('[data-field="jobTitle"]'));
    await gone(page.locator('[data-field="phone"]'));

    await open('/studio/entities/contacts.contact');
    await page.getByRole('tab', { name: 'Forms' }).click();
    await page.getByLabel('Form', { exact: true }).selectOption('For administrators');
    await removeForm(page);
    await page.getByRole('button', { name: 'Undo' }).click();
    const forms = page.getByLabel('Form', { exact: true }).locator('option');
    await eventually(async () => (await forms.allInnerTexts()).includes('For administrators'), true);
    await page.getByLabel('Form', { exact: true }).selectOption('For administrators');
    await removeForm(page);
    await applyChanges(page, 'One form less');
    expect(await formTitles(app)).not.toContain('For administrators');
    await open('/records/contacts.contact/new');
    await see(page.locator('[data-field="jobTitle"]'));
  },
  180_000,
);

scene(
  'a new entity’s list and form show the fields that are added; its icon is changed later',
  {},
  async ({ page, open }) => {
    await open('/studio');
    await page.getByRole('button', { name: 'New entity' }).click();
    await page.getByRole('dialog').getByLabel('Name of one record', { exact: true }).fill('Visit');
    await page.getByRole('dialog').getByTitle('Place', { exact: true }).click();
    await addToChanges(page);
    await addField(page, 'Date', 'Day');
    await addField(page, 'Text', 'Note', () => page.getByRole('dialog').getByLabel('Show it in the list').uncheck());
    await applyChanges(page, 'Visits');
    await open('/records/x.visit');
    await eventually(async () => (await headings(page)).slice(0, 4), ['Name', 'Day', 'Created', 'Changed']);
    await open('/records/x.visit/new');
    await see(page.locator('[data-field="day"]'));
    await see(page.locator('[data-field="note"]'));

    await open('/studio/entities/x.visit');
    await page.getByRole('tab', { name: 'Names and use' }).click();
    expect(await page.getByRole('radio', { name: 'Place', exact: true }).isChecked()).toBe(true);
    await page.getByRole('radio', { name: 'Place', exact: true }).focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.getByRole('radio', { name: 'Globe' }).isChecked()).toBe(true);
    await applyChanges(page, 'Another icon');
    await open('/studio/entities');
    await see(page.getByRole('link', { name: /^Visit/ }).locator('.lucide-globe-icon'));
  },
);

scene('a view is named in every language when it is made', {}, async ({ page, app, open }) => {
  await open(company);
  await page.getByRole('tab', { name: 'Views' }).click();
  await page.getByRole('button', { name: 'New view' }).click();
  const dialog = page.getByRole('dialog');
  expect(await dialog.getByRole('button', { name: 'Add to changes' }).isDisabled()).toBe(true);
  await dialog.getByLabel('Name', { exact: true }).fill('Big ones');
  await dialog.getByLabel(/^Name in/).fill('大客户');
  await addToChanges(page);
  await eventually(() => page.getByLabel('Name', { exact: true }).inputValue(), 'Big ones');
  await applyChanges(page, 'A view');
  const chinese = await app.admin.get('/api/catalog', { 'accept-language': 'zh-CN' });
  expect(chinese.body.data.views.map((one) => one.title)).toContain('大客户');
});

for (const width of [1440, 390])
  scene(`names complete an expression over the edge of its dialog, ${width} px`, { width }, async ({ page, open }) => {
    await open(company);
    await beginField(page, 'Formula');
    const box = page.getByRole('combobox', { name: 'Formula' });
    await box.fill('e');
    const list = page.getByRole('listbox', { name: 'Fields' });
    await see(list.getByRole('option').first());
    const [place, size] = [await list.boundingBox(), page.viewportSize()];
    expect(place && size && place.y >= 0 && place.y + place.height <= size.height).toBe(true);
    // All of it is in sight: what stands at its last visible place is the list itself, not the dialog's foot.
    const isOnTop = await list.evaluate((element) => {
      const { left, bottom, width: wide } = element.getBoundingClientRect();
      return element.contains(element.ownerDocument.elementFromPoint(left + wide / 2, bottom - 6));
    });
    expect(isOnTop).toBe(true);
    await list.getByRole('option', { name: 'employees' }).click();
    expect(await box.inputValue()).toBe('employees');
    await gone(list);
    await see(page.getByRole('dialog').getByText('Fits: number'));
    await box.press('Escape');
  });

for (const width of [1440, 390])
  scene(
    `the dialogs of the Studio are accessible and fit, ${width} px`,
    { width },
    async ({ page, open }) => {
      await open('/studio');
      await page.getByRole('button', { name: 'New entity' }).click();
      await judge(page, 'new entity');
      await open(company);
      await page.getByRole('button', { name: 'New field' }).click();
      await judge(page, 'gallery');
      await page.keyboard.press('Escape');
      for (const kind of ['Choice', 'Formula', 'Rollup', 'Link to any', 'Links']) {
        await beginField(page, kind);
        if (kind === 'Choice') {
          await page.getByRole('button', { name: 'Add an option' }).click();
          await page.keyboard.type('First');
          await page.getByRole('button', { name: 'Other languages' }).click();
        }
        await page.getByRole('button', { name: 'Conditions' }).click();
        await judge(page, kind);
        await page.keyboard.press('Escape');
        await gone(page.getByRole('dialog'));
      }
      await page.getByRole('tab', { name: 'Forms' }).click();
      await page.getByRole('button', { name: 'New form' }).click();
      await judge(page, 'name of a form');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Settings', exact: true }).click();
      await judge(page, 'layout editor with its settings');
      await page.getByRole('tab', { name: 'Rules' }).click();
      await page.getByRole('button', { name: 'New rule' }).click();
      await judge(page, 'rule');
    },
    240_000,
  );

async function newForm(page: Page, name: string, chinese: string): Promise<void> {
  await page.getByRole('tab', { name: 'Forms' }).click();
  // A new form begins as a copy of the one that is shown.
  await page.getByLabel('Form', { exact: true }).selectOption('Contact');
  await page.getByRole('button', { name: 'New form' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill(name);
  await dialog.getByLabel(/^Name in/).fill(chinese);
  await addToChanges(page);
  await eventually(() => page.getByLabel('Name of the form', { exact: true }).inputValue(), name);
}
async function removeForm(page: Page): Promise<void> {
  const count = await page.getByLabel('Form', { exact: true }).locator('option').count();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await eventually(() => page.getByLabel('Form', { exact: true }).locator('option').count(), count - 1);
}

async function formTitles(app: TestApp): Promise<string[]> {
  const { body } = await app.admin.get('/api/catalog/definitions?type=form');
  return body.data.map((one) => String(one.title));
}

/** No serious finding of axe in light and dark, no raw key, nothing wider than the window. */
async function judge(page: Page, name: string): Promise<void> {
  expect([name, await overflowOf(page), await keysShown(page)]).toEqual([name, 0, []]);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await eventually(() => page.locator('html.dark').count(), colorScheme === 'dark' ? 1 : 0);
    expect([name, await accessFaults(page, colorScheme === 'dark')]).toEqual([name, []]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

async function headings(page: Page): Promise<string[]> {
  const texts = await page.getByRole('columnheader').allInnerTexts();
  return texts.map((text) => text.trim()).filter(Boolean);
}
