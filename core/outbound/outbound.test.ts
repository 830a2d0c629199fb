import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isPublicAddress } from './addresses.js';
import { createOutbound } from './outbound.js';

const never = new AbortController().signal;
const seen: { url: string; headers: Record<string, unknown>; method: string }[] = [];
let server: Server;
let port: number;
beforeAll(async () => {
  server = createServer((request, reply) => {
    const { url = '', headers, method = '' } = request;
    seen.push({ url, headers, method });
    const to = /^\/to\?(.*)/.exec(url)?.[1];
    if (url === '/round') reply.writeHead(307, { location: '/round' }).end();
    else if (to !== undefined) reply.writeHead(302, { location: decodeURIComponent(to) }).end();
    else if (url === '/large') reply.end('x'.repeat(100_000));
    else if (url !== '/silent') reply.end('hello');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = (server.address() as AddressInfo).port;
});
afterAll(
  () =>
    new Promise((done) => {
      server.closeAllConnections();
      server.close(done);
    }),
);

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: { code: string }) => error.code,
  );

test.each([
  '127.0.0.1',
  '127.8.8.8',
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '192.168.1.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  'fc00::1',
  'fd12::1',
  'fe80::1',
  'ff02::1',
  'nothing',
])('%s is no address of the internet', (address) => expect(isPublicAddress(address)).toBe(false));

test.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700:4700::1111'])('%s is one', (address) =>
  expect(isPublicAddress(address)).toBe(true),
);

test.each([
  'http://127.0.0.1:PORT/',
  'http://2130706433:PORT/',
  'http://0177.0.0.1:PORT/',
  'http://0x7f.1:PORT/',
  'http://127.1:PORT/',
  'http://0:PORT/',
  'http://[::1]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://[::ffff:7f00:1]:PORT/',
  'http://①②⑦.0.0.1:PORT/',
  'http://localhost:PORT/',
  'http://169.254.169.254/latest/meta-data/',
])('%s leads inside and is refused before anything is sent', async (url) => {
  const before = seen.length;
  expect(await codeOf(createOutbound({ allowed: [] }).fetch({ url: url.replace('PORT', String(port)) }, never))).toBe(
    'outbound.refused',
  );
  expect(seen.length).toBe(before);
});

test('a name is checked where the connection is made: one that changes between two looks gains nothing', async () => {
  const answers = [['8.8.8.8'], ['127.0.0.1'], ['8.8.8.8', '127.0.0.1'], []];
  let looks = 0;
  const outbound = createOutbound({
    allowed: [],
    lookup: (_name, done) =>
      done(
        null,
        answers[++looks].map((address) => ({ address, family: 4 })),
      ),
  });
  for (let n = 1; n < answers.length; n++) {
    expect(await codeOf(outbound.fetch({ url: `http://rebind.example:${port}/` }, never))).toBe('outbound.refused');
    expect(looks).toBe(n);
  }
});

test('a host that the operator allows is called; where it sends us is checked anew', async () => {
  const here = `http://127.0.0.1:${port}`;
  const outbound = createOutbound({ allowed: [`127.0.0.1:${port}`] });
  const answer = await outbound.fetch({ url: `${here}/a`, headers: { Authorization: 'secret' } }, never);
  expect([answer.status, Buffer.from(answer.body).toString(), answer.url]).toEqual([200, 'hello', `${here}/a`]);
  expect(seen.at(-1)?.headers.authorization).toBe('secret');
  for (const to of ['http://localhost:1/', 'http://169.254.169.254/', `http://[::1]:${port}/`])
    expect(await codeOf(outbound.fetch({ url: `${here}/to?${encodeURIComponent(to)}` }, never))).toBe(
      'outbound.refused',
    );
  expect(await codeOf(outbound.fetch({ url: `${here}/to?file:///etc/passwd` }, never))).toBe('outbound.bad_request');
  expect(await codeOf(outbound.fetch({ url: `${here}/to?${encodeURIComponent(`${here}/to?x`)}` }, never))).toBeNull();
});

test('what was meant for one server is not told another, and nobody sends us round and round', async () => {
  const outbound = createOutbound({ allowed: ['127.0.0.1', 'localhost'] });
  const url = `http://127.0.0.1:${port}/to?${encodeURIComponent(`http://localhost:${port}/b`)}`;
  const headers = { authorization: 'secret', 'X-Api-Key': 'secret', accept: 'a/b' };
  await outbound.fetch({ url, method: 'POST', body: 'x', headers }, never);
  expect(seen.at(-1)).toMatchObject({ url: '/b', method: 'GET', headers: { accept: 'a/b' } });
  expect(JSON.stringify(seen.at(-1)?.headers)).not.toContain('secret');
  const round = `http://127.0.0.1:${port}/to?%2Fb`;
  expect((await outbound.fetch({ url: round }, never)).status).toBe(200);
  expect(await codeOf(outbound.fetch({ url: `http://127.0.0.1:${port}/round` }, never))).toBe('outbound.failed');
});

test('time and size are bounded, and headers of the connection are not the caller’s', async () => {
  const outbound = createOutbound({ allowed: ['127.0.0.1'] });
  const here = `http://127.0.0.1:${port}`;
  expect(await codeOf(outbound.fetch({ url: `${here}/large`, maxBytes: 1000 }, never))).toBe('outbound.too_large');
  expect(await codeOf(outbound.fetch({ url: `${here}/silent`, timeoutMs: 50 }, never))).toBe('outbound.failed');
  const strange: Record<string, string>[] = [{ host: 'x' }, { 'x-a': 'b\r\nc: d' }, { 'transfer-encoding': 'chunked' }];
  for (const headers of strange)
    expect(await codeOf(outbound.fetch({ url: here, headers }, never))).toBe('outbound.bad_request');
  for (const url of ['ftp://example.com/', 'http://a:b@example.com/', 'nothing', 'javascript:1'])
    expect(await codeOf(outbound.fetch({ url }, never))).toBe('outbound.bad_request');
});
