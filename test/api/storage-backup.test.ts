import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { silentLog } from '../../core/base/log.js';
import {
  createBackups,
  displayCollation,
  examine,
  filesFolder,
  migrations,
  planDdl,
  readShape,
  restoreDatabase,
  runDdl,
  type Database,
  type Finding,
} from '../../core/storage/index.js';
import { until } from '../support/client.js';
import { emptyDatabase, type EmptyDatabase } from '../support/empty-database.js';
import { everyKind, modelOf } from '../support/entity-model.js';

const schema = modelOf({ id: 'shop.thing', properties: everyKind() });
const collation = displayCollation('en');
let dataDir: string;
let base: EmptyDatabase;
const others: EmptyDatabase[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'trellis-backup-'));
  base = await emptyDatabase();
  await base.db.transaction(async (tx) => runDdl(tx, planDdl(await readShape(tx), schema, { collation })));
});

afterEach(async () => {
  for (const made of [base, ...others.splice(0)]) await made.drop();
  await rm(dataDir, { recursive: true, force: true });
});

const query = (db: Database, text: string, values: unknown[] = []) =>
  db.query<Record<string, unknown>>({ text, values });
const fill = (db: Database, rows: number) =>
  query(
    db,
    `insert into data."shop__thing" (id, name, f_text, f_tags, f_json) select gen_random_uuid(), 'n' || i, E'tab\\there\\\\ 王' || i, array['a', 'b"c'], '{"a": [1, "\\u00e9"]}' from generate_series(1, $1::int) i`,
    [rows],
  );
/** Order-independent digest of all rows of a table. */
const digest = async (db: Database, table: string) =>
  (
    await query(
      db,
      `select count(*)::int as n, md5(coalesce(string_agg(md5(t::text), '' order by md5(t::text)), '')) as digest from ${table} t`,
    )
  )[0];
const backupsOf = (url: string, dir = dataDir) => createBackups({ url, dataDir: dir, log: silentLog });

async function addFile(db: Database, bytes: Buffer, dir = dataDir): Promise<string> {
  const hash = createHash('sha256').update(bytes).digest('hex');
  const path = join(filesFolder(dir), hash.slice(0, 2), hash.slice(2, 4), hash);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
  await query(db, 'insert into trellis.blob (hash, size) values ($1, $2)', [hash, bytes.length]);
  return hash;
}

async function restored(source: string, filesDir: string): Promise<EmptyDatabase> {
  const target = await emptyDatabase({ migrated: false });
  others.push(target);
  await restoreDatabase({ url: target.url, filesDir, source, migrations, force: false });
  return target;
}

test('a restored database has every row, index and sequence, and the files', async () => {
  await fill(base.db, 3_000);
  await query(
    base.db,
    `insert into trellis.history (entity, record_id, version, operation, at, previous) select gen_random_uuid(), gen_random_uuid(), 1, 'update', now(), '{"a":"王"}' from generate_series(1, 10)`,
  );
  await query(
    base.db,
    `select nextval(s::regclass) from unnest(array(select format('%I.%I', schemaname, sequencename) from pg_sequences where schemaname = 'data')) s`,
  );
  const bytes = randomBytes(300_000);
  const hash = await addFile(base.db, bytes);
  const backups = backupsOf(base.url);
  const { name } = await backups.create();
  const filesDir = join(dataDir, 'elsewhere');
  const target = await restored(await backups.path(name), filesDir);

  for (const table of ['data."shop__thing"', 'trellis.history', 'trellis.blob', 'trellis.migration']) {
    expect(await digest(target.db, table)).toEqual({
      ...(await digest(base.db, table)),
      ...(table === 'trellis.migration' ? { digest: expect.any(String) } : {}),
    });
  }
  expect(await readFile(join(filesDir, hash.slice(0, 2), hash.slice(2, 4), hash))).toEqual(bytes);
  // Nothing is left to do for the planner: tables, columns, indexes are all there.
  expect(await target.db.transaction(async (tx) => planDdl(await readShape(tx), schema, { collation }))).toEqual([]);
  const sequences = `select sequencename, last_value::text from pg_sequences where schemaname in ('data', 'trellis') and last_value is not null and sequencename not like 'job%' order by 1`;
  expect(await query(target.db, sequences)).toEqual(await query(base.db, sequences));
});

