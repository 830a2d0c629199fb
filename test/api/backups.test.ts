import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ADMIN, startApp, type TestApp } from '../support/app.js';
import { expectOk, until } from '../support/client.js';
import { listenTo, upToDate } from '../support/events.js';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app?.stop());

const list = async () => expectOk(await app.admin.get('/api/backups'), 200).body;

test('a backup is ordered, made in the background, told of on the way, and can then be downloaded', async () => {
  const session = await app.anonymous.post('/api/session', ADMIN);
  const stream = await listenTo(app.url, { cookie: String(session.headers.get('set-cookie')).split(';')[0] });
  await upToDate(app.admin, [stream]);
  expect((await list()).data).toEqual([]);
  const asked = expectOk(await app.admin.post('/api/backups'), 202);
  expect(['waiting', 'running']).toContain(String(asked.body.data.status));
  const done = await until(list, ({ data }) => data.some(({ status }) => String(status) === 'done'));
  expect(done.data).toMatchObject([
    { id: expect.stringMatching(/^trellis-.*\.trellis$/) as string, status: 'done', progress: 1 },
  ]);
  const backup = await app.admin.get(`/api/backups/${String(done.data[0 as never].id)}/file`);
  expect([backup.status, Number(backup.headers.get('content-length'))]).toEqual([
    200,
    Number(done.data[0 as never].size),
  ]);
  await until(
    () => Promise.resolve(stream.events),
    (events) => events.some(({ topic, payload }) => topic === 'backup.progress' && payload.status === 'done'),
  );
  expect(stream.events.find(({ topic }) => topic === 'backup.progress')?.payload.id).toBe(String(asked.body.data.id));
  stream.close();
  const audit = (await app.admin.get('/api/audit?kind=backup.requested')).body.data;
  expect(audit[0 as never]).toMatchObject({ payload: { name: String(asked.body.data.id) } });
});

test('asked for twice at once, one is made', async () => {
  const before = (await list()).data.length;
  const [first] = await Promise.all([app.admin.post('/api/backups'), app.admin.post('/api/backups')]);
  expect(first.status).toBe(202);
  await until(list, ({ data }) => data.length > before && !data.some(({ status }) => String(status) !== 'done'));
  expect((await app.admin.get('/api/jobs?name=core.back-up')).body.data.jobs.length).toBeLessThanOrEqual(before + 2);
});

test('when the next is made by itself is told, or why none is', async () => {
  expect((await list()).schedule).toMatchObject({ everyHours: null, reason: expect.stringMatching(/./) as string });
});

test('nobody but an administrator asks for one', async () => {
  const member = await app.member();
  expect((await member.post('/api/backups')).status).toBe(403);
  expect((await member.get('/api/backups')).status).toBe(403);
});

test('one that cannot be written is listed as failed, with the reason', async () => {
  const folder = join(app.dataDir, 'backups');
  await rm(folder, { recursive: true });
  // A file where the folder should be: not even root can write there.
  await writeFile(folder, 'in the way');
  await app.admin.post('/api/backups');
  const failed = await until(list, ({ data }) => data.some(({ status }) => String(status) === 'failed'));
  expect(String(failed.data[0 as never].error)).toMatch(/EEXIST|ENOTDIR/);
  await rm(folder);
});
