import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createBackups, filesFolder, migrations, restoreDatabase } from '../../core/storage/index.js';
import { silentLog } from '../../core/base/log.js';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk } from '../support/client.js';
import { listAll, runImport, undoImport } from '../support/imports.js';
import { startOwnPostgres, type OwnPostgres } from '../support/own-postgres.js';

// The oldest server that is supported, where this machine has one: Debian's folders, Homebrew's, or what pg_config names.
const path = '/api/records/contacts.company';
const bin = findPostgres15();
let server: OwnPostgres;
let app: TestApp;
const shared = process.env.TEST_POSTGRES_URL;

if (bin === null) {
  test('no PostgreSQL 15 on this machine: the contract runs on the embedded server only', () => {
    expect(bin).toBeNull();
  });
} else {
  beforeAll(async () => {
    server = await startOwnPostgres(bin);
    process.env.TEST_POSTGRES_URL = server.url;
    app = await startApp({ seed: 'demo' });
  });
  afterAll(async () => {
    await app?.stop();
    process.env.TEST_POSTGRES_URL = shared;
    await server?.stop();
  });

  describe('on PostgreSQL 15', () => {
    test('it is that version', async () => {
      const [row] = await app.db.query<{ v: string }>(`select current_setting('server_version_num') as v`);
      expect(Math.floor(Number(row.v) / 10_000)).toBe(15);
    });

    test('a record lives its life', async () => {
      const made = expectOk(
        await app.admin.post(path, { name: '浦东 Works', employees: 7, tags: ['a'], billingAddress: { city: 'Ulm' } }),
        201,
      );
      const one = `${path}/${String(made.body.data.id)}`;
      expect((await app.admin.get(one)).body.data).toEqual(made.body.data);
      expect((await app.admin.patch(one, { employees: 8 }, { 'if-match': '"1"' })).body.data).toMatchObject({
        employees: 8,
      });
      expect((await app.admin.patch(one, { employees: 9 }, { 'if-match': '"1"' })).status).toBe(412);
      expect((await app.admin.get(`${one}/history`)).body.data[0]).toMatchObject({
        changes: [{ before: 7, after: 8 }],
      });
      expect((await app.admin.delete(one)).status).toBe(204);
      expect((await app.admin.post(`${one}/restore`)).body.data).toMatchObject({ employees: 8 });
    });

    test('lists, filters, searches, pages and counts', async () => {
      const rows = Array.from({ length: 25 }, (_, n) => ({ externalId: `p-${n}`, name: `Page ${n}`, employees: n }));
      expect((await app.admin.post(`${path}/bulk?mode=create&atomic=true`, rows)).body.summary).toMatchObject({
        created: 25,
      });
      const filter = encodeURIComponent('externalId.startsWith("p-") && employees >= 5');
      const first = (await app.admin.get(`${path}?filter=${filter}&sort=-employees&limit=15&count=exact`)).body;
      expect([first.data.length, first.page.count, first.data[0].employees]).toEqual([15, 20, 24]);
      const second = await app.admin.get(
        `${path}?filter=${filter}&sort=-employees&limit=15&after=${encodeURIComponent(String(first.page.next))}`,
      );
      expect([second.body.data.length, second.body.page.next]).toEqual([5, null]);
      for (const q of ['东', 'work', '浦东 wor'])
        expect((await app.admin.get(`${path}?q=${encodeURIComponent(q)}`)).text).toContain('浦东 Works');
    });

    test('aggregates, by buckets too', async () => {
      const answer = await app.admin.post(`${path}/aggregate`, {
        groupBy: [{ field: 'createdAt', bucket: 'month' }],
        measures: [{ fn: 'count' }, { fn: 'sum', field: 'employees' }],
        filter: 'externalId.startsWith("p-")',
      });
      expect(answer.body.data).toMatchObject([{ count: 25, sum_employees: 300 }]);
    });

    test('bulk upserts, and changes all that match', async () => {
      const rows = [
        { externalId: 'p-0', employees: 100 },
        { externalId: 'p-new', name: 'New' },
      ];
      const upserted = await app.admin.post(`${path}/bulk?mode=upsert&key=externalId`, rows);
      expect(upserted.body.data.map((row) => String(row.status))).toEqual(['updated', 'created']);
      const where = await app.admin.post(`${path}/bulk?mode=update`, {
        filter: 'externalId.startsWith("p-")',
        patch: { description: 'all' },
      });
      expect(where.body.data).toMatchObject({ matched: 26, changed: 26 });
    });

    test('a member sees its own', async () => {
      const member = await app.member();
      expectOk(await member.post(path, { name: 'Mine' }), 201);
      expect((await member.get(path)).body.data).toMatchObject([{ name: 'Mine' }]);
    });

    test('an export imports again without a change, a file imports and is undone', async () => {
      const csv = expectOk(await app.admin.get(`${path}/export?format=csv`)).text;
      expect(await runImport(app.admin, { entity: 'contacts.company', content: csv })).toMatchObject({
        status: 'done',
        created: 0,
        updated: 0,
        refused: 0,
      });
      const before = (await listAll(app.admin, 'contacts.company')).length;
      const done = await runImport(app.admin, {
        entity: 'contacts.company',
        content: 'externalId,name\ni-1,One\ni-2,Two\n',
      });
      expect(done).toMatchObject({ created: 2 });
      await undoImport(app.admin, String(done.id));
      expect(await listAll(app.admin, 'contacts.company')).toHaveLength(before);
    });

    test('a backup restores into an empty database', async () => {
      const info = await createBackups({ url: app.db.url, dataDir: app.dataDir, log: silentLog }).create();
      const [count] = await app.db.query<{ n: string }>('select count(*) as n from data.contacts__company');
      await app.db.query('create database restored');
      const url = new URL(app.db.url);
      url.pathname = '/restored';
      await restoreDatabase({
        url: url.toString(),
        filesDir: filesFolder(app.dataDir),
        source: join(app.dataDir, 'backups', info.name),
        migrations,
        force: false,
      });
      const restored = new (await import('pg')).default.Client({ connectionString: url.toString() });
      await restored.connect();
      try {
        const { rows } = await restored.query<{ n: string }>('select count(*) as n from data.contacts__company');
        expect(rows[0].n).toBe(count.n);
      } finally {
        await restored.end();
        await app.db.query('drop database restored with (force)');
      }
    });
  });
}

function findPostgres15(): string | null {
  const candidates = ['/usr/lib/postgresql/15/bin', '/opt/homebrew/opt/postgresql@15/bin', '/usr/pgsql-15/bin'];
  try {
    candidates.push(
      execFileSync('pg_config', ['--bindir'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim(),
    );
  } catch {
    // None on the path.
  }
  const isServer15 = (folder: string): boolean =>
    existsSync(folder) &&
    readdirSync(folder).includes('initdb') &&
    existsSync(join(folder, 'postgres')) &&
    / 15[.\w]/.test(execFileSync(join(folder, 'postgres'), ['--version'], { encoding: 'utf8' }));
  return candidates.find(isServer15) ?? null;
}
