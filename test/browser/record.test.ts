import type { TestApp } from '../support/app.js';
import { cellAt } from './support/list.js';
import { useStage } from './support/stage.js';
import { atAddress, eventually, gone, see } from './support/wait.js';

const scene = useStage();

scene('opens a record beside the list, then as a page', {}, async ({ page, open }) => {
  await open('/records/contacts.contact?q=Osterwald');
  await cellAt(page, 0, 0).getByRole('link', { name: 'Katrin Osterwald', exact: true }).click();
  const peek = page.getByRole('complementary', { name: 'Record' });
  await see(peek.getByRole('heading', { name: 'Katrin Osterwald' }));
  await atAddress(page, 'peek=');
  await page.goBack();
  await gone(peek);
  await page.goForward();
  await peek.getByRole('link', { name: 'Open as a page' }).click();
  await see(page.getByRole('heading', { name: 'Katrin Osterwald', level: 1 }));
  await eventually(() => page.title(), 'Katrin Osterwald · Trellis');
});

scene('edits a field in its place; related lists and the timeline show it', {}, async ({ page, app, open }) => {
  await open(await pathOf(app, 'contacts.contact', 'Osterwald'));
  const field = page.locator('[data-field="jobTitle"]');
  await field.getByRole('button', { name: 'Edit Job title' }).click();
  await field.getByRole('textbox').fill('Chair of the board');
  await field.getByRole('textbox').press('Enter');
  await see(field.getByText('Chair of the board'));
  await gone(field.getByRole('textbox'));
  // The Enter that leaves it does not press the pencil, which has the focus then.
  await field.getByRole('button', { name: 'Edit Job title' }).press('Enter');
  await see(field.locator('input:focus'));
  await page.keyboard.press('Enter');
  await see(field.locator('.pencil:focus'));
  await gone(field.getByRole('textbox'));

  const timeline = page.getByRole('complementary', { name: 'Timeline' });
  await see(timeline.getByText('Administrator made changes'));
  await see(timeline.getByText('Chair of the board'));

  await page.getByRole('tab', { name: 'Related' }).click();
  const reports = page.getByRole('region', { name: 'Direct reports' }).first();
  await see(reports.getByRole('link', { name: 'Jürgen Prell' }));
  await reports.getByRole('link', { name: 'Jürgen Prell' }).click();
  await see(page.getByRole('heading', { name: 'Jürgen Prell', level: 1 }));
});

scene('adds a record from a related list', {}, async ({ page, app, open }) => {
  await open(await pathOf(app, 'contacts.company', 'Havelberg Maschinenbau'));
  await page.getByRole('tab', { name: 'Related' }).click();
  const people = page.getByRole('region', { name: 'Contacts' }).first();
  await people.getByRole('button', { name: 'New' }).click();
  const dialog = page.getByRole('dialog', { name: 'New Contact' });
  await see(dialog.locator('[data-field="company"]').getByText('Havelberg Maschinenbau'));
  await dialog.locator('[data-field="firstName"] input').fill('Ottilie');
  await dialog.locator('[data-field="lastName"] input').fill('Aabendroth');
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await gone(dialog);
  await see(people.getByRole('link', { name: 'Ottilie Aabendroth' }));
});

scene('attaches a file, downloads it, deletes it', {}, async ({ page, app, open }) => {
  await open(await pathOf(app, 'contacts.contact', 'Osterwald'));
  await page.getByRole('tab', { name: 'Files' }).click();
  await page
    .getByLabel('Drop files here, or choose them')
    .setInputFiles({ name: '合同 final.txt', mimeType: 'text/plain', buffer: Buffer.from('signed') });
  const link = page.getByRole('link', { name: '合同 final.txt' });
  await see(link);
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  expect(download.suggestedFilename()).toBe('合同 final.txt');
  const href = String(await link.getAttribute('href'));
  expect(await (await page.context().request.get(app.url + href)).text()).toBe('signed');
  await page.getByRole('button', { name: 'Delete 合同 final.txt' }).click();
  await gone(link);
});

// Nothing may be refused: what was just deleted is not asked for again.
scene('deletes a record into the recycle bin and restores it', {}, async ({ page, app, open }) => {
  await open(await pathOf(app, 'contacts.company', 'Senswerk'));
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete', exact: true }).click();
  const question = page.getByRole('dialog', { name: 'Delete "Senswerk"?' });
  await see(question.getByText('It goes to the recycle bin'));
  await question.getByRole('button', { name: 'Delete' }).click();
  await page.waitForURL(/\/records\/contacts\.company$/);
  await see(page.getByText('"Senswerk" deleted.'));

  await page.getByRole('button', { name: 'More for this list' }).click();
  await page.getByRole('menuitem', { name: 'Recycle bin' }).click();
  await see(page.getByRole('heading', { name: 'Recycle bin: Companies' }));
  await page.getByRole('button', { name: 'Restore Senswerk' }).click();
  await see(page.getByRole('heading', { name: 'The recycle bin is empty' }));
  await open(await pathOf(app, 'contacts.company', 'Senswerk'));
  await see(page.getByRole('heading', { name: 'Senswerk', level: 1 }));
});