test('a backup is of one instant, whatever is written meanwhile', async () => {
  const user = '00000000-0000-7000-8000-000000000001';
  await query(base.db, `insert into trellis.credential (user_id) values ($1) on conflict do nothing`, [user]);
  await fill(base.db, 20_000);
  const backups = backupsOf(base.url);
  let writing = true;
  const writer = (async () => {
    // Every write keeps the two tables equal in number.
    while (writing)
      await query(
        base.db,
        `with a as (insert into data."shop__thing" (id) values (gen_random_uuid())) insert into trellis.api_key (id, key_hash, user_id, name) select gen_random_uuid(), gen_random_uuid()::text::bytea, $1, 'k'`,
        [user],
      );
  })();
  await until(
    () => query(base.db, 'select 1 from trellis.api_key limit 5'),
    (rows) => rows.length === 5,
  );
  const { name } = await backups.create();
  writing = false;
  await writer.catch(() => undefined);
  const target = await restored(await backups.path(name), join(dataDir, 'x'));
  const [counts] = await query(
    target.db,
    `select (select count(*) from data."shop__thing")::int - 20000 as things, (select count(*) from trellis.api_key)::int as keys`,
  );
  expect(counts.things).toBe(counts.keys);
});

test('a changed byte is noticed before anything is written', async () => {
  await fill(base.db, 500);
  const backups = backupsOf(base.url);
  const source = await backups.path((await backups.create()).name);
  const bytes = await readFile(source);
  bytes[Math.floor(bytes.length / 2)] ^= 0x10;
  await writeFile(source, bytes);
  await expect(restored(source, join(dataDir, 'x'))).rejects.toMatchObject({ code: 'backup.damaged' });
  expect(await query(others[0].db, `select to_regnamespace('trellis') as trellis`)).toEqual([{ trellis: null }]);
});

test('a backup that was cut off is noticed', async () => {
  const backups = backupsOf(base.url);
  const source = await backups.path((await backups.create()).name);
  const bytes = await readFile(source);
  await writeFile(source, bytes.subarray(0, bytes.length - 100));
  await expect(restored(source, join(dataDir, 'x'))).rejects.toMatchObject({ code: 'backup.damaged' });
});

test('a restore does not overwrite a database unless forced, and then replaces it whole', async () => {
  await fill(base.db, 10);
  const backups = backupsOf(base.url);
  const source = await backups.path((await backups.create()).name);
  await fill(base.db, 5);
  const input = { url: base.url, filesDir: filesFolder(dataDir), source, migrations };
  await expect(restoreDatabase({ ...input, force: false })).rejects.toMatchObject({ code: 'backup.not_empty' });
  await restoreDatabase({ ...input, force: true });
  expect(await query(base.db, 'select count(*)::int as n from data."shop__thing"')).toEqual([{ n: 10 }]);
});

test('a forced restore is refused while a Trellis runs', async () => {
  const backups = backupsOf(base.url);
  const source = await backups.path((await backups.create()).name);
  await query(base.db, `insert into trellis.job_node (id, name) values (gen_random_uuid(), '{}')`);
  await expect(
    restoreDatabase({ url: base.url, filesDir: dataDir, source, migrations, force: true }),
  ).rejects.toMatchObject({ code: 'backup.in_use' });
});

test('a restore that fails changes nothing', async () => {
  await fill(base.db, 10);
  const backups = backupsOf(base.url);
  const source = await backups.path((await backups.create()).name);
  const failing = [...migrations, { id: '9999-next', up: 'select 1 / 0' }];
  await expect(
    restoreDatabase({ url: base.url, filesDir: dataDir, source, migrations: failing, force: true }),
  ).rejects.toThrow('division by zero');
  expect(await query(base.db, 'select count(*)::int as n from data."shop__thing"')).toEqual([{ n: 10 }]);
});

test('migrations that the backup has not seen run on the restored rows', async () => {
  const backups = backupsOf(base.url);
  const source = await backups.path((await backups.create()).name);
  const target = await emptyDatabase({ migrated: false });
  others.push(target);
  const next = { id: '9999-next', up: 'alter table trellis.blob add column seen boolean' };
  await restoreDatabase({
    url: target.url,
    filesDir: dataDir,
    source,
    migrations: [...migrations, next],
    force: false,
  });
  expect(await query(target.db, `select id from trellis.migration where id = '9999-next'`)).toEqual([
    { id: '9999-next' },
  ]);
});

