import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { CONTEXTS } from '../../core/base/tokens.js';
import type { ContextFactory, Ctx } from '../../core/sdk/index.js';
import { BACKUPS, type Backups } from '../../core/storage/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, until } from '../support/client.js';
import { privacyOf } from '../support/privacy.js';
import { openMailbox, type Mailbox } from '../support/mailbox.js';
import { unzipped } from '../support/unzip.js';
import { filesWith, tablesWith } from '../support/whole-search.js';

const person = '/api/records/contacts.contact';
const mark = 'Zyxwandt';
let mailbox: Mailbox;
let app: TestApp;

beforeAll(async () => {
  mailbox = await openMailbox({
    onRecipient: (address) => {
      if (address.startsWith('slow')) throw Object.assign(new Error('Try again later'), { responseCode: 451 });
    },
  });
  app = await startApp({
    plugins: [resolve('test/fixtures/ledger')],
    env: { TRELLIS_SMTP_URL: mailbox.url, TRELLIS_MAIL_FROM: 'crm@example.com' },
  });
});
afterAll(async () => {
  await app?.stop();
  await mailbox?.close();
});

const ctxOf = (): Ctx => app.app.get<ContextFactory>(CONTEXTS).system('a test');
const { made, contact, planned, settled, erased } = privacyOf(() => app);
const consent = (subject: string, state: string, more: object = {}): Promise<string> =>
  made('core.consent', {
    subject: { entity: 'contacts.contact', id: subject },
    purpose: 'newsletter',
    channel: 'email',
    state,
    ...more,
  });
const mailTo = (subject: string, address: string, purpose?: string) => {
  const ctx = ctxOf();
  return ctx.mail.send(ctx, {
    to: address,
    template: 'core.test-mail',
    data: { sender: { name: mark }, at: null },
    subject: { entity: 'contacts.contact', id: subject },
    purpose,
  });
};

