import { until } from '../support/client.js';
import { openMailbox } from '../support/mailbox.js';
import { spawnApp } from '../support/spawn-app.js';

const env = { TRELLIS_MAIL_FROM: 'crm@example.com', TRELLIS_PUBLIC_URL: 'https://crm.example.com' };

test('killed while a mail is handed over: it is not sent twice, and nobody claims that it was sent', async () => {
  let hold = true;
  let received: () => void = () => undefined;
  const isReceived = new Promise<void>((resolve) => (received = resolve));
  const gone = new Promise<void>(() => undefined);
  const mailbox = await openMailbox({
    // The server has it all, and says nothing.
    onMessage: async () => {
      if (!hold) return;
      received();
      await gone;
    },
  });
  const app = await spawnApp({ env: { ...env, TRELLIS_SMTP_URL: mailbox.url } });
  try {
    const send = async (to: string) => String((await app.admin.post('/api/mail/test', { to })).body.data.id);
    const first = await send('first@example.com');
    await isReceived;
    await app.kill();
    hold = false;
    await app.restart();
    const stateOf = async (id: string) =>
      (await app.db.query<{ state: string }>('select state from trellis.mail where id = $1', [id]))[0].state;
    await until(
      () => stateOf(first),
      (state) => state !== 'sending',
      120_000,
    );
    expect(await stateOf(first)).toBe('unknown');
    // What comes later goes out, and the first is not among it.
    const second = await send('second@example.com');
    await until(
      () => stateOf(second),
      (state) => state === 'sent',
      120_000,
    );
    expect(mailbox.arrived.map(({ to }) => to)).toEqual([['second@example.com']]);
    // Somebody who has asked the recipient may send it again.
    expect((await app.admin.post(`/api/mail/messages/${first}/resend`)).status).toBe(202);
    await until(
      () => stateOf(first),
      (state) => state === 'sent',
      120_000,
    );
    expect(mailbox.arrived.map(({ to }) => to[0])).toEqual(['second@example.com', 'first@example.com']);
  } finally {
    await app.stop();
    await mailbox.close();
  }
}, 300_000);

test('killed before the server had any of it: the mail goes out after the restart, once', async () => {
  let hold = true;
  let asked: () => void = () => undefined;
  const isAsked = new Promise<void>((resolve) => (asked = resolve));
  const mailbox = await openMailbox({
    onRecipient: () => {
      if (!hold) return;
      asked();
      throw Object.assign(new Error('Not now'), { responseCode: 451 });
    },
  });
  const app = await spawnApp({ env: { ...env, TRELLIS_SMTP_URL: mailbox.url } });
  try {
    const made = await app.admin.post('/api/mail/test', { to: 'ann@example.com' });
    await isAsked;
    await app.kill();
    hold = false;
    await app.db.query("update trellis.mail set next_attempt_at = now() where state = 'waiting'");
    await app.restart();
    await until(
      () =>
        app.db.query<{ state: string }>('select state from trellis.mail where id = $1', [String(made.body.data.id)]),
      ([mail]) => mail.state === 'sent',
      120_000,
    );
    expect(mailbox.arrived.map(({ to }) => to[0])).toEqual(['ann@example.com']);
  } finally {
    await app.stop();
    await mailbox.close();
  }
}, 300_000);