test('backups are listed newest first and pruned; a made-up name is refused', async () => {
  let at = Date.parse('2026-01-01T00:00:00Z');
  const backups = createBackups({ url: base.url, dataDir, log: silentLog, now: () => new Date((at += 3_600_000)) });
  for (let i = 0; i < 3; i++) await backups.create();
  expect((await backups.list()).map(({ createdAt }) => createdAt)).toEqual([
    '2026-01-01T03:00:00.000Z',
    '2026-01-01T02:00:00.000Z',
    '2026-01-01T01:00:00.000Z',
  ]);
  await backups.prune(1);
  expect(await readdir(join(dataDir, 'backups'))).toEqual(['trellis-20260101-030000.trellis']);
  await expect(backups.path('../secret.key')).rejects.toMatchObject({ code: 'backup.not_found' });
});

describe('the doctor', () => {
  const look = (extra: Partial<Parameters<typeof examine>[0]> = {}): Promise<Finding[]> =>
    examine({ db: base.db, migrations, schema, collation, filesDir: filesFolder(dataDir), ...extra });
  const faults = async (): Promise<string[]> =>
    (await look()).filter(({ level }) => level !== 'ok').map(({ code }) => code);

  test('finds nothing wrong with a healthy database', async () => {
    await addFile(base.db, Buffer.from('all well'));
    expect(await faults()).toEqual([]);
  });

  test('names a missing column and a missing index', async () => {
    await query(base.db, 'alter table data."shop__thing" drop column f_url');
    await query(base.db, 'drop index data."shop__thing$ux$external_id"');
    expect(await faults()).toEqual(['doctor.table_differs', 'doctor.table_differs']);
  });

  test('names triggers that are gone, functions that were changed, and what nobody wants', async () => {
    await query(base.db, 'drop trigger "shop__thing$update$f_link" on data."shop__thing"');
    await query(
      base.db,
      `create or replace function data."shop__thing$rollup$f_link"() returns trigger language plpgsql as 'begin return null; end'`,
    );
    await query(base.db, `create schema shadow_0123456789ab`);
    await query(base.db, 'create index "shop__thing$ix$mine" on data."shop__thing" (f_url)');
    await query(base.db, 'alter table data."shop__thing" add column gone text');
    expect((await faults()).sort()).toEqual([
      'doctor.left_over',
      'doctor.shadow_left',
      'doctor.table_differs',
      'doctor.table_differs',
    ]);
    expect(await look()).toContainEqual(expect.objectContaining({ level: 'ok', code: 'doctor.columns_unused' }));
  });

  test('names rollups that are still to be filled', async () => {
    await query(base.db, `update trellis.storage_task set state = 'pending'`);
    expect(await faults()).toEqual(['doctor.task_pending']);
  });

  test('names a missing, a damaged and an orphaned file', async () => {
    const gone = await addFile(base.db, Buffer.from('gone'));
    await rm(join(filesFolder(dataDir), gone.slice(0, 2)), { recursive: true });
    const cut = await addFile(base.db, Buffer.from('cut off'));
    await writeFile(join(filesFolder(dataDir), cut.slice(0, 2), cut.slice(2, 4), cut), 'cut');
    const orphan = await addFile(base.db, Buffer.from('orphan'));
    await query(base.db, 'delete from trellis.blob where hash = $1', [orphan]);
    expect(await faults()).toEqual(['doctor.file_missing', 'doctor.file_damaged', 'doctor.files_orphaned']);
  });

  test('names events that wait', async () => {
    await query(
      base.db,
      `insert into trellis.outbox (topic, payload, created_at) values ('x', '1', now() - interval '5 minutes')`,
    );
    expect(await faults()).toEqual(['doctor.outbox_lag']);
  });

  test('names migrations that are still to run', async () => {
    const findings = await look({ migrations: [...migrations, { id: '9999-next', up: 'select 1' }] });
    expect(findings).toContainEqual(
      expect.objectContaining({ code: 'doctor.migrations_pending', message: expect.stringContaining('9999-next') }),
    );
  });
});
