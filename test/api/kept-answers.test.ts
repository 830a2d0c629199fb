import { startApp, type TestApp } from '../support/app.js';
import { expectOk } from '../support/client.js';
import { applyChange, companyField } from '../support/studio.js';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

const plain = { 'accept-encoding': 'identity' };

test.each(['/api/catalog', '/api/openapi.json'])('%s comes packed or not, and not again', async (path) => {
  const packed = expectOk(await app.admin.get(path, { 'accept-encoding': 'gzip' }), 200);
  const whole = expectOk(await app.admin.get(path, plain), 200);
  expect([packed.headers.get('content-encoding'), whole.headers.get('content-encoding')]).toEqual(['gzip', null]);
  expect(packed.text).toBe(whole.text);
  expect(packed.headers.get('vary')).toBe('accept-encoding');
  for (const answer of [packed, whole]) {
    const again = await app.admin.get(path, { 'if-none-match': String(answer.headers.get('etag')) });
    expect([again.status, again.text]).toEqual([304, '']);
  }
});

test('a kept answer is nobody else’s, and none of an earlier catalog', async () => {
  const member = await app.member();
  const read = async (path: string, client = app.admin): Promise<string> =>
    expectOk(await client.get(path, plain), 200).text;
  const [own, theirs] = [await read('/api/catalog'), await read('/api/catalog', member)];
  expect(own).toContain('"core.user"');
  expect(theirs).not.toBe(own);
  expect(await read('/api/catalog?locale=zh-CN')).not.toBe(own);
  expect(await read('/api/catalog?provenance=true')).toContain('"provenance"');
  expect(await read('/api/catalog')).toBe(own);
  expectOk(await applyChange(app.admin, [companyField('x_kept')]), 200);
  for (const path of ['/api/catalog', '/api/catalog?locale=zh-CN', '/api/openapi.json'])
    for (const client of [app.admin, member]) expect(await read(path, client)).toContain('x_kept');
});

test('an API key that is narrowed is told less than its user', async () => {
  const session = await app.anonymous.post('/api/session', {
    email: 'admin@example.com',
    password: 'a-long-enough-password',
  });
  const cookie = String(session.headers.get('set-cookie')).split(';')[0];
  const made = await app.anonymous
    .with({ cookie })
    .post('/api/api-keys', { name: 'narrow', scopes: ['contacts.company:read'] });
  expectOk(made, 201);
  const narrow = app.anonymous.with({ authorization: `Bearer ${String(made.body.data.key)}` });
  await app.admin.get('/api/catalog');
  const { entities } = expectOk(await narrow.get('/api/catalog'), 200).body.data;
  expect(entities.map(({ id }) => String(id))).toEqual(['contacts.company']);
});
