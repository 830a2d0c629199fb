import type { Page } from 'playwright-core';
import { accessFaults, keysShown, overflowOf } from './support/audit.js';
import { settled, useStage } from './support/stage.js';
import { eventually, gone, see } from './support/wait.js';

const scene = useStage();
const entity = '/studio/entities/x.project';

scene(
  'makes an entity with fields, a formula, a rule, a form and a board, and works with it at once',
  // The rule is broken on purpose.
  { refused: /^422 / },
  async ({ page, app, open }) => {
    await open('/studio');
    await page.getByRole('button', { name: 'New entity' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name of one record').fill('Project');
    await dialog.getByLabel(/^Label in/).fill('项目');
    await add(page);

    await field(page, 'Decimal number', 'Budget');
    await field(page, 'Decimal number', 'Spent');
    await field(page, 'Date', 'Due', async () => {
      await dialog.getByRole('button', { name: 'Conditions' }).click();
      await dialog.getByRole('combobox', { name: 'Required when' }).fill("stage == 'running'");
      await see(dialog.getByText('There is no field "stage"'));
      await dialog.getByRole('combobox', { name: 'Required when' }).fill('spent > 0');
    });
    await field(page, 'Choice', 'Stage', async () => {
      for (const [n, title] of ['Planned', 'Running'].entries()) {
        await dialog.getByRole('button', { name: 'Add an option' }).click();
        await dialog.getByLabel(`Option ${n + 1}`, { exact: true }).fill(title);
      }
      await dialog.getByRole('button', { name: 'Colour of Running' }).click();
      await page.getByRole('menuitem', { name: 'Green', exact: true }).click();
      await dialog.getByRole('button', { name: 'Other languages' }).click();
      await dialog.getByLabel(/^Planned in/).fill('计划');
    });
    await field(page, 'Formula', 'Left', async () => {
      const formula = dialog.getByRole('combobox', { name: 'Formula' });
      await formula.fill('budget - spnt');
      await see(dialog.getByText('There is no field "spnt"'));
      await formula.fill('budget - ');
      await formula.press('End');
      await formula.pressSequentially('spe');
      await formula.press('ArrowDown');
      await formula.press('Enter');
      expect(await formula.inputValue()).toBe('budget - spent');
      await see(dialog.getByText('Fits: number'));
    });

    await page.getByRole('tab', { name: 'Forms' }).click();
    await page.getByRole('button', { name: 'Menu of Spent' }).click();
    await page.getByRole('menuitem', { name: 'Move up' }).click();
    await page.getByRole('button', { name: 'Menu of Stage' }).click();
    await page.getByRole('menuitem', { name: 'Take off the form' }).click();
    await page.getByRole('button', { name: 'Put Stage on the form' }).click();
    const listed = page.getByRole('region', { name: 'Details' }).locator('li');
    await eventually(() => listed.allInnerTexts(), ['Name', 'Spent', 'Budget', 'Due', 'Left', 'Stage']);

    await page.getByRole('tab', { name: 'Views' }).click();
    await page.getByRole('button', { name: 'New view' }).click();
    await dialog.getByLabel('Name', { exact: true }).fill('By stage');
    await add(page);
    await page.getByLabel('Shown as').selectOption('board');

    await page.getByRole('tab', { name: 'Rules' }).click();
    await page.getByRole('button', { name: 'New rule' }).click();
    await dialog.getByRole('combobox', { name: 'Must be true' }).fill('spent <= budget');
    await dialog.getByLabel('Text in English').fill('Spend no more than the budget.');
    await add(page);

    await page.getByRole('link', { name: 'Review and apply' }).click();
    await see(page.getByText('Project: new field Left'));
    await apply(page, 'We run projects');

    await page.getByRole('link', { name: 'Projects' }).first().click();
    await settled(page);
    await open('/records/x.project/new');
    await page.locator('[data-field="name"] input').fill('Bridge');
    await page.locator('[data-field="budget"] input').fill('100');
    await page.locator('[data-field="spent"] input').fill('120');
    await page.keyboard.press('Tab');
    await see(page.locator('[data-field="due"]').getByText('*'));
    await page.locator('[data-field="due"] input').fill('2026-05-31');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await see(page.getByText('Spend no more than the budget.'));
    await page.locator('[data-field="spent"] input').fill('30');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await see(page.getByRole('heading', { name: 'Bridge', level: 1 }));
    await see(page.locator('[data-field="left"]').getByText('70'));
    const { body } = await app.admin.get('/api/records/x.project?fields=name,left,due');
    expect(body.data[0]).toMatchObject({ name: 'Bridge', left: 70, due: '2026-05-31' });

    await page.locator('[data-field="spent"]').getByRole('button', { name: 'Edit Spent' }).click();
    await page.locator('[data-field="spent"] input').fill('50');
    await page.locator('[data-field="spent"] input').press('Enter');
    await see(page.locator('[data-field="left"]').getByText('50'));
    await page
      .getByRole('button', { name: /^As it was on/ })
      .last()
      .click();
    await see(page.getByRole('dialog', { name: 'As it was' }).locator('[data-field="left"]').getByText('70'));
  },
  120_000,
);

scene('a label of a plugin is changed, tells where it comes from, and is set back', {}, async ({ page, open }) => {
  await open('/studio/entities/contacts.company');
  await rename(page, 'Website', 'Home page');
  await page.getByRole('link', { name: 'Review and apply' }).click();
  await see(page.getByText('Company: “Website” is called “Home page”'));
  await apply(page, 'Our word for it');
  await open('/records/contacts.company/new');
  await see(page.locator('[data-field="website"]').getByText('Home page'));

  await open('/studio/entities/contacts.company');
  await page
    .getByRole('row', { name: /^Home page/ })
    .getByRole('button', { name: /^Comes from/ })
    .click();
  await see(page.getByText(/^Label · Administrator/));
  await page.getByRole('button', { name: 'Set back to the original' }).click();
  await see(page.getByRole('button', { name: 'Website', exact: true }));
  await page.getByRole('link', { name: 'Review and apply' }).click();
  await apply(page, 'Back again');
  await open('/studio/entities/contacts.company');
  await see(page.getByRole('button', { name: 'Website', exact: true }));
});

scene('a change set is kept as a draft, opened, applied and reverted', {}, async ({ page, open }) => {
  await open('/studio/entities/contacts.contact');
  await field(page, 'Text', 'Nickname');
  await page.getByRole('link', { name: 'Review and apply' }).click();
  await page.getByLabel('Why').fill('Nicknames');
  await page.getByRole('button', { name: 'Save as draft' }).click();
  const card = page.getByRole('listitem').filter({ hasText: 'Nicknames' }).first();
  await see(card.getByText('Draft'));
  await gone(page.getByRole('link', { name: 'Review and apply' }));
  await card.getByRole('button', { name: 'Open' }).click();
  await eventually(() => page.getByLabel('Why').inputValue(), 'Nicknames');
  await apply(page, 'Nicknames');
  await see(card.getByText('Applied'));

  await open('/records/contacts.contact/new');
  await see(page.getByText('Nickname'));
  await open('/studio/changes');
  await card.getByRole('button', { name: 'Revert' }).click();
  const dialog = page.getByRole('dialog');
  await see(dialog.getByText('Contact: the field Nickname goes'));
  await dialog.getByRole('button', { name: 'Revert' }).click();
  await gone(dialog);
  await see(page.getByText('Reverted', { exact: true }));
  await open('/records/contacts.contact/new');
  await gone(page.getByText('Nickname'));
});

scene('what a change would break is named, and taken out where one says so', {}, async ({ page, open }) => {
  await open('/studio/entities/contacts.company');
  await page.getByRole('button', { name: 'Menu of Fax' }).click();
  await page.getByRole('menuitem', { name: 'Retire' }).click();
  await page.getByRole('link', { name: 'Review and apply' }).click();
  await see(page.getByText('Company: Fax is retired; its data stay'));
  await see(page.getByRole('heading', { name: 'What would break' }));
  const button = page.getByRole('button', { name: 'Apply to everybody' });
  expect(await button.isDisabled()).toBe(true);
  await page.getByLabel('Take the broken references out where they are entries of a list').check();
  await eventually(() => button.isEnabled(), true);
  await page.getByRole('button', { name: 'Drop all' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Drop all' }).click();
  await see(page.getByText('Nothing to review'));
});

scene('conditions are built as controls, over a field that is not applied yet', {}, async ({ page, open }) => {
  await open('/studio/entities/contacts.company');
  await field(page, 'Decimal number', 'Risk');
  await field(page, 'Text', 'Reason', async () => {
    const dialog = page.getByRole('dialog', { name: /^New field/ });
    await dialog.getByRole('button', { name: 'Conditions' }).click();
    await dialog.getByRole('button', { name: 'Shown when: As conditions' }).click();
    const builder = page.getByRole('dialog', { name: 'Shown when' });
    await builder.getByRole('button', { name: 'Condition', exact: true }).click();
    await builder.getByLabel('Field', { exact: true }).selectOption('x_risk');
    await builder.getByLabel('Operator', { exact: true }).selectOption('gt');
    await builder.locator('.value input').fill('5');
    await builder.locator('.value input').press('Tab');
    await builder.getByRole('button', { name: 'Apply' }).click();
    await eventually(() => dialog.getByRole('combobox', { name: 'Shown when' }).inputValue(), 'x_risk > 5');
  });
  // Each field, its place on the form and its column.
  await see(page.getByText('6 changes'));
  await page.getByRole('button', { name: 'Undo' }).click();
  await gone(page.getByRole('button', { name: 'Reason', exact: true }));
});

scene(
  'a plugin without code is installed after a look at its plan, and taken into the workspace',
  {},
  async ({ page, open }) => {
    await open('/studio/packages');
    const files = {
      'plugin.json': { id: 'hats', version: '1.0.0', title: 'Hats', requires: {} },
      'entities/hat.json': {
        $id: 'hats.hat',
        title: 'Hat',
        type: 'object',
        properties: { name: { title: 'Name', type: 'string', 'x-field': { kind: 'text' } } },
        'x-entity': { titleField: 'name', titlePlural: 'Hats', icon: 'box', ownership: 'principal' },
      },
    };
    const buffer = Buffer.from(JSON.stringify({ files }));
    await page.locator('input[type="file"]').setInputFiles({ name: 'hats.json', mimeType: 'application/json', buffer });
    await see(page.getByText('New entity Hat'));
    await page.getByRole('button', { name: 'Install', exact: true }).click();
    await see(page.getByText('hats.json is installed.'));
    await open('/records/hats.hat/new');
    await see(page.getByRole('heading', { name: 'New Hat', level: 1 }));

    await open('/studio/packages');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('trellis-workspace.json');
  },
);

for (const width of [1440, 390])
  scene(
    `the tabs of an entity are accessible and fit, ${width} px`,
    { width },
    async ({ page, open }) => {
      await open('/studio/entities/contacts.company');
      for (const name of ['Fields', 'Forms', 'Views', 'Rules', 'Record types', 'Names and use']) {
        await page.getByRole('tab', { name }).click();
        await settled(page);
        expect([name, await overflowOf(page)]).toEqual([name, 0]);
        expect(await keysShown(page)).toEqual([]);
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          await eventually(() => page.locator('html.dark').count(), colorScheme === 'dark' ? 1 : 0);
          expect([name, await accessFaults(page, colorScheme === 'dark')]).toEqual([name, []]);
        }
      }
    },
    120_000,
  );

scene('the Studio in Chinese shows no raw keys', { locale: 'zh-CN' }, async ({ page, open }) => {
  await open(entity.replace('x.project', 'contacts.contact'));
  for (const tab of await page.getByRole('tab').all()) {
    await tab.click();
    await settled(page);
    expect(await keysShown(page)).toEqual([]);
  }
  await page.getByRole('tab').first().click();
  await page.locator('button.name').first().click();
  await see(page.getByRole('dialog'));
  expect(await keysShown(page)).toEqual([]);
});

/** Adds a field of a kind in the dialog; `more` fills in what the kind needs. */
async function field(page: Page, kind: string, label: string, more?: () => Promise<void>): Promise<void> {
  await page.getByRole('button', { name: 'New field' }).click();
  const dialog = page.getByRole('dialog');
  await dialog
    .locator('button')
    .filter({ has: page.locator('.name', { hasText: new RegExp(`^${kind}$`) }) })
    .click();
  await dialog.getByLabel('Label', { exact: true }).fill(label);
  await more?.();
  await add(page);
  await see(page.getByRole('button', { name: label, exact: true }));
}

async function rename(page: Page, from: string, to: string): Promise<void> {
  await page.getByRole('button', { name: from, exact: true }).click();
  await page.getByRole('dialog').getByLabel('Label', { exact: true }).fill(to);
  await add(page);
}

async function add(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Add to changes' }).click();
  await gone(dialog);
}

async function apply(page: Page, reason: string): Promise<void> {
  await page.getByLabel('Why').fill(reason);
  await page.getByRole('button', { name: 'Apply to everybody' }).click();
  await see(page.getByRole('heading', { name: 'Change history', level: 1 }));
  await settled(page);
}