describe('erasure', () => {
  it('leaves nothing of the person, in any table, any file, or a fresh backup', async () => {
    const email = `${mark}@example.com`.toLowerCase();
    const id = await contact({ firstName: `${mark}first`, lastName: `${mark}last`, email, phone: '+493012345678' });
    expectOk(await app.admin.patch(`${person}/${id}`, { email: `new.${email}`, description: `${mark} notes` }));
    const activity = await made('contacts.activity', {
      subject: `Call with ${mark}`,
      body: `<p>${mark}</p>`,
      who: { entity: 'contacts.contact', id },
    });
    expectOk(await app.admin.patch(`/api/records/contacts.activity/${activity}`, { outcome: `${mark} agreed` }));
    expectOk(await app.admin.patch(`/api/records/contacts.activity/${activity}`, { outcome: 'another word' }));
    await consent(id, 'given', { contactPoint: email, evidence: `${mark} signed` });
    expectOk(
      await app.admin.upload('/api/files', {
        content: `${mark} contract`,
        fileName: `${mark}.txt`,
        fields: { entity: 'contacts.contact', id },
      }),
      201,
    );
    await mailTo(id, `slow.${email}`);
    expectOk(
      await app.admin.post(`${person}?dryRun=false`, { lastName: `${mark}twin` }, { 'idempotency-key': 'k1' }),
      201,
    );
    expectOk(await app.admin.post(person, { lastName: 'Other', email }, { 'idempotency-key': 'k2' }), 201);
    expectOk(
      await app.admin.upload('/api/imports', {
        content: `Last name,Email\n,${email}\n`,
        fileName: `${mark}.csv`,
        fields: { entity: 'contacts.contact' },
      }),
      201,
    );
    const ctx = ctxOf();
    await ctx.jobs.enqueue(ctx, 'core.send-mail', { to: email }, { startAfter: new Date(Date.now() + 86_400_000) });
    await until(
      () => app.db.query('select 1 from trellis_jobs.job where data::text ilike $1', [`%${mark}%`]),
      (rows) => rows.length > 0,
    );
    // Others of the same name are somebody else: their own erasure reaches them.
    const others = await app.db.query<{ id: string }>(
      "select id from data.contacts__contact where last_name in ('Other') or last_name ilike $1 and id <> $2",
      [`%${mark}twin%`, id],
    );

    const { id: request, plan } = await planned([id, ...others.map((row) => row.id)]);
    expect(plan.entities.map(({ entity, rule }) => [String(entity), String(rule)]).sort()).toEqual([
      ['contacts.activity', 'anonymise'],
      ['contacts.contact', 'delete'],
      ['core.attachment', 'delete'],
      ['core.consent', 'delete'],
    ]);
    expect((await tablesWith(app.db, mark)).length).toBeGreaterThan(8);
    expect((await filesWith(app.dataDir, mark)).length).toBe(2);
    expectOk(await app.admin.post(`/api/privacy/requests/${String(request)}/run`), 202);
    expect(String((await settled(request)).state)).toBe('done');

    expect(await tablesWith(app.db, mark)).toEqual([]);
    expect(await filesWith(app.dataDir, mark)).toEqual([]);
    await app.app.get<Backups>(BACKUPS).create();
    expect(await filesWith(app.dataDir, mark)).toEqual([]);
    expect((await app.admin.get(`${person}/${id}`)).status).toBe(404);
    expect((await app.admin.get(`${person}?q=${mark}`)).body.data).toEqual([]);
    const anonymised = expectOk(await app.admin.get(`/api/records/contacts.activity/${activity}`)).body.data;
    expect(anonymised).toMatchObject({ subject: '—', body: null, outcome: null, type: 'task' });
  });

  it('is proven by a certificate without personal data, whose hash the audit holds', async () => {
    const { id } = await erased([await contact({ email: 'certified@example.com' })]);
    const answer = expectOk(await app.admin.get(`/api/privacy/requests/${String(id)}/certificate`));
    const { sha256, ...body } = JSON.parse(answer.text) as Record<string, unknown>;
    expect(createHash('sha256').update(JSON.stringify(body)).digest('hex')).toBe(sha256);
    expect(body).toMatchObject({ request: id, counts: { 'delete contacts.contact': 1 } });
    expect(answer.text).not.toMatch(/certified|Ann|Lee/);
    const audit = (await app.admin.get('/api/audit?kind=privacy.erased')).body.data;
    expect(audit.some(({ payload }) => String(payload.certificate) === sha256)).toBe(true);
  });

  it('keeps what the law keeps, with its reason, and anonymises who cannot be deleted', async () => {
    const kept = await contact({ lastName: 'Kept', email: 'kept@example.com' });
    const invoice = await made('ledger.invoice', { number: 'R-1', customer: kept });
    await made('ledger.claim', { title: 'C-1', against: kept });
    const { plan } = await planned([kept]);
    expect(plan.entities).toMatchObject([
      {
        entity: 'contacts.contact',
        rule: 'anonymise',
        heldBy: [{ entity: 'ledger.claim', field: 'against', count: 1 }],
      },
      { entity: 'ledger.invoice', rule: 'keep', reason: 'Tax law, ten years', forDays: 3650 },
    ]);
    const { id } = await erased([kept]);
    const left = expectOk(await app.admin.get(`${person}/${kept}`)).body.data;
    expect(left).toMatchObject({ lastName: '—', fullName: '—', email: null });
    expect(expectOk(await app.admin.get(`/api/records/ledger.invoice/${invoice}`)).body.data.number).toBe('R-1');
    const certificate = expectOk(await app.admin.get(`/api/privacy/requests/${String(id)}/certificate`)).body;
    expect(certificate.kept).toEqual([{ entity: 'ledger.invoice', count: 1, reason: 'Tax law, ten years' }]);
  });

  it('passes over who is held, and refuses where nobody is left', async () => {
    const [held, free] = [await contact({ lastName: 'Held' }), await contact({ lastName: 'Free' })];
    const hold = expectOk(
      await app.admin.post('/api/privacy/marks', {
        kind: 'hold',
        entity: 'contacts.contact',
        id: held,
        reason: 'suit',
      }),
      201,
    ).body.data;
    expect((await app.admin.delete(`${person}/${held}`)).body.code).toBe('privacy.legal_hold');
    const { id } = await planned([held]);
    expect((await app.admin.post(`/api/privacy/requests/${String(id)}/run`)).body.code).toBe('privacy.legal_hold');
    const both = await erased([held, free]);
    expect([both.plan.held, both.plan.subjects].map(Number)).toEqual([1, 1]);
    expect((await app.admin.get(`${person}/${held}`)).status).toBe(200);
    expect((await app.admin.get(`${person}/${free}`)).status).toBe(404);
    expectOk(await app.admin.delete(`/api/privacy/marks/${String(hold.id)}`), 204);
    expectOk(await app.admin.delete(`${person}/${held}`));
  });

  it('says which other records name the person, and leaves them', async () => {
    const id = await contact({ lastName: 'Nennwert', email: 'nennwert@example.com' });
    const other = await made('contacts.company', { name: 'Acme', description: 'Call nennwert@example.com first' });
    const { plan } = await planned([id]);
    expect(plan.mentions).toEqual([{ entity: 'contacts.company', count: 1, ids: [other] }]);
    await erased([id]);
    expect(expectOk(await app.admin.get(`/api/records/contacts.company/${other}`)).text).toContain('Call nennwert@');
  });

  it.each([{ q: '' }, { filter: ' ' }, { q: ' ', filter: '' }, {}])(
    'of nobody named is not one of everybody: %j',
    async (who) => {
      const body = { entity: 'contacts.contact', reason: 'asked', ...who };
      const refused = await app.admin.post('/api/privacy/erasures', body);
      expect([refused.status, refused.body.code]).toEqual([422, 'privacy.people']);
    },
  );

  it('takes all that a search finds, as a list shows them', async () => {
    const ids = [await contact({ lastName: 'Suchfund' }), await contact({ lastName: 'Suchfund' })];
    const body = { entity: 'contacts.contact', filter: "firstName == 'Ann'", q: 'suchfund', reason: 'asked' };
    const { id, subjects } = expectOk(await app.admin.post('/api/privacy/erasures', body), 201).body.data;
    expect(Number(subjects)).toBe(2);
    expectOk(await app.admin.post(`/api/privacy/requests/${String(id)}/run`), 202);
    const done = await settled(id);
    expect([String(done.state), Number(done.done)]).toEqual(['done', 2]);
    for (const each of ids) expect((await app.admin.get(`${person}/${each}`)).status).toBe(404);
  });

  it('is planned once: what ran is not run again, and nobody but an administrator plans', async () => {
    const { id } = await erased([await contact()]);
    expect((await app.admin.post(`/api/privacy/requests/${String(id)}/run`)).body.code).toBe('privacy.not_planned');
    const member = await app.member();
    for (const path of ['/api/privacy/requests', '/api/privacy/marks', '/api/privacy/retention'])
      expect((await member.get(path)).status).toBe(403);
    const answer = await app.admin.post('/api/privacy/erasures', { entity: 'contacts.company', ids: [], reason: 'x' });
    expect(answer.body.code).toBe('privacy.not_a_subject');
  });
});