scene('creates a company: what is wrong is said, then it is made', { refused: /^422 / }, async ({ page, open }) => {
  await open('/records/contacts.company/new');
  await page.locator('[data-field="email"] input').fill('no address');
  await page.locator('[data-field="phone"] input').fill('+44 20 7946 0999');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  const summary = page.getByRole('alert').filter({ hasText: '2 things need your attention' });
  await see(summary);
  await see(page.locator('[data-field="name"]').getByText('Fill this in.'));
  await summary.getByRole('link', { name: 'Name' }).click();
  await see(page.locator('[data-field="name"] input:focus'));
  await page.keyboard.type('Quillon & Töchter');
  await page.locator('[data-field="email"] input').fill('post@quillon.example');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await see(page.getByRole('heading', { name: 'Quillon & Töchter', level: 1 }));
  await see(page.locator('[data-field="accountNumber"]').getByText(/^ACC-\d{5}$/));
  await see(page.locator('[data-field="phone"]').getByText('+44 20 7946 0999'));
});

scene('Enter takes a record that the typed words find, never one of an earlier answer', {}, async ({ page, open }) => {
  await open('/records/contacts.contact/new');
  const field = page.locator('[data-field="company"]');
  const first = page.locator('.is-hovering').and(page.getByRole('option'));
  await field.locator('input').first().fill('a');
  await see(first);
  let answer = (): void => undefined;
  const held = new Promise<void>((done) => (answer = done));
  const asked = page.waitForRequest(/q=senswerk/);
  await page.route(/q=senswerk/, async (route) => {
    await held;
    await route.continue();
  });
  await field.locator('input').first().fill('senswerk');
  await page.keyboard.press('Enter');
  await asked;
  await page.keyboard.press('Enter');
  expect(await field.locator('input').first().inputValue()).toBe('senswerk');
  answer();
  await see(first.filter({ hasText: 'Senswerk' }));
  await page.keyboard.press('Enter');
  await gone(first);
  await see(field.getByText('Senswerk', { exact: true }));
  // Escape takes the words back, and the list that they found.
  await field.locator('input').first().fill('lion');
  await see(first.filter({ hasText: 'Lion' }));
  await page.keyboard.press('Escape');
  await gone(first);
  await see(field.locator('input:focus'));
  await see(field.getByText('Senswerk', { exact: true }));
});

scene('an empty rating is given in its place', {}, async ({ page, app, open }) => {
  const made = await app.admin.post('/api/records/contacts.contact', { lastName: 'Unrated' });
  await open(`/records/contacts.contact/${String(made.body.data.id)}`);
  const field = page.locator('[data-field="relationship"]');
  await field.getByRole('button', { name: /^Edit / }).click();
  await field.locator('.el-rate__item').nth(3).click();
  const rating = async () =>
    (await app.admin.get(`/api/records/contacts.contact/${String(made.body.data.id)}?fields=relationship`)).body.data
      .relationship;
  await eventually(rating, 4);
});

scene('keeps what was typed when one leaves the form', {}, async ({ page, open }) => {
  await open('/records/contacts.company/new');
  await page.locator('[data-field="name"] input').fill('Half a company');
  await page.getByRole('link', { name: 'Contacts', exact: true }).click();
  await page.getByRole('dialog', { name: 'Leave without saving?' }).getByRole('button', { name: 'Leave' }).click();
  await see(page.getByRole('heading', { name: 'Contacts', level: 1 }));
  await open('/records/contacts.company/new');
  await page.getByRole('button', { name: 'Restore' }).click();
  await eventually(() => page.locator('[data-field="name"] input').inputValue(), 'Half a company');
});

scene('a status that is no path is a chip with a menu', {}, async ({ page, app, open }) => {
  await open(await pathOf(app, 'contacts.company', 'Wattle Creek Winery'));
  await page.getByRole('button', { name: 'Type: Customer. Change' }).click();
  await page.getByRole('menuitem', { name: 'Supplier' }).click();
  await see(page.getByRole('button', { name: 'Type: Supplier. Change' }));
});

scene('the timeline goes back as far as there is something', {}, async ({ page, app, open }) => {
  const path = await pathOf(app, 'contacts.company', 'Quantor Instruments');
  const regarding = { entity: 'contacts.company', id: path.split('/').at(-1) ?? '' };
  for (let call = 0; call < 45; call++) {
    const made = await app.admin.post('/api/records/contacts.activity', {
      subject: `Weekly call ${String(call).padStart(2, '0')}`,
      type: 'call',
      regarding,
    });
    expect(made.status).toBe(201);
  }
  await open(path);
  await see(page.getByText('Weekly call 44'));
  expect(await page.getByText('Weekly call 00').count()).toBe(0);
  await page.getByRole('button', { name: 'Show earlier' }).click();
  await see(page.getByText('Weekly call 00'));
});

async function pathOf(app: TestApp, entity: string, q: string): Promise<string> {
  const answer = await app.admin.get(`/api/records/${entity}?fields=id&limit=1&q=${encodeURIComponent(q)}`);
  return `/records/${entity}/${String(answer.body.data[0].id)}`;
}
