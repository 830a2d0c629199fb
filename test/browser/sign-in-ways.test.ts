import { generateSync } from 'otplib';
import type { Page } from 'playwright-core';
import { settledPerson } from '../support/people.js';
import { useStage } from './support/stage.js';
import { eventually, gone, see } from './support/wait.js';

const scene = useStage({ seed: 'none' }, 'fresh');
const password = 'a password of my own';

function codeOf(secret: string, steps = 0): string {
  return generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + steps * 30 });
}

function focusedId(): string {
  const { document } = globalThis as unknown as { document: { activeElement: { id: string } | null } };
  return document.activeElement?.id ?? '';
}

async function fillCredentials(page: Page, email: string): Promise<void> {
  await page.getByLabel('Mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

scene(
  'an administrator invites somebody by a link, who chooses a password by it',
  { refused: /^401 \/api\/session$/ },
  async ({ page, app, open }) => {
    await open('/settings/users');
    await page.getByRole('button', { name: 'New user' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Ada Byron');
    await page.getByLabel('Mail address').fill('ada@example.com');
    await see(page.getByText('No mail server is set up, so hand the link over yourself.', { exact: false }));
    await page.getByRole('button', { name: 'Invite' }).click();
    const url = new URL(String(await page.getByTestId('secret').textContent()));
    await page.getByRole('button', { name: 'I have saved it' }).click();
    await see(page.getByRole('row', { name: /Ada Byron.*No password yet/ }));

    await page.context().clearCookies();
    await page.goto(`${app.url}${url.pathname}${url.hash}`);
    await see(page.getByRole('heading', { name: 'Welcome, Ada Byron' }));
    await page.getByLabel('New password', { exact: true }).fill(password);
    await page.getByLabel('New password again').fill(password);
    await page.getByRole('button', { name: 'Save and continue' }).click();
    await page.waitForURL(`${app.url}/`);
  },
);

scene(
  'a link that was used says so',
  { as: null, refused: /^(404 \/api\/session\/link|401 \/api\/session)$/ },
  async ({ page, open }) => {
    await open(`/choose-password#${'A'.repeat(43)}`);
    await see(page.getByRole('heading', { name: 'This link is no longer valid' }));
  },
);

scene(
  'codes of an app are set up in the profile, asked for at the next sign-in, and a recovery code does too',
  { as: null, refused: /^401 \/api\/session/ },
  async ({ page, app, open }) => {
    const person = await settledPerson(app);
    await open('/sign-in?next=/settings/profile');
    await fillCredentials(page, person.email);
    await page.getByRole('button', { name: 'Set up an app' }).click();
    const asked = page.getByRole('dialog').getByLabel('Current password');
    await eventually(() => asked.evaluate((field) => field.matches(':focus')), true);
    await asked.fill('not it at all');
    await page.getByRole('button', { name: 'Next' }).click();
    await see(page.getByRole('alert').filter({ hasText: 'This is not your current password.' }));
    await asked.fill(password);
    await page.keyboard.press('Enter');
    await see(page.getByRole('img', { name: 'QR code for the authenticator app' }));
    const secret = String(await page.getByTestId('totp-secret').textContent());
    const code = page.getByLabel('Code', { exact: true });
    await eventually(() => code.evaluate((field) => field.matches(':focus')), true);
    await page.getByLabel('Code', { exact: true }).fill(codeOf(secret));
    await page.getByRole('button', { name: 'Continue' }).click();
    await see(page.getByRole('heading', { name: 'Your recovery codes' }));
    const codes = await page.getByTestId('recovery-codes').getByRole('listitem').allInnerTexts();
    expect(codes.length).toBe(10);
    const card = page.locator('section').filter({ has: page.locator('h2', { hasText: 'Second factor' }) });
    await see(card.getByText('On', { exact: true }));
    await page.getByRole('button', { name: 'I have saved them' }).click();
    await see(page.getByText('10 recovery codes left.'));

    // The code of this step is spent; the next one counts already, and for two steps more, however slow this machine is.
    for (const codeNow of [() => codeOf(secret, 1), () => codes[0]]) {
      await page.context().clearCookies();
      await open('/sign-in?next=/settings/profile');
      await fillCredentials(page, person.email);
      await see(page.getByRole('heading', { name: 'One more step' }));
      if (codeNow() === codes[0]) {
        await page.getByLabel('Code', { exact: true }).fill('not-a-code');
        await page.getByRole('button', { name: 'Sign in', exact: true }).click();
        await see(page.getByRole('alert').filter({ hasText: 'The code is wrong' }));
        await eventually(() => page.evaluate(focusedId), 'code');
      }
      await page.getByLabel('Code', { exact: true }).fill(codeNow());
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await see(page.getByRole('heading', { name: 'Profile', level: 1 }));
    }
    await see(page.getByText('9 recovery codes left.'));
  },
);

scene(
  'signing out everywhere else ends the other session and keeps this one',
  { as: null, refused: /^401 \/api\/session$/ },
  async ({ page, app, open }) => {
    const person = await settledPerson(app);
    await open('/sign-in?next=/settings/profile');
    await fillCredentials(page, person.email);
    expect((await person.client.get('/api/session')).status).toBe(200);
    await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
    await see(page.getByText('Signed out everywhere else.'));
    expect((await person.client.get('/api/session')).status).toBe(401);
    await open('/settings/profile');
    await see(page.getByRole('heading', { name: 'Profile', level: 1 }));
  },
);

scene(
  'a passkey is added and lets in without a password; its answer counts once and for its own device only',
  { as: null, refused: /^401 \/api\/session/ },
  async ({ page, app }) => {
    // Passkeys need a name: an address of numbers has none.
    const home = app.url.replace('127.0.0.1', 'localhost');
    const person = await settledPerson(app);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });

    await page.goto(`${home}/sign-in?next=/settings/profile`);
    await fillCredentials(page, person.email);
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByRole('dialog').getByLabel('Current password').fill(password);
    await page.getByRole('button', { name: 'Next' }).click();
    await see(page.getByRole('list', { name: 'Passkeys' }).getByText('Chrome, Linux'));

    const signInByPasskey = async () => {
      await page.context().clearCookies();
      await page.goto(`${home}/sign-in?next=/settings/profile`);
      const sent = page.waitForRequest((request) => request.url().endsWith('/api/session/passkey'));
      await page.getByRole('button', { name: 'Use a passkey' }).click();
      return String((await sent).postData());
    };
    const answer = await signInByPasskey();
    await see(page.getByRole('heading', { name: 'Profile', level: 1 }));
    await see(page.getByText(person.email).first());

    // What went over the wire lets nobody in again.
    const replayed = await app.anonymous.send('POST', '/api/session/passkey', answer, {
      'content-type': 'application/json',
    });
    expect([replayed.status, replayed.body.code]).toEqual([401, 'auth.passkey_failed']);

    // A device that did not ask its user is not believed, even where the page did not demand it.
    await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await page.route('**/api/session/passkey/options', async (route) => {
      const given = await route.fetch();
      await route.fulfill({ response: given, body: (await given.text()).replaceAll('"required"', '"discouraged"') });
    });
    await signInByPasskey();
    await see(page.getByRole('alert').filter({ hasText: 'This passkey does not let you in.' }));
    expect((await page.context().cookies()).some((cookie) => cookie.name === 'trellis_session')).toBe(false);
    await page.unroute('**/api/session/passkey/options');
    await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });

    // A suspended user’s passkey is worth nothing.
    await app.admin.patch(`/api/users/${person.id}`, { active: false });
    await signInByPasskey();
    await see(page.getByRole('alert').filter({ hasText: 'This passkey does not let you in.' }));
  },
);