describe('consent', () => {
  it('is what the latest entry says, for its contact point; none is a no', async () => {
    const id = await contact({ email: 'choosy@example.com' });
    const ask = async (contactPoint: string, channel = 'email') => {
      const ctx = ctxOf();
      const subject = { entity: 'contacts.contact', id };
      return (await ctx.privacy.mayContact(ctx, { subject, purpose: 'newsletter', channel, contactPoint })).reason;
    };
    expect(await ask('choosy@example.com')).toBe('none');
    await consent(id, 'given', { contactPoint: 'Choosy@Example.com ', at: '2020-01-01T00:00:00Z' });
    expect([await ask('choosy@example.com'), await ask('other@example.com')]).toEqual(['given', 'none']);
    await consent(id, 'withdrawn', { at: '2021-01-01T00:00:00Z' });
    expect(await ask('choosy@example.com')).toBe('withdrawn');
    await consent(id, 'given', { at: '2999-01-01T00:00:00Z' });
    expect([await ask('choosy@example.com'), await ask('x', 'phone')]).toEqual(['withdrawn', 'none']);
  });

  it('withdrawn between selection and sending stops the mail (76)', async () => {
    const id = await contact({ email: 'slow.reader@example.com' });
    await consent(id, 'given');
    await expect(mailTo(id, 'slow.reader@example.com', 'surveys')).rejects.toMatchObject({
      code: 'privacy.no_consent',
    });
    const mail = await mailTo(id, 'slow.reader@example.com', 'newsletter');
    const rowOf = async () =>
      (
        await app.db.query<{ state: string; error: string; attempts: number; content: string | null }>(
          'select state, error, attempts, content from trellis.mail where id = $1',
          [mail.id],
        )
      )[0];
    await until(rowOf, ({ attempts }) => attempts === 1);
    await consent(id, 'withdrawn');
    await app.db.query('update trellis.mail set next_attempt_at = now() where id = $1', [mail.id]);
    const ctx = ctxOf();
    await ctx.jobs.enqueue(ctx, 'core.send-mail', null);
    const row = await until(rowOf, ({ state }) => state === 'cancelled');
    expect([row.content, row.error]).toEqual([null, expect.stringContaining('withdrawn')]);
    expect(mailbox.arrived).toEqual([]);
  });

  it('is a log: entries about people only, never rewritten', async () => {
    const entry = await consent(await contact(), 'given');
    const path = `/api/records/core.consent/${entry}`;
    expect((await app.admin.patch(path, { state: 'withdrawn' })).body.code).toBe('consent.unchangeable');
    expect((await app.admin.delete(path)).body.code).toBe('consent.unchangeable');
    const [log] = (await app.admin.get('/api/catalog')).body.data.entities.filter(
      (one) => String(one.id) === 'core.consent',
    );
    expect(log.permissions).toMatchObject({ create: true, update: false, delete: false, purge: false });
    const company = await made('contacts.company', { name: 'Acme' });
    const subject = { entity: 'contacts.company', id: company };
    const answer = await app.admin.post('/api/records/core.consent', {
      subject,
      purpose: 'newsletter',
      channel: 'email',
      state: 'given',
    });
    expect(answer.body.code).toBe('privacy.not_a_subject');
  });
});

