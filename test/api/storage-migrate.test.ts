import { migrations, runMigrations, type Database } from '../../core/storage/index.js';
import { emptyDatabase, type EmptyDatabase } from '../support/empty-database.js';

const opened: EmptyDatabase[] = [];

async function unmigrated(options = ''): Promise<Database> {
  const made = await emptyDatabase({ options, migrated: false });
  opened.push(made);
  return made.db;
}

afterAll(async () => {
  for (const made of opened) await made.drop();
});

test('an empty database gets all migrations once, also from two nodes at a time', async () => {
  const db = await unmigrated();
  const [one, two] = await Promise.all([runMigrations(db, migrations), runMigrations(db, migrations)]);
  expect([...one, ...two].sort()).toEqual(migrations.map(({ id }) => id));
  expect(await runMigrations(db, migrations)).toEqual([]);
});

test('a migration that fails leaves nothing behind', async () => {
  const db = await unmigrated();
  const bad = { id: '0001-bad', up: 'create table trellis.half (n int); select 1 / 0;' };
  await expect(runMigrations(db, [bad])).rejects.toThrow();
  expect(await db.query({ text: `select to_regclass('trellis.half') as half`, values: [] })).toEqual([{ half: null }]);
});

test('a database of newer code is refused', async () => {
  const db = await unmigrated();
  await runMigrations(db, [...migrations, { id: '9999-future', up: 'select 1' }]);
  await expect(runMigrations(db, migrations)).rejects.toMatchObject({
    code: 'storage.database_newer',
    message: expect.stringContaining('9999-future'),
  });
});

test('a migration that was changed after it ran is refused', async () => {
  const db = await unmigrated();
  await runMigrations(db, [{ id: '0001-a', up: 'select 1' }]);
  await expect(runMigrations(db, [{ id: '0001-a', up: 'select 2' }])).rejects.toMatchObject({
    code: 'storage.migration_changed',
  });
});

test('a database with a C character type is refused', async () => {
  const db = await unmigrated(`locale_provider libc locale 'C' encoding 'UTF8' template template0`);
  await expect(runMigrations(db, migrations)).rejects.toMatchObject({ code: 'storage.c_ctype' });
});

test('a database that is not UTF-8 is refused', async () => {
  const db = await unmigrated(`locale_provider libc locale 'C' encoding 'LATIN1' template template0`);
  await expect(runMigrations(db, migrations)).rejects.toMatchObject({ code: 'storage.not_utf8' });
});
