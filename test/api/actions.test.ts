import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Client } from '../support/client.js';
import { settledPerson } from '../support/people.js';

let app: TestApp;
let member: Client & { readonly id: string };
beforeAll(async () => {
  app = await startApp({
    plugins: [resolve('test/fixtures/doors')],
    env: { TRELLIS_PUBLIC_URL: 'https://crm.example.com' },
  });
  member = await app.member({ name: 'Mia' });
});
afterAll(() => app?.stop());

const tickets = '/api/records/doors.ticket';
const run = (client: Client, action: string, input: object, headers?: Record<string, string>) =>
  client.post(`/api/actions/${action}`, input, headers);
const ticket = async (values: object = {}, client: Client = app.admin): Promise<string> =>
  String(expectOk(await client.post(tickets, { name: 'Broken lamp', secretNote: 'VIP', ...values }), 201).body.data.id);
const link = async (target: string, input: object, seconds = 600): Promise<string> => {
  const url = String(expectOk(await run(app.admin, 'doors.link', { target, input, seconds })).body.data);
  expect(url).toMatch(/^https:\/\/crm\.example\.com\/p\//);
  return new URL(url).searchParams.get('t') as string;
};

describe('an action', () => {
  it('runs with the rights of who calls it', async () => {
    const own = await ticket({}, member);
    expect(expectOk(await run(member, 'doors.close-ticket', { ticket: own })).body.data.closed).toBe(true);
    const others = await run(member, 'doors.close-ticket', { ticket: await ticket() });
    expect([others.status, others.body.code]).toEqual([404, 'record.not_found']);
  });

  it('is refused to who has none of its roles', async () => {
    expect((await run(member, 'doors.count-tickets', {})).body).toMatchObject({ status: 403, code: 'access.denied' });
    expect((await run(app.admin, 'doors.count-tickets', {})).status).toBe(200);
    expect((await run(app.anonymous, 'doors.count-tickets', {})).status).toBe(401);
  });

  it('is refused to an API key that may only read', async () => {
    const made = expectOk(
      await (await settledPerson(app)).client.post('/api/api-keys', { name: 'reader', scopes: ['read'] }),
      201,
    );
    const reader = app.anonymous.with({ authorization: `Bearer ${String(made.body.data.key)}` });
    expect((await run(reader, 'doors.close-ticket', { ticket: 'x' })).status).toBe(403);
    expect(expectOk(await reader.get('/api/actions')).body.data.length).toBe(0);
  });

  it('names what is wrong with its input', async () => {
    const missing = await run(member, 'doors.close-ticket', { tickte: 'x' });
    expect(missing.body).toMatchObject({ status: 422, code: 'action.bad_input' });
    expect(missing.text).toContain('Did you mean \\"ticket\\"');
    expect((await run(member, 'doors.close-tickets', {})).body).toMatchObject({
      status: 404,
      code: 'action.not_found',
    });
  });

  it('counts once under an Idempotency-Key, and leaves nothing where it fails', async () => {
    const id = await ticket({}, member);
    const before = (await app.db.query('select 1 from trellis.notification')).length;
    const tell = { ticket: id, users: [member.id], word: 'hello' };
    const headers = { 'idempotency-key': 'tell-once' };
    const first = expectOk(await run(app.admin, 'doors.tell', tell, headers));
    const again = expectOk(await run(app.admin, 'doors.tell', tell, headers));
    expect([again.headers.get('idempotency-replayed'), again.text]).toEqual(['true', first.text]);
    expect((await run(app.admin, 'doors.tell', { ...tell, fail: true })).body.code).toBe('doors.failed');
    expect((await app.db.query('select 1 from trellis.notification')).length).toBe(before + 1);
  });

  it('stands in the API description of who may call it, and of nobody else', async () => {
    const paths = async (client: Client) => Object.keys(expectOk(await client.get('/api/openapi.json')).body.paths);
    expect(await paths(app.admin)).toEqual(
      expect.arrayContaining(['/api/actions/doors.count-tickets', '/api/public/actions/doors.open-ticket']),
    );
    expect(await paths(member)).not.toContain('/api/actions/doors.count-tickets');
  });

  it('is gone while its plugin is disabled', async () => {
    expectOk(await app.admin.post('/api/plugins/doors/disable'));
    expect((await run(app.admin, 'doors.count-tickets', {})).body.code).toBe('action.not_found');
    expect((await app.anonymous.post('/api/public/actions/doors.open-ticket', { name: 'x' })).status).toBe(404);
    expectOk(await app.admin.post('/api/plugins/doors/enable'));
    expect((await run(app.admin, 'doors.count-tickets', {})).status).toBe(200);
  });
});

it('calls nothing on this machine or in its network, however that is written (abuse case 63)', async () => {
  let calls = 0;
  const inside = createServer((_request, reply) => {
    calls++;
    reply.end('secret');
  });
  await new Promise<void>((done) => inside.listen(0, '127.0.0.1', done));
  const { port } = inside.address() as AddressInfo;
  const hosts = '127.0.0.1 2130706433 0177.0.0.1 0x7f.1 127.1 0 [::1] [::ffff:127.0.0.1] [::ffff:7f00:1] localhost';
  try {
    for (const host of [...hosts.split(' '), '①②⑦.0.0.1', '169.254.169.254', '10.0.0.1', '[fe80::1]']) {
      const { status, body, text } = await run(member, 'doors.call', { url: `http://${host}:${port}/` });
      expect([host, status, body.code]).toEqual([host, 403, 'outbound.refused']);
      expect(text).not.toContain('secret');
    }
    for (const url of ['file:///etc/passwd', 'ftp://127.0.0.1/', 'http://a:b@127.0.0.1/', 'gopher://127.0.0.1/'])
      expect((await run(member, 'doors.call', { url })).body.code).toBe('outbound.bad_request');
    expect(calls).toBe(0);
  } finally {
    await new Promise((done) => inside.close(done));
  }
});

describe('a public action', () => {
  const call = (action: string, input: object, token?: string) =>
    app.anonymous.post(`/api/public/actions/${action}${token === undefined ? '' : `?t=${token}`}`, input);

  it('has the rights that it declares, under its own name', async () => {
    const made = expectOk(await call('doors.open-ticket', { name: 'From outside' }));
    expect(expectOk(await app.admin.get(`${tickets}/${String(made.body.data.id)}`)).body.data).toMatchObject({
      name: 'From outside',
      createdBy: null,
    });
    const token = await link('doors.read-ticket', { ticket: await ticket() });
    const read = expectOk(await call('doors.read-ticket', {}, token)).body.data;
    expect([read.name, 'secretNote' in (read as object)]).toEqual(['Broken lamp', false]);
    const closed = await link('doors.read-ticket', { ticket: await ticket({ closed: true }) });
    expect((await call('doors.read-ticket', {}, closed)).body.code).toBe('record.not_found');
  });

  it('without declared rights reads nothing', async () => {
    const answer = await call('doors.peek', { ticket: await ticket() });
    expect([answer.status, answer.body.code]).toEqual([404, 'entity.not_found']);
  });

  it('is not found by who guesses the name of one that is not public', async () => {
    const answer = await call('doors.count-tickets', {});
    expect([answer.status, answer.body.code, answer.text.includes('Did you mean')]).toEqual([
      404,
      'action.not_found',
      false,
    ]);
  });

  it('takes what was signed, whatever the holder says (abuse case 60)', async () => {
    const mine = await ticket({ name: 'Mine' });
    const other = await ticket({ name: 'Other' });
    const token = await link('doors.read-ticket', { ticket: mine });
    expect(expectOk(await call('doors.read-ticket', { ticket: other }, token)).body.data.name).toBe('Mine');
    const [body, mac] = token.split('.');
    const said = JSON.parse(Buffer.from(body, 'base64url').toString()) as [string, object, number];
    const forge = (value: unknown) => `${Buffer.from(JSON.stringify(value)).toString('base64url')}.${mac}`;
    const expired = await link('doors.read-ticket', { ticket: mine }, -1);
    const elsewhere = await link('doors.ticket-page', { ticket: mine });
    for (const bad of [
      forge([said[0], { ticket: other }, said[2]]),
      forge([said[0], said[1], said[2] + 1e6]),
      `${body}.`,
      `${body}.${mac.slice(0, -2)}AA`,
      body,
      '',
      'x'.repeat(7000),
      expired,
      elsewhere,
    ]) {
      const answer = await call('doors.read-ticket', { ticket: other }, bad);
      expect([answer.status, answer.body.code]).toEqual([404, 'link.invalid']);
    }
    expect((await call('doors.read-ticket', { ticket: other })).body.code).toBe('link.invalid');
  });

  it('is limited by address, and says when to come back', async () => {
    const answers = [];
    for (let i = 0; i < 6; i++) answers.push(await call('doors.open-ticket', { name: `n${i}` }));
    const last = answers[answers.length - 1];
    expect([last.status, last.body.code]).toEqual([429, 'request.too_many']);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(60);
    // What a client says of itself is no other address.
    const headers = { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=203.0.113.9' };
    expect((await app.anonymous.post('/api/public/actions/doors.open-ticket', { name: 'x' }, headers)).status).toBe(
      429,
    );
  });
});

describe('a public page', () => {
  const open = (path: string, headers?: Record<string, string>) => app.anonymous.get(path, headers);

  it('shows what its door may read, escaped, and loads nothing inline', async () => {
    const token = await link('doors.ticket-page', { ticket: await ticket({ name: '<img src=x onerror=alert(1)>' }) });
    const page = expectOk(await open(`/p/doors.ticket-page?t=${token}`));
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.text).toContain('<h1>&lt;img src=x onerror=alert(1)&gt;</h1>');
    expect(page.text).toContain('note: none');
    expect(page.text).not.toMatch(/<script(?! src=)|<img| style=/);
  });

  it('refuses as a page, in the language of the visitor', async () => {
    const refused = await open('/p/doors.ticket-page?t=x', { 'accept-language': 'zh-CN' });
    expect([refused.status, refused.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(refused.text).toContain('链接无法使用');
    expect((await open('/p/doors.nothing')).status).toBe(404);
  });

  it('of a signed action has a button: opening it changes nothing', async () => {
    const token = await link('doors.read-ticket', { ticket: await ticket() });
    const page = expectOk(await open(`/p/doors.read-ticket?t=${token}`));
    expect(page.text).toContain('data-action="doors.read-ticket"');
    expect(page.text).toContain('>Continue</button>');
  });
});
