import { spawn } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { silentLog } from '../../core/base/log.js';
import { startEmbedded, type EmbeddedServer } from '../../core/storage/embedded.js';

let dataDir: string;
const started: EmbeddedServer[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'trellis-embedded-'));
});

afterAll(async () => {
  for (const server of started) await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(): Promise<EmbeddedServer> {
  const server = await startEmbedded({ dataDir, log: silentLog, profile: 'test' });
  started.push(server);
  return server;
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows[0] as Record<string, unknown>;
  } finally {
    await client.end();
  }
}

test('a cluster speaks UTF-8 with Unicode classes and has the display collations', async () => {
  const { url, stop } = await start();
  const answer = await ask(
    url,
    `select current_setting('server_encoding') as encoding, '张' ~ '^[[:alnum:]]$' as cjk, lower('ÄÖ') as lower,
            (select count(*)::int from pg_collation where collname in ('zh-x-icu', 'und-x-icu')) as collations`,
  );
  expect(answer).toEqual({ encoding: 'UTF8', cjk: true, lower: 'äö', collations: 2 });
  await stop();
});

test('the socket may be entered by the server only', async () => {
  const { url, stop } = await start();
  const socketDir = new URL(url).searchParams.get('host') ?? '';
  expect((await stat(socketDir)).mode & 0o777).toBe(0o700);
  expect((await ask(url, `select current_setting('listen_addresses') as tcp`)).tcp).toBe('');
  await stop();
});

test('a second start on the same folder is refused with one line', async () => {
  const { stop } = await start();
  const other = startEmbedded({ dataDir, log: silentLog, profile: 'test' });
  await expect(other).rejects.toMatchObject({
    code: 'storage.data_dir_in_use',
    message: expect.stringMatching(/^Another Trellis \(process \d+\) already runs on [^\n]+$/),
  });
  await stop();
});

test('a server whose parent was killed is taken over with its data', async () => {
  const first = await start();
  await ask(first.url, 'create table kept as select 7 as n');
  const before = await ask(first.url, 'select pg_postmaster_start_time()::text as at');
  // What kill -9 leaves: the server, and the lock of a process that is gone.
  const gone = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => gone.once('exit', resolve));
  await writeFile(join(dataDir, 'trellis.lock'), JSON.stringify({ pid: gone.pid, born: '' }));
  const second = await start();
  expect(await ask(second.url, 'select n from kept')).toEqual({ n: 7 });
  expect(await ask(second.url, 'select pg_postmaster_start_time()::text as at')).toEqual(before);
  await second.stop();
});

test('data survive a stop and a start', async () => {
  const first = await start();
  await ask(first.url, 'create table again as select 8 as n');
  await first.stop();
  const second = await start();
  expect(await ask(second.url, 'select n from again')).toEqual({ n: 8 });
  await second.stop();
});
