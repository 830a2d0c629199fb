import { resolve } from 'node:path';
import { expectOk } from '../support/client.js';
import { see } from './support/wait.js';
import { useStage } from './support/stage.js';

const scene = useStage({ seed: 'none', plugins: [resolve('test/fixtures/doors')] }, 'fresh');
const chosen = 'a password of my own';

scene(
  'a one-time password must be changed at the first sign-in; then it is signed out and in again',
  { as: null, refused: /^401 \/api\/session/ },
  async ({ page, app, open }) => {
    const made = await app.admin.post('/api/users', { name: 'Ada Byron', email: 'ada@example.com' });
    const oneTime = String(made.body.data.password);
    await open('/records/contacts.company');
    await page.waitForURL(/\/sign-in\?next=/);

    await page.getByLabel('Mail address').fill('ada@example.com');
    await page.getByLabel('Password', { exact: true }).fill('not it at all');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await see(page.getByRole('alert').filter({ hasText: 'Mail address or password is wrong.' }));

    await page.getByLabel('Password', { exact: true }).fill(oneTime);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await see(page.getByRole('heading', { name: 'Choose a new password' }));

    // Told by the page itself, in its language; the browser has no say.
    await page.getByRole('button', { name: 'Save and continue' }).click();
    await see(page.getByRole('alert').filter({ hasText: 'Please fill in every field.' }));
    await page.getByLabel('New password', { exact: true }).fill('short');
    await page.getByLabel('New password again').fill('short');
    await page.getByRole('button', { name: 'Save and continue' }).click();
    await see(page.getByRole('alert').filter({ hasText: 'The password needs at least 10 characters.' }));

    await page.getByLabel('New password', { exact: true }).fill(chosen);
    await page.getByLabel('New password again').fill('something else');
    await page.getByRole('button', { name: 'Save and continue' }).click();
    await see(page.getByText('The two new passwords do not match.'));
    await page.getByLabel('New password again').fill(chosen);
    await page.getByRole('button', { name: 'Save and continue' }).click();

    // Where one wanted to go at first.
    await page.waitForURL(/\/records\/contacts\.company$/);
    await see(page.getByRole('heading', { name: 'Companies', level: 1 }));

    await page.getByRole('button', { name: 'Your menu, Ada Byron' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await see(page.getByRole('heading', { name: 'Sign in to Trellis' }));
    await open('/records/contacts.company');
    await page.waitForURL(/\/sign-in/);

    await page.getByLabel('Mail address').fill('ada@example.com');
    await page.getByLabel('Password', { exact: true }).fill(chosen);
    await page.keyboard.press('Enter');
    await see(page.getByRole('heading', { name: 'Companies', level: 1 }));
  },
);

scene('a member sees neither the administration nor what it may not do', { as: null }, async ({ page, app, open }) => {
  const made = await app.admin.post('/api/users', { name: 'Grace', email: 'grace@example.com' });
  const session = { email: 'grace@example.com', password: String(made.body.data.password) };
  await page.context().request.post(`${app.url}/api/session`, { data: session });
  const change = { current: session.password, next: chosen };
  expect((await page.context().request.post(`${app.url}/api/session/password`, { data: change })).ok()).toBe(true);

  await open('/settings');
  const sections = page.getByRole('navigation', { name: 'Settings' }).getByRole('link');
  expect(await sections.allInnerTexts()).toEqual(['Profile', 'API keys']);

  await open('/records/contacts.company');
  await see(page.getByText('No Companies yet'));
  await page.getByRole('button', { name: 'More for this list' }).click();
  await see(page.getByRole('menuitem', { name: 'As CSV' }));
  expect(await page.getByRole('menuitem', { name: 'Import' }).count()).toBe(0);
});

scene(
  'somebody without an account follows a link to a public page and sends its form',
  { as: null, locale: 'zh-CN' },
  async ({ page, app }) => {
    const made = expectOk(await app.admin.post('/api/records/doors.ticket', { name: 'Broken lamp' }), 201);
    const input = { ticket: String(made.body.data.id) };
    const asked = { target: 'doors.ticket-page', input, seconds: 600 };
    const link = new URL(String(expectOk(await app.admin.post('/api/actions/doors.link', asked)).body.data));
    await page.goto(`${app.url}${link.pathname}${link.search}`);
    await see(page.getByRole('heading', { name: 'Broken lamp' }));
    const form = page.locator('form');
    const send = page.getByRole('button', { name: 'Send' });
    await page.getByLabel('Subject').fill('Second lamp');

    // What keeps it from being sent is said, in the visitor's language, and it can be sent again.
    await page.route('**/api/public/actions/**', (route) => route.abort());
    await send.click();
    await see(page.getByRole('status').filter({ hasText: '未能发送，请检查网络连接后重试。' }));
    await page.unroute('**/api/public/actions/**');
    await send.click();
    await see(page.getByRole('status').filter({ hasText: 'Thank you' }));
    expect(await form.isVisible()).toBe(false);
    const tickets = await app.admin.get('/api/records/doors.ticket?filter=name+%3D%3D+"Second+lamp"&count=exact');
    expect(expectOk(tickets).body.data.length).toBe(1);
  },
);
