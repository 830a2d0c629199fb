import { ddlMaker, displayCollation } from '../../core/storage/index.js';
import { expectOk } from '../support/client.js';
import { spawnApp } from '../support/spawn-app.js';

test('a start whose version makes other tables of the same layers brings them to that; the next one asks one question', async () => {
  const app = await spawnApp();
  try {
    const maker = async (): Promise<string | null> =>
      (await app.db.query<{ maker: string | null }>('select tables_made_by as maker from trellis.epoch'))[0].maker;
    const index = 'contacts__company$ix$created_at';
    const standing = async (): Promise<number> =>
      (await app.db.query(`select 1 from pg_class where relname like '${index}$%'`)).length;
    const own = await maker();
    expect([own?.length, await standing()]).toEqual([8, 1]);
    // As an earlier version may have left it: it did not know this index, and made another one.
    await app.kill();
    const [{ name }] = await app.db.query<{ name: string }>(
      `select relname as name from pg_class where relname like '${index}$%'`,
    );
    await app.db.query(`drop index data."${name}"`);
    await app.db.query(`create index "contacts__company$ix$earlier" on data.contacts__company (version)`);
    await app.restart();
    expect([await maker(), await standing()]).toEqual([own, 0]);
    await app.kill();
    await app.db.query(`update trellis.epoch set tables_made_by = 'earlier'`);
    await app.restart();
    expect([await maker(), await standing()]).toEqual([own, 1]);
    expect(await app.db.query(`select 1 from pg_class where relname = 'contacts__company$ix$earlier'`)).toEqual([]);
    expectOk(await app.admin.get('/api/records/contacts.company'), 200);
  } finally {
    await app.stop();
  }
});

test('what is made depends on the settings of the workspace', () => {
  expect(ddlMaker({ collation: displayCollation('en') })).not.toBe(ddlMaker({ collation: displayCollation('zh-CN') }));
  expect(ddlMaker({ collation: displayCollation('en') })).toBe(ddlMaker({ collation: displayCollation('en') }));
});
