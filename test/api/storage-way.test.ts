import pg from 'pg';
import { silentLog } from '../../core/base/log.js';
import type { SchemaModel } from '../../core/schema/index.js';
import {
  buildPendingIndexes,
  catalogLock,
  displayCollation,
  letOthersPass,
  planDdl,
  readShape,
  runDdl,
  type Database,
} from '../../core/storage/index.js';
import { until } from '../support/client.js';
import { emptyDatabase, type EmptyDatabase } from '../support/empty-database.js';
import { modelOf, nameField as name } from '../support/entity-model.js';

let base: EmptyDatabase;
let other: pg.Client;

beforeEach(async () => {
  base = await emptyDatabase();
  other = new pg.Client({ connectionString: base.url });
  other.on('error', () => undefined);
  await other.connect();
  await apply(thing('size'));
  await query(`insert into data.shop__thing (id, size) select gen_random_uuid(), i from generate_series(1, 40000) i`);
});

afterEach(async () => {
  await other.end();
  await base.drop();
});

/** An entity with these numbers; those with a capital are indexed. */
const thing = (...keys: string[]): SchemaModel =>
  modelOf({
    id: 'shop.thing',
    properties: {
      name,
      ...Object.fromEntries(
        keys.map((key) => [key, { title: key, 'x-field': { kind: 'integer', index: key !== key.toLowerCase() } }]),
      ),
    },
  });

const query = (text: string, values: unknown[] = []) => base.db.query({ text, values });
const build = (db: Database = base.db, signal = new AbortController().signal) =>
  buildPendingIndexes({ db, log: silentLog, signal });
const isColumn = async (column: string) =>
  (await query(`select 1 from information_schema.columns where table_schema = 'data' and column_name = $1`, [column]))
    .length === 1;
const indexes = () =>
  query(
    `select i.relname as name, x.indisvalid as valid, i.oid::text as oid from pg_index x join pg_class i on i.oid = x.indexrelid
     where x.indrelid = 'data.shop__thing'::regclass and i.relname like '%big%'`,
  );
const builds = '(select * from pg_stat_progress_create_index where datname = current_database()) b';
const pending = () => query(`select name from trellis.index_state where state = 'pending'`);

/** As the catalog does: again and again while somebody is in the way. */
async function apply(schema: SchemaModel, attempts = 10): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await applyOnce(schema);
    } catch (error) {
      if (attempt === attempts) throw error;
      await letOthersPass(base.db, error);
    }
  }
}

/** Under the lock of the catalog, with little patience. */
async function applyOnce(schema: SchemaModel): Promise<void> {
  await base.db.transaction(
    async (tx) => {
      await runDdl(tx, planDdl(await readShape(tx), schema, { collation: displayCollation('en') }));
    },
    { opening: `select pg_advisory_xact_lock(${catalogLock})`, lockTimeoutMs: 300, retries: 0 },
  );
}

/** Keeps every build from ending, since it waits for all that look at the data as they were. */
async function lookBack(): Promise<void> {
  await other.query('begin isolation level repeatable read');
  await other.query('select 1 from pg_class limit 1');
}

const stuck = () =>
  until(
    () => query(`select 1 from ${builds} where phase like 'waiting for old snapshots%'`),
    (rows) => rows.length > 0,
  );

test('a change of a table does not wait for the build of its index, which begins anew afterwards', async () => {
  await apply(thing('size', 'isBig'));
  await lookBack();
  const building = build();
  await stuck();
  await apply(thing('size', 'isBig', 'more'));
  expect([await isColumn('more'), (await pending()).length]).toEqual([true, 1]);
  await other.query('commit');
  await building;
  expect(await indexes()).toMatchObject([{ valid: true }]);
  expect(await pending()).toEqual([]);
});

test('a change that fails leaves the index to be built', async () => {
  await apply(thing('size', 'isBig'));
  await lookBack();
  const building = build();
  await stuck();
  await expect(
    base.db.transaction(async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(${catalogLock})`);
      await runDdl(
        tx,
        planDdl(await readShape(tx), thing('size', 'isBig', 'more'), { collation: displayCollation('en') }),
      );
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  await other.query('commit');
  await building;
  expect([await isColumn('more'), await indexes(), await pending()]).toEqual([
    false,
    [expect.objectContaining({ valid: true })],
    [],
  ]);
});

test('what a change takes away is not built after it', async () => {
  await apply(thing('size', 'isBig'));
  await lookBack();
  const building = build();
  await stuck();
  await apply(thing('size', 'more'));
  await other.query('commit');
  await building;
  expect([await indexes(), await pending()]).toEqual([[], []]);
});

test('two nodes do not build, or drop, the same index', async () => {
  await apply(thing('size', 'isBig'));
  await lookBack();
  const building = build();
  await stuck();
  const [begun] = await indexes();
  const second = await base.connect();
  const alsoBuilding = build(second);
  // It asked for its turn, more than once.
  await until(
    async () => second.statementCount,
    (count) => count >= 3,
  );
  await other.query('commit');
  await Promise.all([building, alsoBuilding]);
  expect(await indexes()).toEqual([{ ...begun, valid: true }]);
  expect(await pending()).toEqual([]);
});

test('a builder whose connection is lost in the middle leaves it to the next', async () => {
  await apply(thing('size', 'isBig'));
  await lookBack();
  const building = build();
  const lost = expect(building).rejects.toMatchObject({ code: 'database.unreachable' });
  await stuck();
  await query(`select pg_terminate_backend(pid) from ${builds}`);
  await lost;
  await other.query('commit');
  await build();
  expect([await indexes(), await pending()]).toEqual([[expect.objectContaining({ valid: true })], []]);
});

test('a builder that is told to stop stops in the middle of a build', async () => {
  await apply(thing('size', 'isBig'));
  await lookBack();
  const told = new AbortController();
  const building = build(base.db, told.signal);
  const stopped = expect(building).rejects.toThrow();
  await stuck();
  told.abort();
  await stopped;
  expect(await pending()).toHaveLength(1);
  expect(await query(`select 1 from ${builds}`)).toEqual([]);
});

test('who is no builder is not cancelled', async () => {
  await apply(thing('size', 'isBig'));
  await other.query('begin');
  await other.query('lock table data.shop__thing in share update exclusive mode');
  await expect(applyOnce(thing('size', 'isBig', 'more'))).rejects.toMatchObject({ code: 'database.locked' });
  expect((await other.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
});

test('who cannot lock a table waits for its holder without holding up writers', async () => {
  await apply(thing('size', 'isBig'));
  await other.query('begin');
  await other.query('lock table data.shop__thing in share update exclusive mode');
  const failure: unknown = await applyOnce(thing('size', 'isBig', 'more')).catch((error: unknown) => error);
  const waiting = letOthersPass(base.db, failure);
  await until(
    () =>
      query(
        `select 1 from pg_locks where relation = 'data.shop__thing'::regclass and not granted and mode = 'ShareUpdateExclusiveLock'`,
      ),
    (rows) => rows.length === 1,
  );
  await query(`insert into data.shop__thing (id, size) values (gen_random_uuid(), 1)`);
  await other.query('commit');
  await waiting;
  await apply(thing('size', 'isBig', 'more'));
  expect(await isColumn('more')).toBe(true);
});
