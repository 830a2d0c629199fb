import { CONTEXTS } from '../../core/base/tokens.js';
import type { ContextFactory, Ctx } from '../../core/sdk/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, until } from '../support/client.js';
import { openMailbox, type Mailbox } from '../support/mailbox.js';

const from = 'Trellis <crm@example.com>';

describe('with a mail server', () => {
  let mailbox: Mailbox;
  let app: TestApp;

  beforeAll(async () => {
    mailbox = await openMailbox({
      auth: { user: 'crm', pass: 'se:cr/et' },
      onRecipient: (address) => {
        if (address.startsWith('nobody@')) throw Object.assign(new Error('No such user here'), { responseCode: 550 });
        if (address.startsWith('later@')) throw Object.assign(new Error('Try again later'), { responseCode: 451 });
      },
    });
    app = await startApp({
      env: {
        TRELLIS_SMTP_URL: mailbox.url,
        TRELLIS_MAIL_FROM: from,
        TRELLIS_PUBLIC_URL: 'https://crm.example.com',
        TRELLIS_WORKSPACE_NAME: 'Löwe & Söhne',
      },
    });
  });
  afterAll(async () => {
    await app?.stop();
    await mailbox?.close();
  });

  const messages = async (to: string) => {
    const { body } = expectOk(await app.admin.get('/api/mail/messages'));
    return body.data.find((mail) => String(mail.recipient) === to);
  };
  const stateOf = async (to: string): Promise<string> => String((await messages(to))?.state);

  it('sends a test mail, whole, from the configured sender', async () => {
    const made = expectOk(await app.admin.post('/api/mail/test', { to: 'ann@example.com' }), 202);
    const { from: sender, to, mail } = await mailbox.next(({ to: [first] }) => first === 'ann@example.com');
    expect([sender, to]).toEqual(['crm@example.com', ['ann@example.com']]);
    expect(mail.subject).toBe('Test mail of Löwe & Söhne');
    expect(mail.from).toMatchObject({ name: 'Trellis', address: 'crm@example.com' });
    expect(mail.html).toContain('Löwe &amp; Söhne can send mails');
    expect(mail.text).toContain('Löwe & Söhne can send mails');
    expect(mail.messageId).toBe(`<${String(made.body.data.id)}@crm.example.com>`);
    await until(
      () => stateOf('ann@example.com'),
      (state) => state === 'sent',
    );
  });

  it('keeps no contents of what it sent, and encrypts what waits', async () => {
    expectOk(await app.admin.post('/api/mail/test', { to: 'later@example.com' }), 202);
    await until(
      async () => Number((await messages('later@example.com'))?.attempts),
      (attempts) => attempts === 1,
    );
    const [waiting] = await app.db.query<{ content: string }>(
      "select content from trellis.mail where address = 'later@example.com'",
    );
    expect(waiting.content).toMatch(/^v1\./);
    expect(Buffer.from(waiting.content.split('.')[2], 'base64url').toString('latin1')).not.toContain('can send mails');
    const [sent] = await app.db.query<{ content: string | null }>(
      "select content from trellis.mail where state = 'sent' limit 1",
    );
    expect(sent.content).toBeNull();
  });

  it('tries again later where the server says so', async () => {
    const found = await messages('later@example.com');
    expect([found?.state, String(found?.error)]).toEqual(['waiting', expect.stringContaining('Try again later')]);
    expect(new Date(String(found?.nextAttemptAt)).getTime()).toBeGreaterThan(
      new Date(String(found?.createdAt)).getTime(),
    );
  });

  it('gives up what the server refuses for good, and says why', async () => {
    expectOk(await app.admin.post('/api/mail/test', { to: 'nobody@example.com' }), 202);
    await until(
      () => stateOf('nobody@example.com'),
      (state) => state === 'failed',
    );
    expect(String((await messages('nobody@example.com'))?.error)).toContain('No such user here');
  });

  it('cancels a waiting mail, and sends it again when asked to; both are audited', async () => {
    const id = String((await messages('later@example.com'))?.id);
    expectOk(await app.admin.post(`/api/mail/messages/${id}/cancel`));
    expect(await stateOf('later@example.com')).toBe('cancelled');
    expect((await app.admin.post(`/api/mail/messages/${id}/cancel`)).body.code).toBe('mail.not_waiting');
    expectOk(await app.admin.post(`/api/mail/messages/${id}/resend`), 202);
    await until(
      async () => Number((await messages('later@example.com'))?.attempts),
      (attempts) => attempts === 1,
    );
    const audit = expectOk(await app.admin.get('/api/audit?kind=mail.resent'));
    expect(audit.body.data.length).toBe(1);
  });

  it.each([
    'no address',
    'a@b@c',
    'Ann <ann@example.com>, Bob <bob@example.com>',
    'ann@example.com\r\nBcc: x@example.com',
    '',
  ])('refuses the address %j', async (to) => {
    const answer = await app.admin.post('/api/mail/test', { to });
    expect([answer.status, answer.body.code]).toEqual([422, 'mail.bad_address']);
  });

  it('is for administrators', async () => {
    const member = await app.member();
    for (const path of ['/api/mail', '/api/mail/messages']) expect((await member.get(path)).status).toBe(403);
    expect((await member.post('/api/mail/test', { to: 'ann@example.com' })).status).toBe(403);
    expect((await app.anonymous.get('/api/mail')).status).toBe(401);
  });

  it('says how mails leave, and never the password', async () => {
    const answer = expectOk(await app.admin.get('/api/mail'));
    expect(answer.body.data).toMatchObject({
      isConfigured: true,
      hasSignIn: true,
      from,
      publicUrl: 'https://crm.example.com',
      isPublicUrlSet: true,
    });
    expect(answer.text).not.toContain('se:cr');
    expect(expectOk(await app.admin.post('/api/mail/check', {})).body.data.error).toBeNull();
  });
});

