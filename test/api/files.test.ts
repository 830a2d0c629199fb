import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CONTEXTS } from '../../core/base/tokens.js';
import { collectBlobsJob, createBlobStore } from '../../core/files/index.js';
import type { ContextFactory, Ctx } from '../../core/sdk/index.js';
import { DATABASE } from '../../core/storage/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { until, type Client } from '../support/client.js';

let app: TestApp;
let owner: Client & { id: string };
let stranger: Client & { id: string };
beforeAll(async () => {
  app = await startApp();
  [owner, stranger] = [await app.member(), await app.member()];
});
afterAll(() => app?.stop());

async function newView(client: Client): Promise<string> {
  const made = await client.post('/api/records/core.savedView', {
    name: `View ${Math.random()}`,
    entity: 'core.team',
    document: { entity: 'core.team', title: 'Teams', type: 'list', columns: [{ field: 'name' }] },
  });
  expect(made.status).toBe(201);
  return String(made.body.data.id);
}

test('what is uploaded comes back, as an attachment that runs nothing', async () => {
  const made = await owner.upload('/api/files', { content: '<script>alert(1)</script>', fileName: '合同 <1>.html' });
  expect(made.status).toBe(201);
  expect(made.body.data).toMatchObject({ name: '合同 _1_.html', size: 25 });
  const answer = await owner.get(`/api/files/${String(made.body.data.id)}`);
  expect(answer.text).toBe('<script>alert(1)</script>');
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; .*filename\*=UTF-8''%E5%90%88/);
  expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  expect(
    (
      await owner.get(`/api/files/${String(made.body.data.id)}`, {
        'if-none-match': String(answer.headers.get('etag')),
      })
    ).status,
  ).toBe(304);
});

test('an empty file is a file', async () => {
  const made = await owner.upload('/api/files', { content: '', fileName: 'empty.txt' });
  expect(made.body.data).toMatchObject({ size: 0 });
  expect((await owner.get(`/api/files/${String(made.body.data.id)}`)).text).toBe('');
});

test('a file is where its record is: for whom the record is not there, neither is the file', async () => {
  const view = await newView(owner);
  const made = await owner.upload('/api/files', {
    content: 'secret',
    fileName: 'a.txt',
    fields: { entity: 'core.savedView', id: view },
  });
  expect(made.status).toBe(201);
  const path = `/api/files/${String(made.body.data.id)}`;
  expect((await owner.get(path)).status).toBe(200);
  const hidden = await stranger.get(path);
  const never = await stranger.get('/api/files/01890a5d-ac96-774b-bcce-b302099a8057');
  expect([hidden.status, hidden.text]).toEqual([404, never.text]);
  expect(
    (
      await stranger.upload('/api/files', {
        content: 'x',
        fileName: 'b.txt',
        fields: { entity: 'core.savedView', id: view },
      })
    ).status,
  ).toBe(404);
  expect((await app.anonymous.get(path)).status).toBe(401);
});

test('a file goes with its record', async () => {
  const view = await newView(owner);
  const made = await owner.upload('/api/files', {
    content: 'x',
    fileName: 'a.txt',
    fields: { entity: 'core.savedView', id: view },
  });
  expect((await owner.delete(`/api/records/core.savedView/${view}`)).status).toBe(204);
  expect((await owner.get(`/api/files/${String(made.body.data.id)}`)).status).toBe(404);
});

test('the same contents are stored once, under their hash', async () => {
  const content = `same ${Math.random()}`;
  await owner.upload('/api/files', { content, fileName: 'one.txt' });
  await stranger.upload('/api/files', { content, fileName: 'two.txt' });
  const hash = createHash('sha256').update(content).digest('hex');
  expect(await readdir(join(app.dataDir, 'files', hash.slice(0, 2), hash.slice(2, 4)))).toContain(hash);
  expect(await app.db.query('select 1 from trellis.blob where hash = $1', [hash])).toHaveLength(1);
});

test('a file past the limit is 413, and nothing of it is left', async () => {
  const answer = await owner
    .upload('/api/files', { content: new Uint8Array(51 * 1_048_576), fileName: 'large.bin' })
    .catch(() => null);
  if (answer !== null) expect(answer.body).toMatchObject({ status: 413, code: 'file.too_large' });
  await until(
    () => readdir(join(app.dataDir, 'tmp', 'tmp')),
    (left) => left.length === 0,
  );
});

test('forms that are none, parts that are unknown, no file at all', async () => {
  expect((await owner.post('/api/files', { file: 'x' })).status).toBe(415);
  expect(
    (await owner.upload('/api/files', { content: 'x', fileName: 'a', fields: { entiy: 'x' } })).body,
  ).toMatchObject({ status: 422, code: 'request.unknown_key' });
  expect(
    (await owner.upload('/api/files', { content: 'x', fileName: 'a', fields: { entity: 'core.team' } })).body,
  ).toMatchObject({ status: 422, code: 'file.record' });
  const form = new FormData();
  form.set('entity', 'core.team');
  expect((await owner.send('POST', '/api/files', form)).body).toMatchObject({ status: 422, code: 'file.missing' });
  expect(
    (await owner.send('POST', '/api/files', '--x\r\nbroken', { 'content-type': 'multipart/form-data; boundary=x' }))
      .status,
  ).toBeLessThan(500);
});

test('nobody can make an attachment point to contents it does not hold', async () => {
  const answer = await owner.post('/api/records/core.attachment', { name: 'x', hash: 'a'.repeat(64), size: 1 });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
});

test('the collector removes contents that no attachment refers to, and only those', async () => {
  const contents = { kept: `kept ${Math.random()}`, binned: `binned ${Math.random()}`, gone: `gone ${Math.random()}` };
  const ids: Record<string, string> = {};
  for (const [name, content] of Object.entries(contents))
    ids[name] = String((await app.admin.upload('/api/files', { content, fileName: `${name}.txt` })).body.data.id);
  const store = createBlobStore(join(app.dataDir, 'files'));
  const collect = async (hours: number): Promise<void> => {
    const ctx = Object.create(app.app.get<ContextFactory>(CONTEXTS).system('test'), {
      now: { value: () => new Date(Date.now() + hours * 3_600_000) },
    }) as Ctx;
    await collectBlobsJob({ database: app.app.get(DATABASE), store }).run(ctx, null);
  };
  const isThere = async (content: string): Promise<boolean> => {
    const stream = await store.read(createHash('sha256').update(content).digest('hex'));
    stream?.destroy();
    return stream !== null;
  };
  await app.admin.delete(`/api/records/core.attachment/${ids.binned}`);
  await app.admin.delete(`/api/records/core.attachment/${ids.gone}`);
  expect((await app.admin.post(`/api/records/core.attachment/${ids.gone}/purge`)).status).toBe(204);
  await collect(1);
  expect(await isThere(contents.gone)).toBe(true);
  await collect(48);
  expect([await isThere(contents.kept), await isThere(contents.binned), await isThere(contents.gone)]).toEqual([
    true,
    true,
    false,
  ]);
});