scene(
  'where a role demands a second factor, one sets it up at sign-in before anything else',
  { as: null, refused: /^401 \/api\/session/ },
  async ({ page, app, open }) => {
    await app.admin.patch('/api/sign-in/policy', { secondFactorRoles: ['core.member'] });
    const person = await settledPerson(app);
    await open('/sign-in');
    await fillCredentials(page, person.email);
    await see(page.getByRole('heading', { name: 'Set up an authenticator app' }));
    const secret = String(await page.getByTestId('totp-secret').textContent());
    await page.getByLabel('Code', { exact: true }).fill(codeOf(secret));
    await page.getByRole('button', { name: 'Continue' }).click();
    await see(page.getByRole('heading', { name: 'Your recovery codes' }));
    await page.getByRole('button', { name: 'I have saved them' }).click();
    await page.waitForURL(`${app.url}/`);
    await app.admin.patch('/api/sign-in/policy', { secondFactorRoles: [] });
  },
);

scene(
  'an administrator acts as a user under a banner on every page, and history tells both names',
  {},
  async ({ page, app, open }) => {
    const person = await settledPerson(app);
    await app.admin.patch(`/api/users/${person.id}`, { name: 'Grace Hopper' });
    const made = await person.client.post('/api/records/contacts.company', { name: 'Acme' });
    await open('/settings/users');
    const row = page.getByRole('row', { name: /Grace Hopper/ });
    await row.getByRole('button').click();
    await page.getByRole('menuitem', { name: 'Act as this user' }).click();
    await page.getByLabel('Reason').fill('Ticket 7');
    await page.getByRole('button', { name: 'Begin' }).click();
    const banner = page.getByRole('complementary', { name: 'You are acting as somebody else' });
    await see(banner.getByText('You are acting as Grace Hopper.'));

    const path = `/records/contacts.company/${String(made.body.data.id)}`;
    await page.evaluate(
      async ([url]) => {
        await fetch(url, {
          method: 'PATCH',
          headers: { 'content-type': 'application/json' },
          body: '{"name":"Acme Two"}',
        });
      },
      [`/api${path}`],
    );
    for (const each of ['/settings/profile', path]) {
      await open(each);
      await see(banner);
    }
    await see(
      page.getByRole('complementary', { name: 'Timeline' }).getByText('Administrator as Grace Hopper made changes'),
    );
    await banner.getByRole('button', { name: 'End' }).click();
    await see(page.getByRole('heading', { name: 'Users', level: 1 }));
    await gone(banner);
  },
);

scene('a directory gets its address and a key, and a team gives a role', {}, async ({ page, app, open }) => {
  await app.admin.post('/api/records/core.team', { name: 'Sales' });
  await open('/settings/directory');
  await see(page.getByText('/scim/v2', { exact: false }));
  await page.getByRole('button', { name: 'New key' }).click();
  const key = String(await page.getByTestId('secret').textContent());
  await page.getByRole('button', { name: 'I have saved it' }).click();
  const directory = app.anonymous.with({ authorization: `Bearer ${key}` });
  expect((await directory.get('/scim/v2/Users')).status).toBe(200);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByLabel('Team', { exact: true }).selectOption({ label: 'Sales' });
  await page.getByLabel('Role', { exact: true }).selectOption({ label: 'Member' });
  await page.getByRole('button', { name: 'Save' }).click();
  await see(page.getByText('Roles by team saved.'));
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await see(page.getByText('No keys yet'));
  expect((await directory.get('/scim/v2/Users')).status).toBe(401);
});
