import { expectOk } from '../support/client.js';
import { openMailbox, type Mailbox } from '../support/mailbox.js';
import { useStage } from './support/stage.js';
import { eventually, gone, see } from './support/wait.js';

let mailbox: Mailbox;
const env: Record<string, string> = {
  TRELLIS_MAIL_FROM: 'crm@example.com',
  TRELLIS_PUBLIC_URL: 'http://crm.example.com',
};
beforeAll(async () => {
  mailbox = await openMailbox();
  env.TRELLIS_SMTP_URL = mailbox.url;
});
afterAll(() => mailbox?.close());

const scene = useStage({ seed: 'demo', env });

scene(
  'checks the mail server, sends a test mail and shows what became of it',
  {},
  async ({ page, open }) => {
    await open('/settings/mail');
    await page.getByRole('button', { name: 'Check the server' }).click();
    await see(page.getByText('The server answers and accepts us.'));
    await page.getByLabel('Send a test mail to').fill('ann@example.com');
    await page.getByRole('button', { name: 'Send test' }).click();
    await mailbox.letterTo('ann@example.com');
    await page.getByRole('row').filter({ hasText: 'ann@example.com' }).getByText('Sent').waitFor({ timeout: 60_000 });
  },
  120_000,
);

scene(
  'the bell counts what is told, shows it, and opens the record',
  {},
  async ({ page, app, open }) => {
    await open('/');
    const me = expectOk(await app.admin.get('/api/users')).body.data.find(
      ({ email }) => String(email) === 'admin@example.com',
    );
    const other = await app.member({ roles: ['core.administrator'], name: 'Max Brown' });
    const made = expectOk(
      await other.post('/api/records/contacts.company', { name: 'Lighthouse Ltd', ownerId: other.id }),
      201,
    );
    const path = `/api/records/contacts.company/${String(made.body.data.id)}`;
    expectOk(await other.patch(path, { ownerId: String(me?.id) }));
    const bell = page.getByRole('button', { name: 'Notifications, 1 unread' });
    await bell.waitFor({ timeout: 60_000 });
    await bell.click();
    await page.getByRole('button', { name: 'Max Brown assigned Lighthouse Ltd to you' }).click();
    await see(page.getByRole('heading', { name: 'Lighthouse Ltd', level: 1 }));
    await see(page.getByRole('button', { name: 'Notifications', exact: true }));
  },
  120_000,
);

scene(
  'one chooses to be told by mail',
  {},
  async ({ page, app, open }) => {
    await open('/settings/profile');
    const box = page.getByLabel('A record is assigned to me: By mail');
    await box.check();
    await eventually(async () => {
      const [row] = await app.db.query<{ wanted: boolean }>(
        "select wanted from trellis.notification_preference where kind = 'core.record-assigned' and channel = 'mail'",
      );
      return row?.wanted;
    }, true);
  },
  120_000,
);

scene(
  'words of a mail are changed in the Studio, with a preview that names mistakes',
  {},
  async ({ page, open }) => {
    await open('/studio/templates');
    await page.getByLabel('Template', { exact: true }).selectOption({ label: 'Test mail' });
    await see(page.locator('[data-preview]').getByText('shows that Trellis can send mails', { exact: false }));
    const subject = page.getByLabel('Subject');
    await subject.fill('Hello from {{workspace.nam');
    await subject.blur();
    await see(page.getByRole('alert').getByText('Subject'));
    await subject.fill('Hello from {{workspace.name}}');
    await subject.blur();
    await see(page.getByText('Hello from Trellis', { exact: true }));
    await gone(page.getByRole('alert'));
  },
  120_000,
);