describe('restriction', () => {
  it('refuses changes and mails, not reading or erasing, until it is lifted', async () => {
    const id = await contact({ email: 'still@example.com' });
    await consent(id, 'given');
    const set = { kind: 'restriction', entity: 'contacts.contact', id, reason: 'disputed' };
    const { id: markId } = expectOk(await app.admin.post('/api/privacy/marks', set), 201).body.data;
    expect((await app.admin.post('/api/privacy/marks', set)).body.code).toBe('privacy.already_marked');
    expect((await app.admin.patch(`${person}/${id}`, { jobTitle: 'x' })).body.code).toBe('privacy.restricted');
    await expect(mailTo(id, 'still@example.com', 'newsletter')).rejects.toMatchObject({ code: 'privacy.restricted' });
    expect((await app.admin.get(`/api/privacy/subjects/contacts.contact/${id}`)).body.data).toEqual({
      restricted: true,
      held: false,
    });
    const member = await app.member();
    expect((await member.get(`/api/privacy/subjects/contacts.contact/${id}`)).status).toBe(404);
    expectOk(await app.admin.delete(`/api/privacy/marks/${String(markId)}`), 204);
    expectOk(await app.admin.patch(`${person}/${id}`, { jobTitle: 'x' }));
  });
});

describe('what is known of a person', () => {
  it('comes as one archive: records with history, files, mails; gone with the person', async () => {
    const id = await contact({ email: 'curious@example.com', jobTitle: 'Baker' });
    expectOk(await app.admin.patch(`${person}/${id}`, { jobTitle: 'Miller' }));
    await mailTo(id, 'slow.curious@example.com');
    const hold = { kind: 'hold', entity: 'contacts.contact', id, reason: 'suit' };
    const set = expectOk(await app.admin.post('/api/privacy/marks', hold), 201).body.data;
    expectOk(await app.admin.delete(`/api/privacy/marks/${String(set.id)}`), 204);
    expectOk(
      await app.admin.upload('/api/files', {
        content: 'the contract',
        fileName: 'contract.txt',
        fields: { entity: 'contacts.contact', id },
      }),
      201,
    );
    const ordered = expectOk(
      await app.admin.post('/api/privacy/exports', { entity: 'contacts.contact', id, reason: 'asked' }),
      202,
    ).body.data;
    expect(String((await settled(ordered.id)).state)).toBe('done');
    const path = `/api/privacy/requests/${String(ordered.id)}/file`;
    const files = unzipped(await app.admin.bytes(path));
    expect([...files.keys()].map((name) => name.replace(/[0-9a-f-]{36}/, '<id>')).sort()).toEqual([
      'audit.json',
      'files/<id>/contract.txt',
      'index.html',
      'mails.json',
      'records/contacts.contact.json',
      'records/core.attachment.json',
    ]);
    expect(files.get('records/contacts.contact.json')).toMatch(/"before": "Baker"/);
    expect([...files].find(([name]) => name.endsWith('contract.txt'))?.[1]).toBe('the contract');
    expect(files.get('index.html')).toContain('curious@example.com');
    await erased([id]);
    expect((await app.admin.get(path)).body.code).toBe('privacy.request_not_found');
    expect(await filesWith(app.dataDir, ordered.id as unknown as string)).toEqual([]);
  });
});

