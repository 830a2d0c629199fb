import type { Page } from 'playwright-core';
import { CONTEXTS } from '../../core/base/tokens.js';
import { JOBS, type Jobs } from '../../core/jobs/index.js';
import type { ContextFactory } from '../../core/sdk/index.js';
import { useStage } from './support/stage.js';
import { eventually, gone, see } from './support/wait.js';

const scene = useStage();

scene('makes a user, whose one-time password is shown once', {}, async ({ page, app, open }) => {
  await open('/settings/users');
  await page.getByRole('button', { name: 'New user' }).click();
  const dialog = page.getByRole('dialog', { name: 'New user' });
  await dialog.getByLabel('Name').fill('Mary Somerville');
  await dialog.getByLabel('Mail address').fill('mary@example.com');
  await dialog.getByLabel('Reports to').selectOption({ index: 1 });
  await dialog.getByLabel('By a one-time password').check();
  await dialog.getByRole('button', { name: 'Create and show password' }).click();
  const secret = page.getByRole('dialog', { name: 'One-time password' });
  const password = await secret.getByTestId('secret').innerText();
  expect((await app.anonymous.post('/api/session', { email: 'mary@example.com', password })).status).toBe(200);
  await secret.getByRole('button', { name: 'I have saved it' }).click();
  await gone(secret);
  const row = page.getByRole('row').filter({ hasText: 'Mary Somerville' });
  await see(row.getByText('Password not changed'));
  expect(await page.getByText(password).count()).toBe(0);
  const users = (await app.admin.get('/api/users')).body.data;
  const mary = users.find(({ name }) => String(name) === 'Mary Somerville');
  expect(users.map(({ id }) => id)).toContain(mary?.reportsTo);

  const desktop = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  for (const text of ['Member', 'Password not changed', 'Never']) {
    const box = await row.getByText(text, { exact: true }).boundingBox();
    expect(box !== null && box.x >= 0 && box.x + box.width <= 390).toBe(true);
  }
  await page.setViewportSize(desktop ?? { width: 1280, height: 800 });

  await row.getByRole('button', { name: 'Menu of Mary Somerville' }).click();
  await page.getByRole('menuitem', { name: 'Suspend' }).click();
  await page.getByRole('dialog', { name: 'Suspend Mary Somerville?' }).getByRole('button', { name: 'Suspend' }).click();
  await see(row.getByText('Suspended'));
});

