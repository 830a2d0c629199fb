import { useStage } from './support/stage.js';
import { eventually, gone, see } from './support/wait.js';

const scene = useStage();

scene('makes a user, whose one-time password is shown once', {}, async ({ page, app, open }) => {
  await open('/settings/users');
  await page.getByRole('button', { name: 'New user' }).click();
  const dialog = page.getByRole('dialog', { name: 'New user' });
  await dialog.getByLabel('Name').fill('Mary Somerville');
  await dialog.getByLabel('Mail address').fill('mary@example.com');
  await dialog.getByRole('button', { name: 'Create and show password' }).click();
  const secret = page.getByRole('dialog', { name: 'One-time password' });
  const password = await secret.getByTestId('secret').innerText();
  expect((await app.anonymous.post('/api/session', { email: 'mary@example.com', password })).status).toBe(200);
  await secret.getByRole('button', { name: 'I have kept it' }).click();
  await gone(secret);
  const row = page.getByRole('row').filter({ hasText: 'Mary Somerville' });
  await see(row.getByText('Password not changed'));
  expect(await page.getByText(password).count()).toBe(0);

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
  await secret.getByRole('button', { name: 'I have kept it' }).click();

  await page.getByRole('button', { name: 'Revoke nightly report' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await gone(page.getByRole('row').filter({ hasText: 'nightly report' }));
  expect((await reader.get('/api/records/contacts.company?limit=1')).status).toBe(401);
});

scene('makes a team with a member', {}, async ({ page, open }) => {
  await open('/settings/teams');
  await page.getByRole('button', { name: 'New team' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New team' });
  await dialog.getByRole('textbox').fill('Northern accounts');
  await dialog.getByRole('button', { name: /Create|Save/ }).click();
  await see(page.getByRole('heading', { name: 'Northern accounts' }));
});

scene('shows plugins, jobs and backups; a backup can be made', {}, async ({ page, open }) => {
  await open('/settings/plugins');
  await see(page.getByRole('listitem').filter({ hasText: 'Contacts' }).getByText('Enabled'));
  await open('/settings/jobs');
  await see(page.getByRole('heading', { name: 'Jobs', level: 1 }));
  await open('/settings/backups');
  await page.getByRole('button', { name: 'Make a backup now' }).first().click();
  await see(page.getByText('Backup made.'));
  await see(page.getByRole('link', { name: /^Download the backup of / }));
});

scene('switches language and theme at run time and keeps both', {}, async ({ page, open }) => {
  await open('/records/contacts.company');
  await page.getByRole('button', { name: /^Your menu/ }).click();
  await page.getByRole('menuitem', { name: '简体中文' }).click();
  await see(page.getByRole('heading', { name: '公司', level: 1 }));
  await see(page.getByRole('columnheader', { name: /^名称/ }));
  await eventually(() => page.locator('html').getAttribute('lang'), 'zh-CN');
  await page.getByRole('button', { name: /^(您的|你的)?.*Administrator/ }).click();
  await page.getByRole('menuitem', { name: '深色' }).click();
  await see(page.locator('html.dark'));
  await page.reload();
  await see(page.locator('html.dark[lang="zh-CN"]'));
  await see(page.getByRole('heading', { name: '公司', level: 1 }));
});

scene('finds, goes and acts by the command palette, by keyboard alone', {}, async ({ page, open }) => {
  await open('/');
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Command palette' });
  await see(palette);
  await page.keyboard.type('Osterwald');
  await see(palette.getByRole('option', { name: /Katrin Osterwald/ }));
  await page.keyboard.press('ArrowDown');
  await eventually(() => palette.getByRole('option').first().getAttribute('data-highlighted'), '');
  await page.keyboard.press('Enter');
  await see(page.getByRole('heading', { name: 'Katrin Osterwald', level: 1 }));
  await gone(palette);

  await page.keyboard.press('Control+k');
  await see(palette);
  await page.keyboard.type('theme: dark');
  await eventually(() => palette.getByRole('option').allInnerTexts(), ['Theme: Dark']);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await see(page.locator('html.dark'));
});
