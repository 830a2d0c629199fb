import type { Locator, Page } from 'playwright-core';
import { expectOk, type Client } from '../support/client.js';
import { useStage } from './support/stage.js';
import { apply, bothThemes } from './support/studio.js';
import { addToChanges, takeEntry } from './support/studio-steps.js';
import { eventually, gone, see } from './support/wait.js';

const scene = useStage();

const cell = (page: Page, right: string, entity: string): Locator =>
  page.getByLabel(`${right}: ${entity}`, { exact: true });
const titles = async (client: Client, entity: string): Promise<string[]> => {
  const { data } = expectOk(await client.get(`/api/records/${entity}?fields=id,name&sort=name&limit=500`), 200).body;
  return (data as unknown as { name: string }[]).map(({ name }) => name);
};

scene(
  'a new role is made, foreseen, and given to a user, who then may exactly what it says',
  {},
  async ({ page, app, open }) => {
    const ann = await app.member({ name: 'Ann' });
    expect(await titles(ann, 'contacts.company')).toEqual([]);

    await open('/studio/access');
    await bothThemes(page);
    await page.getByRole('button', { name: 'New role' }).click();
    await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('Reader');
    await addToChanges(page);
    await see(page.getByRole('heading', { name: 'Reader', level: 1 }));
    // It begins with what everybody needs, and nothing of anything else.
    await eventually(() => cell(page, 'Read', 'Companies').inputValue(), 'none');
    expect(await cell(page, 'Read', 'Users').inputValue()).toBe('all');
    expect(await cell(page, 'Export', 'Companies').isDisabled()).toBe(true);
    await cell(page, 'Read', 'Companies').selectOption('all');
    await page.getByRole('button', { name: 'Fields and conditions: Companies' }).click();
    await page.getByLabel('Phone', { exact: true }).selectOption('none');
    await apply(page, 'Readers see companies');

    await open('/settings/users');
    await takeEntry(page, 'Menu of Ann', 'Edit');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Reader/).check();
    await dialog.getByLabel(/^Member/).uncheck();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await gone(dialog);

    const all = await titles(app.admin, 'contacts.company');
    await eventually(() => titles(ann, 'contacts.company'), all);
    const one = expectOk(await ann.get('/api/records/contacts.company?limit=1'), 200).body.data[0];
    expect(Object.keys(one)).toContain('website');
    expect(Object.keys(one)).not.toContain('phone');
    expect((await ann.get('/api/records/contacts.contact')).status).toBe(404);
    expect((await ann.post('/api/records/contacts.company', { name: 'Mine' })).status).toBe(403);

    // What taking it back would do is told before it is done, user by user.
    await open('/studio/access/roles/x.reader');
    await page.getByRole('button', { name: 'Fields and conditions: Companies' }).click();
    await bothThemes(page);
    await cell(page, 'Read', 'Companies').selectOption('none');
    await page.getByRole('link', { name: 'Review and apply' }).click();
    const impact = page.getByRole('region', { name: 'Who sees and may do what then' });
    await see(impact.getByText(`−${all.length} records`));
    await impact.getByText('Ann').click();
    await see(impact.getByText(`No longer sees ${all.length} records`));
    await bothThemes(page);
    await page.getByRole('button', { name: 'Drop all' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Drop all' }).click();
    await gone(page.getByRole('status').getByText(/changes?$/));
    expect(await titles(ann, 'contacts.company')).toEqual(all);
  },
  180_000,
);