scene('makes an API key, shown once, and revokes it', {}, async ({ page, app, open }) => {
  await open('/settings/keys');
  await page.getByRole('button', { name: 'New API key' }).click();
  const dialog = page.getByRole('dialog', { name: 'New API key' });
  await dialog.getByLabel('Name').fill('nightly report');
  await dialog.getByLabel('May').selectOption({ label: 'Only read' });
  await dialog.getByRole('button', { name: 'Create and show key' }).click();
  const secret = page.getByRole('dialog', { name: 'Your API key' });
  const key = await secret.getByTestId('secret').innerText();
  await secret.getByRole('button', { name: 'Copy' }).click();
  await see(secret.getByRole('button', { name: 'Copied' }));
  const reader = app.anonymous.with({ authorization: `Bearer ${key}` });
  expect((await reader.get('/api/records/contacts.company?limit=1')).status).toBe(200);
  expect((await reader.post('/api/records/contacts.company', { name: 'No' })).status).toBe(403);
  await secret.getByRole('button', { name: 'I have saved it' }).click();

  await page.getByRole('button', { name: 'Revoke nightly report' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await gone(page.getByRole('row').filter({ hasText: 'nightly report' }));
  expect((await reader.get('/api/records/contacts.company?limit=1')).status).toBe(401);
});

scene('makes a team with a member, once it was seen what that changes', {}, async ({ page, app, open }) => {
  await open('/settings/teams');
  await page.getByRole('button', { name: 'New team' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New team' });
  await dialog.getByRole('textbox').fill('Northern accounts');
  await dialog.getByRole('button', { name: /Create|Save/ }).click();
  await see(page.getByRole('heading', { name: 'Northern accounts' }));
  const team = page.getByRole('region', { name: 'Northern accounts' });
  await team.getByLabel('Add a member').selectOption({ label: 'Administrator' });
  const joins = page.getByRole('dialog', { name: 'Add Administrator to Northern accounts?' });
  await joins.getByRole('button', { name: 'What changes' }).click();
  await see(joins.getByText('Nobody gains or loses anything.'));
  expect((await app.admin.get('/api/records/core.teamMember')).body.data).toHaveLength(0);
  await joins.getByRole('button', { name: 'Add', exact: true }).click();
  await gone(joins);
  await team.getByRole('button', { name: 'Remove Administrator from the team' }).click();
  const leaves = page.getByRole('dialog', { name: 'Remove Administrator from Northern accounts?' });
  await leaves.getByRole('button', { name: 'Remove', exact: true }).click();
  await see(team.getByText('No members yet.'));

  await team.getByRole('button', { name: 'Menu of Northern accounts' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  const goes = page.getByRole('dialog', { name: 'Delete the team Northern accounts?' });
  await goes.getByRole('button', { name: 'What changes' }).click();
  await see(goes.getByText('Nobody gains or loses anything.'));
  await goes.getByRole('button', { name: 'Delete', exact: true }).click();
  await gone(team);
});

scene('tells what a territory changes before it moves, is joined or goes', {}, async ({ page, app, open }) => {
  await app.admin.post('/api/records/core.territory', { name: 'Iberia' });
  await open('/settings/territories');
  const iberia = page.getByRole('listitem', { name: 'Iberia' });
  const nothing = 'Nobody gains or loses anything.';
  await iberia.getByRole('button', { name: 'Add a member' }).click();
  await iberia.getByRole('combobox').fill('Administrator');
  // What answers these words: the list before it goes as that comes.
  await page
    .locator('.is-hovering')
    .and(page.getByRole('option', { name: 'Administrator' }))
    .click();
  const joins = page.getByRole('dialog', { name: 'Add Administrator to Iberia?' });
  await joins.getByRole('button', { name: 'What changes' }).click();
  await see(joins.getByText(nothing));
  await joins.getByRole('button', { name: 'Add', exact: true }).click();
  await see(iberia.getByRole('button', { name: 'Remove Administrator from the territory' }));

  await iberia.getByRole('button', { name: 'Menu of Iberia' }).click();
  await page.getByRole('menuitem', { name: 'Rename or move' }).click();
  const moves = page.getByRole('dialog', { name: 'Rename or move' });
  await moves.getByLabel('Part of').selectOption({ label: 'Europe' });
  await moves.getByRole('button', { name: 'What changes' }).click();
  await see(moves.getByText(nothing));
  await moves.getByRole('button', { name: 'Save' }).click();
  await gone(moves);

  await iberia.getByRole('button', { name: 'Menu of Iberia' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  const goes = page.getByRole('dialog', { name: 'Delete the territory Iberia?' });
  await goes.getByRole('button', { name: 'What changes' }).click();
  await see(goes.getByText(nothing));
  await goes.getByRole('button', { name: 'Delete', exact: true }).click();
  await gone(iberia);
});

scene('shows plugins, jobs and backups; a backup can be made', {}, async ({ page, open }) => {
  await open('/settings/plugins');
  await see(page.getByRole('listitem').filter({ hasText: 'Contacts' }).getByText('Enabled'));
  await open('/settings/jobs');
  await see(page.getByRole('heading', { name: 'Jobs', level: 1 }));
  // Every schedule has a name and says in words when it is; on a telephone too, without scrolling sideways.
  const schedules = page.getByRole('table', { name: 'Schedules' }).locator('tbody tr');
  await see(schedules.filter({ hasText: 'Apply retention rules' }).getByText('Every day at 03:25'));
  expect(await schedules.filter({ has: page.locator('td:first-child p') }).count()).toBe(await schedules.count());
  await page.setViewportSize({ width: 390, height: 844 });
  const zone = await schedules.first().locator('td').nth(2).boundingBox();
  expect(zone !== null && zone.x + zone.width <= 390).toBe(true);
  await page.setViewportSize({ width: 1440, height: 900 });
  await open('/settings/backups');
  await page.getByRole('button', { name: 'Make a backup now' }).first().click();
  await see(page.getByText('Backup made.'));
  await see(page.getByRole('link', { name: /^Download the backup of / }));
});

scene('tells plugins in the language of the page', { locale: 'zh-CN' }, async ({ page, open }) => {
  await open('/settings/plugins');
  const contacts = page.getByRole('listitem').filter({ hasText: '公司、联系人，以及与他们往来的一切活动。' });
  await see(contacts.getByRole('heading', { name: /联系人/ }));
  await see(contacts.getByText('需要 内核'));
});

scene('switches language and theme at run time and keeps both', {}, async ({ page, open }) => {
  await open('/records/contacts.company');
  await page.getByRole('button', { name: /^Your menu/ }).click();
  await page.getByRole('menuitem', { name: '简体中文' }).click();
  await see(page.getByRole('heading', { name: '公司', level: 1 }));
  await see(page.getByRole('columnheader', { name: /^名称/ }));
  await eventually(() => page.locator('html').getAttribute('lang'), 'zh-CN');
  await page.getByRole('button', { name: /^(您的)?.*Administrator/ }).click();
  await page.getByRole('menuitem', { name: '深色' }).click();
  await see(page.locator('html.dark'));
  await page.reload();
  await see(page.locator('html.dark[lang="zh-CN"]'));
  await see(page.getByRole('heading', { name: '公司', level: 1 }));
  await speakEnglish(page);
});

scene('finds, goes and acts by the command palette, by keyboard alone', {}, async ({ page, open }) => {
  await open('/');
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Command palette' });
  await see(palette.locator('input:focus'));
  await page.keyboard.type('Osterwald');
  await see(palette.getByRole('option', { name: /Katrin Osterwald/ }));
  await page.keyboard.press('ArrowDown');
  await eventually(() => palette.getByRole('option').first().getAttribute('data-highlighted'), '');
  await page.keyboard.press('Enter');
  await see(page.getByRole('heading', { name: 'Katrin Osterwald', level: 1 }));
  await gone(palette);

  await page.keyboard.press('Control+k');
  await see(palette.locator('input:focus'));
  await page.keyboard.type('theme: dark');
  await eventually(() => palette.getByRole('option').allInnerTexts(), ['Theme: Dark']);
  await page.keyboard.press('ArrowDown');
  await eventually(() => palette.getByRole('option').first().getAttribute('data-highlighted'), '');
  await page.keyboard.press('Enter');
  await see(page.locator('html.dark'));
});

scene('keeps language and time zone for the user, and shows dates in the zone', {}, async ({ page, app, open }) => {
  const begun = Date.now();
  await open('/');
  await page.getByRole('button', { name: /^Your menu/ }).click();
  await page.getByRole('menuitem', { name: 'Profile and preferences' }).click();
  const zone = page.getByRole('combobox', { name: 'Time zone' });
  await zone.click();
  await zone.fill('shanghai');
  await page.getByRole('option', { name: /^Asia\/Shanghai/ }).click();
  await see(page.getByText('Saved.'));
  await eventually(async () => (await app.admin.get('/api/session')).body.data.zone, 'Asia/Shanghai');
  const shown = new Intl.DateTimeFormat('en', { timeZone: 'Asia/Shanghai', dateStyle: 'medium', timeStyle: 'short' });
  const plain = (text: string) => text.replace(/\s/g, ' ');
  // The page was drawn in one of the minutes since.
  const minutes: string[] = [];
  for (let at = begun; at < Date.now() + 60_000; at += 60_000) minutes.push(plain(shown.format(at)));
  await eventually(async () => {
    const sample = plain(await page.locator('[data-sample]').innerText());
    return minutes.some((minute) => sample.startsWith(minute)) || sample;
  }, true);
  await page.getByLabel('Row height in lists').selectOption({ label: 'Comfortable' });
  await page.getByLabel('Language').selectOption({ label: '简体中文' });
  await see(page.getByRole('heading', { name: '偏好设置' }));
  await eventually(() => ownLocale(page), 'zh-CN');
  await open('/records/contacts.company');
  await eventually(() => page.locator('[data-row="0"]').evaluate((row) => row.clientHeight), 40);
  await speakEnglish(page);
});

scene('says when backups are made by themselves', {}, async ({ page, open }) => {
  await open('/settings/backups');
  await see(page.getByText(/uses a database server of its own/));
});

scene('a disabled plugin leaves the navigation, and comes back', {}, async ({ page, open }) => {
  await open('/settings/plugins');
  const navigation = page.getByRole('navigation', { name: 'Main' });
  await see(navigation.getByRole('link', { name: 'Companies' }));
  await page.getByRole('button', { name: 'Disable Contacts' }).click();
  await page.getByRole('dialog', { name: 'Disable Contacts?' }).getByRole('button', { name: 'Disable' }).click();
  await gone(navigation.getByRole('link', { name: 'Companies' }));
  await page.getByRole('button', { name: 'Enable Contacts' }).click();
  await see(navigation.getByRole('link', { name: 'Companies' }));
});

scene('a failed job runs again', {}, async ({ page, app, open }) => {
  let isBroken = true;
  const jobs = app.app.get<Jobs>(JOBS);
  const contexts = app.app.get<ContextFactory>(CONTEXTS);
  jobs.define({
    name: 'core.mend-fence',
    run: () => (isBroken ? Promise.reject(new Error('The gate is stuck.')) : Promise.resolve()),
  });
  const ctx = contexts.system('test');
  await ctx.records.transaction(ctx, (inside) => jobs.enqueue(inside, 'core.mend-fence', null, { retries: 0 }));
  await open('/settings/jobs');
  const row = page.getByRole('row').filter({ hasText: 'core.mend-fence' });
  await see(row.getByText('The gate is stuck.'));
  isBroken = false;
  await row.getByRole('button', { name: 'Run core.mend-fence again' }).click();
  await see(page.getByText('It will run again.'));
  await see(row.getByText('Done'));
});

/** The language is kept for the user: without this the scenes that follow would be Chinese too. */
async function speakEnglish(page: Page): Promise<void> {
  const { origin } = new URL(page.url());
  const answer = await page.request.patch(`${origin}/api/session`, {
    data: { locale: 'en', zone: null },
    headers: { origin },
  });
  expect(answer.status()).toBe(200);
}

async function ownLocale(page: Page): Promise<unknown> {
  return (await (await page.request.get(new URL('/api/session', page.url()).href)).json()).data.user.locale;
}

scene(
  'finds entries of the audit, opens one, checks the chain, and sets how long a kind is kept',
  {},
  async (stage) => {
    const { page, app, open } = stage;
    await app.anonymous.post('/api/session', { email: 'stranger@example.com', password: 'not a password' });
    await open('/settings/audit');
    await page.getByLabel('Search', { exact: true }).fill('stranger@');
    await page.keyboard.press('Enter');
    const row = page.getByRole('row').filter({ hasText: 'stranger@example.com' });
    await see(row);
    await gone(page.getByRole('button', { name: 'Signed in', exact: true }));
    await row.getByRole('button', { name: 'Sign-in refused' }).click();
    const entry = page.getByRole('dialog', { name: 'Sign-in refused' });
    await see(entry.getByText('session.refused'));
    await entry.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByLabel('Event').selectOption({ label: 'User created' });
    await see(page.getByRole('row').filter({ hasText: 'User created' }).first());

    await page.getByRole('button', { name: 'Check for changes' }).click();
    await see(page.getByRole('heading', { name: 'No changes found in the log' }));
    await page.getByRole('button', { name: 'How long entries are kept' }).click();
    const days = page
      .getByRole('dialog', { name: 'How long entries are kept' })
      .getByLabel('Days to keep: Sign-in refused');
    await days.fill('90');
    await days.press('Tab');
    await eventually(
      () =>
        app.db.query(`select days from trellis.audit_retention where kind = 'session.refused'`).then(([rule]) => rule),
      { days: 90 },
    );
  },
);

scene(
  'a person: archive of what is known, plan, erasure, certificate, and nothing left on its page',
  { refused: /^404 / },
  async ({ page, app, open }) => {
    const made = await app.admin.post('/api/records/contacts.contact', { lastName: 'Gehrden', email: 'a@gehrden.de' });
    const path = `/records/contacts.contact/${String(made.body.data.id)}`;
    const company = { name: 'Nachbar', description: 'See a@gehrden.de' };
    await app.admin.post('/api/records/contacts.company', company);
    await open(path);
    const ask = async () => {
      await page.getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name: 'Personal data' }).click();
      const reason = page.getByLabel('Reason');
      await page.getByRole('button', { name: 'Show the plan' }).click();
      await see(page.getByText('Give a reason first.'));
      await see(page.locator('input[aria-invalid]:focus'));
      await reason.fill('asked by letter');
      await gone(page.getByText('Give a reason first.'));
    };
    await ask();
    await page.getByRole('button', { name: 'Order the archive' }).click();
    await page.getByRole('dialog', { name: 'Personal data' }).getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    const archive = page.getByRole('row').filter({ hasText: 'Archive' });
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      archive.getByRole('link', { name: 'Archive' }).click(),
    ]);
    expect(file.suggestedFilename()).toMatch(/^personal-data-.*\.zip$/);

    await open(path);
    await ask();
    await page.getByRole('button', { name: 'Show the plan' }).click();
    const dialog = page.getByRole('dialog', { name: 'Personal data' });
    await see(dialog.getByRole('link', { name: 'Nachbar' }));
    await dialog.getByRole('button', { name: 'Erase', exact: true }).click();
    const sure = page.getByRole('dialog', { name: /^Erase .*Gehrden for good/ });
    await sure.getByRole('textbox').fill('Gehrden');
    await sure.getByRole('button', { name: 'Erase for good' }).click();
    await gone(dialog);
    await open('/settings/privacy');
    const row = page.getByRole('row').filter({ hasText: 'Erasure of 1' });
    const [certificate] = await Promise.all([
      page.waitForEvent('download'),
      row.getByRole('link', { name: 'Certificate' }).click(),
    ]);
    expect(certificate.suggestedFilename()).toMatch(/^erasure-.*\.json$/);
    await open(path);
    await see(page.getByRole('heading', { name: /not there|does not exist|no such|not found/i }));
    expect(await page.getByText('Gehrden').count()).toBe(0);
  },
);

scene('erases people who are selected in a list, once the plan was seen', {}, async ({ page, app, open }) => {
  for (const firstName of ['Ida', 'Udo'])
    await app.admin.post('/api/records/contacts.contact', { firstName, lastName: 'Massenfund' });
  await open('/records/contacts.contact?q=massenfund');
  await page.getByRole('checkbox', { name: /select all/i }).check();
  await page.getByRole('button', { name: 'Erase…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Erase personal data: 2 Contacts' });
  await dialog.getByRole('button', { name: 'Show the plan' }).click();
  await see(dialog.getByRole('alert'));
  await dialog.getByLabel('Reason').fill('campaign ended');
  await dialog.getByRole('button', { name: 'Show the plan' }).click();
  await see(dialog.getByText('Deleted', { exact: true }));
  await dialog.getByRole('button', { name: 'Erase', exact: true }).click();
  const sure = page.getByRole('dialog', { name: 'Erase 2 Contacts for good?' });
  await sure.getByRole('textbox').fill('2');
  await sure.getByRole('button', { name: 'Erase for good' }).click();
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await see(page.getByRole('row').filter({ hasText: 'Erasure of 2' }).getByRole('link', { name: 'Certificate' }));
});