describe('retention', () => {
  const rule = { entity: 'contacts.contact', field: 'createdAt', afterDays: 365, filter: "jobTitle == 'Old'" };

  it('is counted, kept, and applied every night; held people stay', async () => {
    const [gone, held] = [await contact({ jobTitle: 'Old' }), await contact({ jobTitle: 'Old' })];
    await app.db.query("update data.contacts__contact set created_at = now() - interval '2 years' where id = any($1)", [
      [gone, held],
    ]);
    const hold = { kind: 'hold', entity: 'contacts.contact', id: held, reason: 'suit' };
    expectOk(await app.admin.post('/api/privacy/marks', hold), 201);
    const given = { ...rule, action: 'erase' };
    expect(expectOk(await app.admin.post('/api/privacy/retention/plan', given)).body.data.count).toBe(2);
    const { id } = expectOk(await app.admin.post('/api/privacy/retention', given), 201).body.data;
    const ctx = ctxOf();
    await ctx.jobs.enqueue(ctx, 'core.apply-retention', null);
    await until(
      () => app.admin.get(`${person}/${gone}`),
      ({ status }) => status === 404,
    );
    expect((await app.admin.get(`${person}/${held}`)).status).toBe(200);
    const list = (await app.admin.get('/api/privacy/retention')).body.data;
    expect(list).toMatchObject([{ id, lastCount: 1 }]);
    expectOk(await app.admin.delete(`/api/privacy/retention/${String(id)}`), 204);
  });

  it.each([
    [{ field: 'jobTitle', action: 'delete' }, 'retention.unknown_field'],
    [{ entity: 'contacts.company', filter: '', action: 'erase' }, 'retention.not_a_subject'],
    [{ filter: 'jobTitle ==', action: 'delete' }, 'expression.syntax'],
  ])('refuses %j', async (given, code) => {
    expect((await app.admin.post('/api/privacy/retention', { ...rule, ...given })).body.code).toBe(code);
  });
});
