import { request } from 'node:http';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Answer, type Client } from '../support/client.js';
import { settledPerson } from '../support/people.js';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app?.stop());

/** Asks for a path exactly as it is written: `fetch` would tidy it up. */
function raw(
  url: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, path, headers: { accept: 'text/html,*/*', ...headers } }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

test.each([
  '/../package.json',
  '/../../package.json',
  '/../../../../../../etc/passwd',
  '/assets/../../package.json',
  '/%2e%2e/package.json',
  '/%2e%2e%2f%2e%2e%2fpackage.json',
  '/..%2f..%2f..%2fetc%2fpasswd',
  '/assets/..%5c..%5cpackage.json',
  '/..\\..\\package.json',
  '/%252e%252e/package.json',
  '/assets/%00/../../package.json',
  '//etc/passwd',
  '/assets/%c0%ae%c0%ae/package.json',
  '/.env',
  '/index.html/../../core/main.js',
])('%s leads to nothing outside of the admin', async (path) => {
  const { status, text } = await raw(app.url, path);
  expect(status).toBeLessThan(500);
  for (const word of ['"dependencies"', 'root:', 'startTrellis', 'reflect-metadata']) expect(text).not.toContain(word);
  // Either it is not there, or it is the page that the admin shows for an unknown address.
  if (status === 200) expect(text).toContain('<div id="app"');
});

describe('browsers are told to stay with https', () => {
  const hsts = async (url: string, headers: Record<string, string>) =>
    (await raw(url, '/api/health', headers)).headers['strict-transport-security'];
  const forwarded = { 'x-forwarded-proto': 'https' };

  test('not over plain http, and not because a client says that it came by https', async () => {
    expect(await hsts(app.url, {})).toBeUndefined();
    expect(await hsts(app.url, forwarded)).toBeUndefined();
  });

  test('where a trusted proxy says so, and nobody else; the session cookie follows', async () => {
    const behind = await startApp({ env: { TRELLIS_TRUSTED_PROXIES: '127.0.0.1' } });
    const strange = await startApp({ env: { TRELLIS_TRUSTED_PROXIES: '10.0.0.0/8' } });
    try {
      expect(await hsts(behind.url, forwarded)).toMatch(/^max-age=/);
      expect(await hsts(behind.url, { 'x-forwarded-proto': 'http' })).toBeUndefined();
      expect(await hsts(behind.url, {})).toBeUndefined();
      expect(await hsts(strange.url, forwarded)).toBeUndefined();
      const account = { email: 'admin@example.com', password: 'a-long-enough-password' };
      const cookie = async (headers: Record<string, string>) =>
        (await behind.anonymous.with(headers).post('/api/session', account)).headers.get('set-cookie') ?? '';
      expect(await cookie(forwarded)).toMatch(/; Secure/);
      expect(await cookie({})).not.toMatch(/; Secure/);
    } finally {
      await behind.stop();
      await strange.stop();
    }
  });

  test('where the public address is https', async () => {
    const tls = await startApp({ env: { TRELLIS_PUBLIC_URL: 'https://crm.example.com' } });
    expect(await hsts(tls.url, {})).toMatch(/^max-age=/);
    await tls.stop();
  });
});

describe('how often one may ask', () => {
  test('is counted by key and, where nobody is signed in, by address; a header of the client does not help', async () => {
    const small = await startApp({ env: { TRELLIS_RATE_LIMIT: '60' } });
    try {
      const member = await small.member();
      const statuses: number[] = [];
      for (let n = 0; n < 200 && !statuses.includes(429); n++) statuses.push((await member.get('/api/session')).status);
      expect(statuses[0]).toBe(200);
      const refused = await member.get('/api/records/core.team');
      expect([refused.status, refused.body.code]).toEqual([429, 'request.too_many']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(refused.headers.get('content-security-policy')).toContain("default-src 'none'");
      // Others are not held up by it.
      expect((await small.admin.get('/api/session')).status).toBe(200);

      // As many keys as one likes are one account: none of these is used up by itself.
      const person = await settledPerson(small);
      const keys: Client[] = [];
      for (let n = 0; n < 6; n++) {
        const { key } = expectOk(await person.client.post('/api/api-keys', { name: `Key ${n}` }), 201).body.data;
        keys.push(small.anonymous.with({ authorization: `Bearer ${String(key)}` }));
      }
      const many = await Promise.all(keys.flatMap((key) => Array.from({ length: 50 }, () => key.get('/api/session'))));
      expect(new Set(many.map(({ status }) => status))).toEqual(new Set([200, 429]));

      const strangers: Answer[] = [];
      for (let n = 0; n < 200 && strangers.at(-1)?.status !== 429; n++)
        strangers.push(
          await small.anonymous
            .with({ authorization: `Bearer trl_${'0'.repeat(32)}_${'A'.repeat(43)}`, 'x-forwarded-for': `10.0.0.${n}` })
            .get('/api/session'),
        );
      expect(strangers.at(-1)?.status).toBe(429);
      expect((await small.anonymous.get('/api/session')).status).toBe(429);
      expect((await small.anonymous.get('/nowhere', { accept: 'application/json' })).status).toBe(429);
      expect((await small.admin.get('/api/session')).status).toBe(200);
    } finally {
      await small.stop();
    }
  });
});
