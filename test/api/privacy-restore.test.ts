import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { silentLog } from '../../core/base/log.js';
import { readConfig } from '../../core/base/config.js';
import { commands } from '../../core/cli/commands.js';
import { erasedListPath } from '../../core/privacy/index.js';
import { startTrellis } from '../../core/start.js';
import { BACKUPS, type Backups } from '../../core/storage/index.js';
import { startApp, testEnv } from '../support/app.js';
import { expectOk, until } from '../support/client.js';
import { spawnApp } from '../support/spawn-app.js';
import { filesWith, tablesWith } from '../support/whole-search.js';

const mark = 'Zyxwieder';
const erasures = '/api/privacy/erasures';

test('an older backup brings nobody back: who was erased is erased again before anybody is served', async () => {
  const app = await startApp();
  const config = readConfig(testEnv({}, app.db.url, app.dataDir), (path) => resolve(path));
  try {
    const email = `${mark}@example.com`;
    const { body } = expectOk(await app.admin.post('/api/records/contacts.contact', { lastName: mark, email }), 201);
    const id = String(body.data.id);
    expectOk(
      await app.admin.upload('/api/files', {
        content: `${mark} contract`,
        fileName: 'contract.txt',
        fields: { entity: 'contacts.contact', id },
      }),
      201,
    );
    const { name } = await app.app.get<Backups>(BACKUPS).create();
    const planned = await app.admin.post(erasures, { entity: 'contacts.contact', ids: [id], reason: 'asked' });
    const request = `/api/privacy/requests/${String(expectOk(planned, 201).body.data.id)}`;
    expectOk(await app.admin.post(`${request}/run`), 202);
    await until(
      async () => String((await app.admin.get(request)).body.data.state),
      (state) => state === 'done',
    );
    expect(await readFile(erasedListPath(app.dataDir), 'utf8')).toContain(id);
    // The list is lost; the database that is replaced still knows.
    await rm(erasedListPath(app.dataDir));
    await app.app.close();
    const restore = commands.find((command) => command.name === 'restore');
    const input = { config, log: silentLog, flags: new Set(['--force']), print: () => undefined };
    const source = join(app.dataDir, 'backups', name);
    expect(await restore?.run({ ...input, values: [source] })).toBe(0);
    await rm(source);
    expect((await tablesWith(app.db, mark)).length).toBeGreaterThan(0);
    expect(await filesWith(app.dataDir, mark)).toHaveLength(1);

    for (const round of ['first', 'second']) {
      const running = await startTrellis({ config, log: silentLog, announce: () => undefined });
      try {
        expect([round, await tablesWith(app.db, mark), await filesWith(app.dataDir, mark)]).toEqual([round, [], []]);
      } finally {
        await running.stop();
      }
    }
    const again = await app.db.query("select 1 from trellis.audit_entry where kind = 'privacy.erasedAgain'");
    expect(again).toHaveLength(1);
  } finally {
    await app.stop();
  }
}, 300_000);

test('killed in the middle, an erasure goes on where it was, and its certificate counts everybody once', async () => {
  const app = await spawnApp();
  const people = 60;
  try {
    const rows = Array.from({ length: people }, (_, n) => ({ lastName: mark, email: `${mark}${n}@example.com` }));
    expectOk(await app.admin.post('/api/records/contacts.contact/bulk?mode=create', rows));
    const filter = `lastName == '${mark}'`;
    const planned = expectOk(await app.admin.post(erasures, { entity: 'contacts.contact', filter, reason: 'x' }), 201);
    expect(Number(planned.body.data.subjects)).toBe(people);
    const id = String(planned.body.data.id);
    expectOk(await app.admin.post(`/api/privacy/requests/${id}/run`), 202);
    const left = async (): Promise<number> =>
      (
        await app.db.query(
          "select 1 from trellis.privacy_request_subject where request_id = $1 and state in ('waiting', 'rows')",
          [id],
        )
      ).length;
    await until(left, (n) => n < people - 5);
    await app.kill();
    expect(await left()).toBeGreaterThan(0);
    await app.restart();
    await until(
      async () => String((await app.admin.get(`/api/privacy/requests/${id}`)).body.data.state),
      (state) => state === 'done',
    );
    expect(await tablesWith(app.db, mark)).toEqual([]);
    const certificate = expectOk(await app.admin.get(`/api/privacy/requests/${id}/certificate`)).body;
    expect(certificate.erased.length).toBe(people);
    expect(Number(certificate.counts['delete contacts.contact'])).toBe(people);
    const [{ n }] = await app.db.query<{ n: string }>('select count(*) as n from trellis.erased_subject');
    expect(Number(n)).toBe(people);
  } finally {
    await app.stop();
  }
}, 300_000);
