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
import type { Statement, Tx } from '../../core/sdk/index.js';
import { until } from '../support/client.js';
import { emptyDatabase, type EmptyDatabase } from '../support/empty-database.js';
import { modelOf, nameField as name } from '../support/entity-model.js';

let base: EmptyDatabase;
let other: pg.Client;

beforeEach(async () => {
  told.length = 0;
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
const told: string[] = [];
const build = (db: Database = base.db, signal = new AbortController().signal) =>
  buildPendingIndexes({
    db,
    log: silentLog,
    signal,
    onProgress: async ({ name: index, state }) => {
      if (state !== 'pending') told.push(`${index} ${state}`);
    },
  });
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

/** The database, with something that happens once, just before the builder's session sends a statement that begins like this. */
function before(statement: string, happens: () => Promise<unknown>): Database {
  let isDue = true;
  const between = async (text: string): Promise<void> => {
    if (!isDue || !text.startsWith(statement)) return;
    isDue = false;
    await happens();
  };
  return Object.assign(Object.create(base.db) as Database, {
    session: <T>(fn: (session: Tx) => Promise<T>) =>
      base.db.session((session) =>
        fn({
          query: async (text, values) => {
            await between(text);
            return session.query(text, values);
          },
        }),
      ),
  });
}

/** A builder that is told to stop just before it sends such a statement: the first cancellation finds nothing to cancel. */
async function stopBefore(statement: string): Promise<void> {
  const stop = new AbortController();
  let cancelled = 0;
  const db = before(statement, async () => {
    stop.abort();
    await until(
      async () => cancelled,
      (count) => count > 0,
    );
  });
  const watched = Object.assign(db, {
    query: async (asked: Statement) => {
      const rows = await base.db.query(asked);
      if (asked.text.includes('pg_cancel_backend')) cancelled++;
      return rows;
    },
  });
  await expect(build(watched, stop.signal)).rejects.toThrow();
}

test('a builder that is told to stop between two statements begins no build', async () => {
  await apply(thing('size', 'isBig'));
  await lookBack();
  await stopBefore('select 1 from pg_index');
  expect([await indexes(), (await pending()).length]).toEqual([[], 1]);
});

test('a build that begins in the moment of the stop is cancelled', async () => {
  await apply(thing('size', 'isBig'));
  await lookBack();
  await stopBefore('create index concurrently');
  expect([await query(`select 1 from ${builds}`), (await pending()).length]).toEqual([[], 1]);
});

test('an index that a change asks for otherwise while it is built is built once more, as it is asked for', async () => {
  await apply(thing('size', 'isBig'));
  const [{ name: index }] = await pending();
  await build(
    before('create index concurrently', () =>
      query(`update trellis.index_state set definition = replace(definition, '"is_big",', '"is_big" desc,')`),
    ),
  );
  expect(await query(`select pg_get_indexdef($1::regclass) as sql`, [`data."${String(index)}"`])).toEqual([
    { sql: expect.stringContaining('is_big DESC') as string },
  ]);
  expect(told).toEqual([`${String(index)} active`]);
  expect(await pending()).toEqual([]);
});

test('an index that a change gives up while it is built does not stand', async () => {
  await apply(thing('size', 'isBig'));
  await build(before('create index concurrently', () => query(`delete from trellis.index_state`)));
  expect([await indexes(), told]).toEqual([[], []]);
});

test('an index that a change has made itself is left as it is', async () => {
  await apply(thing('size', 'isBig'));
  const [{ name: index }] = await pending();
  await build(
    before('create index concurrently', async () => {
      const [{ definition }] = await query(`select definition from trellis.index_state where name = $1`, [index]);
      await query(String(definition).replace('concurrently ', ''));
      await query(`update trellis.index_state set state = 'active' where name = $1`, [index]);
    }),
  );
  expect(await indexes()).toEqual([expect.objectContaining({ name: index, valid: true })]);
});

test('a change that gives a small table an index does not wait for the build of another', async () => {
  await apply(thing('size', 'isBig'));
  await query('truncate data.shop__thing');
  await query('insert into data.shop__thing (id, size) values (gen_random_uuid(), 1)');
  await lookBack();
  const building = build();
  await stuck();
  const integer = (title: string) => ({ title, 'x-field': { kind: 'integer', index: true } });
  await apply(modelOf({ id: 'shop.thing', properties: { name, size: integer('size'), isBig: integer('isBig') } }), 3);
  expect(
    await query(`select 1 from pg_index x join pg_class i on i.oid = x.indexrelid
      where x.indrelid = 'data.shop__thing'::regclass and x.indisvalid and i.relname like '%$size%'`),
  ).toHaveLength(1);
  await other.query('commit');
  await building;
  expect([await indexes(), await pending()]).toEqual([[expect.objectContaining({ valid: true })], []]);
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
