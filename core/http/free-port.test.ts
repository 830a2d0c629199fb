import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { mustBeFree, portProblem } from './free-port.js';

test('a port that another program has is refused by name, with what to set; once it is free it is taken', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await expect(mustBeFree({ port, host: '127.0.0.1' })).rejects.toMatchObject({
    code: 'config.port_in_use',
    message: expect.stringContaining(String(port)) as string,
    hint: expect.stringContaining('PORT=') as string,
  });
  other.close();
  await once(other, 'close');
  await expect(mustBeFree({ port, host: '127.0.0.1' })).resolves.toBeUndefined();
});

test('any free port is not asked for; what is not about the port is left to the listening', async () => {
  await expect(mustBeFree({ port: 0, host: '127.0.0.1' })).resolves.toBeUndefined();
  expect(portProblem(Object.assign(new Error('no'), { code: 'EACCES' }), 80)).toMatchObject({
    code: 'config.port_denied',
  });
  expect(portProblem(new Error('other'), 80)).toBeNull();
});