describe('a mail that plugins and rooms send', () => {
  let mailbox: Mailbox;
  let app: TestApp;
  const ctxOf = (): Ctx => app.app.get<ContextFactory>(CONTEXTS).system('a test');
  const count = async (): Promise<number> => (await app.db.query('select 1 from trellis.mail')).length;
  const input = (to: string) => ({ to, template: 'core.test-mail', data: { sender: { name: 'Max' }, at: null } });

  beforeAll(async () => {
    mailbox = await openMailbox();
    app = await startApp({ env: { TRELLIS_SMTP_URL: mailbox.url, TRELLIS_MAIL_FROM: from } });
  });
  afterAll(async () => {
    await app?.stop();
    await mailbox?.close();
  });

  it('is written once under a key, however many ask at once', async () => {
    const ctx = ctxOf();
    const mail = { ...input('once@example.com'), idempotencyKey: 'k-1' };
    const receipts = await Promise.all(Array.from({ length: 6 }, () => ctx.mail.send(ctx, mail)));
    expect(receipts.filter(({ isNew }) => isNew).length).toBe(1);
    expect(new Set(receipts.map(({ id }) => id)).size).toBe(1);
    await mailbox.letterTo('once@example.com');
    await ctx.mail.send(ctx, input('after@example.com'));
    await mailbox.letterTo('after@example.com');
    expect(mailbox.arrived.filter(({ to }) => to.includes('once@example.com')).length).toBe(1);
  });

  it('exists exactly if the transaction commits', async () => {
    const ctx = ctxOf();
    const before = await count();
    const failing = ctx.records.transaction(ctx, async (inside) => {
      await inside.mail.send(inside, input('never@example.com'));
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    expect(await count()).toBe(before);
  });

  it('is not sent once its link has expired', async () => {
    const ctx = ctxOf();
    const { id } = await ctx.mail.send(ctx, { ...input('late@example.com'), expiresAt: new Date(Date.now() - 1_000) });
    const [mail] = await until(
      () => app.db.query<{ state: string; error: string }>('select state, error from trellis.mail where id = $1', [id]),
      ([row]) => row.state !== 'waiting',
    );
    expect([mail.state, mail.error]).toEqual(['failed', expect.stringContaining('expired')]);
    expect(mailbox.arrived.some(({ to }) => to.includes('late@example.com'))).toBe(false);
  });

  it('names a template that is not there, and links by the configuration only', async () => {
    const ctx = ctxOf();
    await expect(ctx.mail.send(ctx, { ...input('a@example.com'), template: 'core.test-mial' })).rejects.toThrow(
      'Did you mean "core.test-mail"',
    );
    expect(() => ctx.mail.url('//evil.example')).toThrow('one slash');
  });

  it('says what administrators made of its template, in the recipient’s language; a broken one is refused', async () => {
    const change = (type: string, id: string, at: string, value: unknown) =>
      app.admin.post('/api/catalog/apply', { reason: 'words', operations: [{ type, id, op: 'set', at, value }] });
    const broken = await change('template', 'core.test-mail', '/subject', 'Hi {{#if a}}');
    expect([broken.status, broken.text.includes('template.syntax')]).toEqual([422, true]);
    const unsafe = await change('template', 'core.test-mail', '/body', '<script>1</script>');
    expect([unsafe.status, unsafe.text.includes('template.refused_element')]).toEqual([422, true]);
    expectOk(await change('template', 'core.test-mail', '/subject', 'Our own words'));
    const ctx = ctxOf();
    await ctx.mail.send(ctx, input('en@example.com'));
    await ctx.mail.send(ctx, { ...input('zh@example.com'), locale: 'zh-CN' });
    expect((await mailbox.letterTo('en@example.com')).subject).toBe('Our own words');
    expect((await mailbox.letterTo('zh@example.com')).subject).toBe('Trellis 的测试邮件');
  });
});

describe('without a mail server', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await startApp()));
  afterAll(() => app?.stop());

  it('says so, and refuses a test', async () => {
    const { body } = expectOk(await app.admin.get('/api/mail'));
    expect(body.data).toMatchObject({ isConfigured: false, server: null, isPublicUrlSet: false });
    const answer = await app.admin.post('/api/mail/test', { to: 'ann@example.com' });
    expect([answer.status, answer.body.code]).toEqual([409, 'mail.not_configured']);
  });
});
