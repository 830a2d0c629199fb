import type { Locator, Page } from 'playwright-core';
import type { TestApp } from '../support/app.js';
import { expectOk, type Client } from '../support/client.js';
import { settledPerson } from '../support/people.js';
import { watchFaults } from './support/faults.js';
import { useStage } from './support/stage.js';
import { apply, bothThemes, definition, signedIn } from './support/studio.js';
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

scene(
  'a sharing rule is added, explained on the record, and removed',
  {},
  async ({ page, app, open }) => {
    const bea = await app.member({ name: 'Bea' });
    const made = await app.admin.post('/api/records/contacts.company', { name: 'Quay Works', type: 'customer' });
    const { id } = expectOk(made, 201).body.data as unknown as { id: string };
    const path = `/records/contacts.company/${id}`;
    const sees = async (): Promise<number> => (await bea.get(`/api${path}`)).status;

    // Before: nothing reaches her, and that is said.
    await open(path);
    await takeEntry(page, 'More actions', 'Who sees this?');
    await see(page.getByRole('heading', { name: 'Who sees this', level: 1 }));
    await page.getByLabel('User', { exact: true }).fill('Bea');
    // What answers these words: the list before it goes as that comes.
    await page
      .locator('.is-hovering')
      .and(page.getByRole('option', { name: 'Bea' }))
      .click();
    await see(page.getByText('The user does not own this record, and nothing shares it with them'));
    expect(await sees()).toBe(404);
    await bothThemes(page);

    await open('/studio/access?tab=sharing');
    await page.getByRole('button', { name: 'New sharing rule' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Customers are everybody’s');
    await dialog.getByLabel('Entity', { exact: true }).selectOption('contacts.company');
    await dialog.getByLabel('Condition', { exact: true }).fill('type == "customer"');
    await dialog.getByLabel('Shared with').fill('Every');
    await page.getByRole('option', { name: 'Everyone' }).click();
    await page.keyboard.press('Tab');
    await dialog.getByLabel('Until').fill('2099-05-04 18:00');
    await dialog.getByLabel('Until').press('Enter');
    await bothThemes(page);
    await addToChanges(page);
    await see(page.getByRole('listitem').getByText(/^until May 4, 2099/));
    await apply(page, 'Customers for all');
    await eventually(sees, 200);

    await open(`${path}/access?user=${bea.id}`);
    const rule = page.getByRole('link', { name: /^The sharing rule Customers are everybody’s, until May 4, 2099/ });
    await see(rule);
    await see(page.getByText('The user may read this record, but not change it'));
    await rule.click();
    const card = page.getByRole('listitem').filter({ hasText: 'Customers are everybody’s' });
    await see(card);
    await card.getByRole('button', { name: /^Remove/ }).click();
    await gone(card);
    await apply(page, 'Not for all any more');
    await eventually(sees, 404);
  },
  180_000,
);

scene(
  'a record is shared with an end, shown, and its share ended',
  {},
  async ({ page, app, open }) => {
    const cid = await app.member({ name: 'Cid' });
    const made = await app.admin.post('/api/records/contacts.company', { name: 'Lone Pine' });
    const { id } = expectOk(made, 201).body.data as unknown as { id: string };
    const path = `/records/contacts.company/${id}`;
    expectOk(await app.admin.post('/api/records/core.team', { name: 'Field office' }), 201);
    await open(path);
    await takeEntry(page, 'More actions', 'Share…');
    const dialog = page.getByRole('dialog');
    const choose = async (name: string, kind: string): Promise<void> => {
      await dialog.getByLabel('With whom').fill(name);
      const found = page.locator('.is-hovering').and(page.getByRole('option', { name }));
      await see(found.getByText(kind, { exact: true }));
      await page.keyboard.press('Enter');
      await gone(found);
    };
    await choose('Cid', 'User');
    await dialog.getByLabel('Access', { exact: true }).selectOption('edit');
    await dialog.getByLabel('Until').fill('2099-05-04 18:00');
    await dialog.getByLabel('Until').press('Enter');
    await dialog.getByLabel('Reason').fill('Holidays');
    await dialog.getByRole('button', { name: 'Share', exact: true }).click();
    const share = dialog.getByRole('listitem').filter({ hasText: 'Cid' });
    await see(share);
    await see(share.getByText(/until May 4, 2099.*Holidays/));
    await see(dialog.locator('input:focus').and(dialog.getByLabel('With whom')));
    await bothThemes(page);
    expectOk(await cid.patch(`/api${path}`, { phone: '+4930123456' }), 200);
    await share.getByRole('button', { name: 'End sharing with Cid' }).click();
    await see(dialog.getByText('Not shared with single users or teams.'));
    await choose('Field office', 'Team');
    await dialog.getByRole('button', { name: 'Share', exact: true }).click();
    await see(
      dialog
        .getByRole('listitem')
        .filter({ hasText: 'Field office' })
        .getByText(/^Team · /),
    );
    await dialog.getByRole('button', { name: 'End sharing with Field office' }).click();
    await see(dialog.getByText('Not shared with single users or teams.'));
    expect((await cid.get(`/api${path}`)).status).toBe(404);
  },
  120_000,
);

scene(
  'what another superior gives and takes is told before the user is saved',
  {},
  async ({ page, app, open }) => {
    const hand = await app.member({ name: 'Hand' });
    const head = await app.member({ name: 'Head' });
    expectOk(await hand.post('/api/records/contacts.company', { name: 'Low Quay Works' }), 201);
    await open('/settings/users');
    await takeEntry(page, 'Menu of Hand', 'Edit');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reports to').selectOption(head.id);
    await dialog.getByRole('button', { name: 'What changes' }).click();
    const impact = dialog.getByRole('region', { name: 'Who sees and may do what then' });
    await see(impact.getByText('+1 record'));
    await impact.getByText('Head', { exact: true }).click();
    await see(impact.getByText('Sees 1 more record: Low Quay Works'));
    await bothThemes(page);
    // Another choice is another question.
    await dialog.getByLabel('Reports to').selectOption('');
    await gone(impact);
    await dialog.getByLabel('Reports to').selectOption(head.id);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await gone(dialog);
    await eventually(() => titles(head, 'contacts.company'), ['Low Quay Works']);
  },
  180_000,
);

scene(
  'of two administrators who change one role the later one is refused, told whose change it was, and chooses place by place',
  { refused: /^409 \/api\/catalog\/apply$/ },
  async ({ page, app, open }) => {
    const path = '/studio/access/roles/core.member';
    const first = await signedIn(page, app, await settledPerson(app, ['core.administrator']));
    const faults = watchFaults(first);
    try {
      await open(path);
      await first.goto(app.url + path);
      await name(first, 'Coworker', 'Every employee');
      await name(page, 'Colleague', 'Whoever works here');
      // Both look their plans through, and nothing is in the way of either.
      const button = page.getByRole('button', { name: 'Apply to everybody' });
      await page.getByRole('link', { name: 'Review and apply' }).click();
      await eventually(() => button.isEnabled(), true);
      await apply(first, 'A better name');

      await button.click();
      const card = page.getByRole('alert', { name: 'Somebody changed the same meanwhile' });
      const place = (words: string): Locator => card.getByRole('listitem').filter({ hasText: words });
      await see(place('Coworker').getByText(/^Someone 1, .*A better name$/));
      await see(card.getByText('Colleague', { exact: true }));
      expect(await button.isDisabled()).toBe(true);
      expect(await roleNow(app)).toEqual(['Coworker', 'Every employee']);
      await bothThemes(page);
      // Nothing of it is lost by leaving, and it is told before anything is applied.
      await open('/studio/review');
      await see(place('Coworker'));
      // One place decided leaves the other one to be decided.
      await place('Coworker').getByRole('button', { name: 'Replace with mine' }).click();
      await gone(place('Coworker'));
      await see(place('Every employee'));
      expect(await button.isDisabled()).toBe(true);
      await place('Every employee').getByRole('button', { name: 'Keep theirs' }).click();
      await gone(card);
      await button.click();
      await eventually(() => roleNow(app), ['Colleague', 'Every employee']);
      expect(faults).toEqual([]);
    } finally {
      await first.context().close();
    }
  },
  180_000,
);

async function name(page: Page, title: string, purpose: string): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(title);
  await page.getByLabel('Who should have it').fill(purpose);
  await page.getByLabel('Who should have it').blur();
}

async function roleNow({ admin }: TestApp): Promise<string[]> {
  const { title, description } = await definition(admin, 'role', 'core.member');
  return [String(title), String(description)];
}
