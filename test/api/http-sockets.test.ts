import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { startApp, type TestApp } from '../support/app.js';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app?.stop());

const teams = '/api/records/core.team';

describe('sockets', () => {
  test('garbage and giant headers end in a short answer', async () => {
    expect(await talk('GARBAGE\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await talk(`GET /api/health HTTP/1.1\r\nhost: x\r\nx-big: ${'x'.repeat(40_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
    expect(
      await talk(
        'POST /api/session HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      ),
    ).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('1,000 idle connections leave room for others', async () => {
    const sockets = await Promise.all(Array.from({ length: 1000 }, open));
    const began = Date.now();
    expect((await app.admin.get(teams)).status).toBe(200);
    expect(Date.now() - began).toBeLessThan(60_000);
    for (const socket of sockets) socket.destroy();
  });

  test('a head that trickles in is cut off', async () => {
    const socket = await open();
    socket.resume();
    socket.write('GET /api/health HTTP/1.1\r\nhost: x\r\n');
    const began = Date.now();
    const timer = setInterval(() => socket.writable && socket.write('x-a: b\r\n'), 500);
    await once(socket, 'close').catch(() => undefined);
    clearInterval(timer);
    expect(Date.now() - began).toBeLessThan(120_000);
  });
});

function open(): Promise<Socket> {
  const { hostname, port } = new URL(app.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => resolve(socket));
    socket.on('error', reject);
  });
}

async function talk(text: string): Promise<string> {
  const socket = await open();
  let said = '';
  socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
  socket.on('error', () => undefined);
  socket.write(text);
  await once(socket, 'close');
  return said;
}
