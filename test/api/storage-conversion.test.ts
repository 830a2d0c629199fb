import { randomUUID } from 'node:crypto';
import { silentLog } from '../../core/base/log.js';
import type { FieldModel, SchemaModel } from '../../core/schema/index.js';
import {
  buildPendingIndexes,
  convertColumns,
  displayCollation,
  findLostValues,
  pgCode,
  planAbandoning,
  planInStages,
  readShape,
  runDdl,
  tryOnShadow,
  type DdlOptions,
  type StagedPlan,
} from '../../core/storage/index.js';
import { until } from '../support/client.js';
import { emptyDatabase, type EmptyDatabase } from '../support/empty-database.js';
import { modelOf, nameField as name } from '../support/entity-model.js';

let base: EmptyDatabase;

beforeEach(async () => {
  base = await emptyDatabase();
});
afterEach(() => base.drop());

const options: DdlOptions = { collation: displayCollation('en') };
const query = <Row>(text: string, values: unknown[] = []) => base.db.query<Row>({ text, values });
const field = (kind: string, x: object = {}) => ({ title: kind, 'x-field': { kind, ...x } });
/** Makes rows large without making searches slow. */
const pad = field('text', { index: false });
const thing = (kind: string, x: object = {}): SchemaModel =>
  modelOf({ id: 'shop.thing', properties: { name, pad, it: field(kind, x) } });
const input = (signal = new AbortController().signal) => ({ db: base.db, log: silentLog, signal });
const plan = (schema: SchemaModel, more: Partial<DdlOptions> = {}): Promise<StagedPlan> =>
  base.db.transaction(async (tx) => planInStages(await readShape(tx), schema, { ...options, ...more }));

/** One step of an apply: begins what must be prepared, or changes the tables. */
async function apply(schema: SchemaModel, more: Partial<DdlOptions> = {}): Promise<'preparing' | 'done'> {
  const { preparation, steps } = await plan(schema, more);
  await base.db.transaction((tx) => runDdl(tx, preparation?.steps ?? steps), { lockTimeoutMs: 300, retries: 0 });
  return preparation === null ? 'done' : 'preparing';
}

async function fill(rows: number, value: string): Promise<void> {
  await query(
    `insert into data.shop__thing (id, pad, it) select gen_random_uuid(), repeat('n', 120), ${value} from generate_series(1, $1::int) i`,
    [rows],
  );
}

async function copy(): Promise<void> {
  await convertColumns(input());
  await buildPendingIndexes(input());
}

/** What a copy leaves nothing of. */
const leftOvers = () =>
  query(`select attname as name from pg_attribute where attrelid = 'data.shop__thing'::regclass and attname like '%$%' and not attisdropped
union all select tgname from pg_trigger where not tgisinternal and tgrelid = 'data.shop__thing'::regclass union all select proname from pg_proc where pronamespace = 'data'::regnamespace
union all select key from trellis.storage_task union all select name from trellis.index_state where name like '%$to$%'
union all select relname from pg_class where relname like '%$to$%'`);

/** 200,000 in test/soak/conversion.test.ts. */
const many = Number(process.env.TRELLIS_CONVERSION_ROWS ?? 60_000);

test('texts of a large table become whole numbers beside 4 writers: nothing is lost, nobody waits for a second', async () => {
  await apply(thing('text', { index: true }));
  await fill(many, 'i::text');
  await buildPendingIndexes(input());
  await query('analyze data.shop__thing');
  const wanted = thing('integer', { index: true });
  const written = new Map<string, number>();
  const waits: number[] = [];
  let isText = true;
  let goesOn = true;
  const clients = await base.connect(4);
  const write = async (writer: number): Promise<void> => {
    const ids = (
      await clients.query<{ id: string }>({
        text: 'select id from data.shop__thing where abs(hashtext(id::text)) % 4 = $1 order by id limit 300 offset 2000',
        values: [writer],
      })
    ).map(({ id }) => id);
    for (let n = 1; goesOn; n++) {
      const id = n % 3 === 0 ? randomUUID() : ids[n % ids.length];
      const began = performance.now();
      const sql = `insert into data.shop__thing (id, name, it) values ($1, 'w', $2::${isText ? 'text' : 'bigint'}) on conflict (id) do update set it = excluded.it`;
      try {
        await clients.query({ text: sql, values: [id, isText ? String(n) : n] });
      } catch (error) {
        // The statement is of the kind before: a node reads the catalog anew and repeats.
        if (!/^(42|0A)/.test(pgCode(error))) throw error;
        continue;
      }
      waits.push(performance.now() - began);
      written.set(id, n);
    }
  };
  const writers = [0, 1, 2, 3].map((writer) => write(writer));
  const began = performance.now();
  expect(await apply(wanted)).toBe('preparing');
  await convertColumns(input());
  await buildPendingIndexes(input());
  // The index is there before the column is: no query is slow in between.
  expect((await plan(wanted)).steps.filter((step) => step.concurrent)).toEqual([]);
  isText = false;
  for (;;) {
    const done = await apply(wanted).catch((error: { code: string }) => error.code);
    if (done === 'done') break;
    expect(done).toBe('database.locked');
  }
  const took = performance.now() - began;
  const enough = waits.length + 20;
  await until(
    () => Promise.resolve(waits.length),
    (n) => n > enough,
  );
  goesOn = false;
  await Promise.all(writers);
  // A second, or on a machine that is slow at all of it a small part of the whole.
  expect(Math.max(...waits)).toBeLessThan(Math.max(1_000, took / 5));
  expect(waits.length).toBeGreaterThan(100);
  const rows = await query<{ id: string; it: string }>('select id, it from data.shop__thing where id = any($1)', [
    [...written.keys()],
  ]);
  expect(rows.filter(({ id, it }) => Number(it) !== written.get(id))).toEqual([]);
  expect(rows).toHaveLength(written.size);
  const [others] = await query(
    `select count(*) filter (where it is null)::int as empty, count(*)::int >= ${many} as all, pg_typeof(min(it))::text as type from data.shop__thing`,
  );
  expect(others).toEqual({ empty: 0, all: true, type: 'bigint' });
  expect((await plan(wanted)).steps).toEqual([]);
  expect(await leftOvers()).toEqual([]);
});

test('a plan says what is copied, what changes after it, and runs on a shadow', async () => {
  await apply(thing('text'));
  await fill(20_000, `'7'`);
  await query('analyze data.shop__thing');
  const fault = await base.db.transaction(async (tx) => {
    const shape = await readShape(tx);
    const { preparation, steps } = planInStages(shape, thing('integer'), options);
    expect(preparation?.tasks).toEqual(['convert:shop__thing.it']);
    expect(preparation?.steps.map(({ kind, lock, rows }) => [kind, lock, rows])).toEqual([
      ['alter', 'ACCESS EXCLUSIVE', 20_000],
      ['function', 'NONE', 20_000],
      ['function', 'SHARE ROW EXCLUSIVE', 20_000],
      ['function', 'NONE', 20_000],
    ]);
    expect(steps.some(({ sql }) => sql.includes('rename column'))).toBe(true);
    return tryOnShadow(tx, [...(preparation?.steps ?? []), ...steps], shape);
  });
  expect(fault).toBeNull();
});

test('a copy that was stopped goes on where it was', async () => {
  await apply(thing('text'));
  await fill(20_000, 'i::text');
  await apply(thing('integer'));
  const stop = new AbortController();
  let pieces = 0;
  const half = convertColumns({ ...input(stop.signal), onProgress: async () => void (++pieces === 3 && stop.abort()) });
  await expect(half).rejects.toThrow();
  const [at] = await query<{ state: string; done: string; position: string }>(
    'select state, done, position from trellis.storage_task',
  );
  expect([at.state, Number(at.done) > 500, Number(at.done) < 20_000]).toEqual(['pending', true, true]);
  const reached: number[] = [];
  await convertColumns({ ...input(), onProgress: async ({ done }) => void reached.push(done) });
  expect([reached[0] > Number(at.done), reached.at(-1)]).toEqual([true, 20_000]);
  await buildPendingIndexes(input());
  expect(await apply(thing('integer'))).toBe('done');
  expect(await query('select sum(it)::text as sum from data.shop__thing')).toEqual([{ sum: '200010000' }]);
});

test('values that do not convert are counted before anything is done, and refused while it is', async () => {
  await apply(thing('text'));
  await fill(20_000, `case when i % 1000 = 0 then 'x' || i else i::text end`);
  const { preparation } = await plan(thing('integer'));
  const lost = await base.db.transaction((tx) => findLostValues(tx, preparation?.steps ?? []));
  expect(lost).toMatchObject([{ field: 'it', count: 20, samples: expect.arrayContaining(['x1000']) }]);
  await query(`update data.shop__thing set it = '0' where it like 'x%'`);
  await apply(thing('integer'));
  await expect(fill(1, `'twelve'`)).rejects.toMatchObject({
    code: 'database.kind_changing',
    issues: [{ path: 'it', message: expect.stringContaining('kind integer') }],
  });
  await expect(query(`update data.shop__thing set it = 'twelve'`)).rejects.toMatchObject({
    code: 'database.kind_changing',
  });
  await fill(1, `' 12 '`);
  await copy();
  expect(await apply(thing('integer'))).toBe('done');
  expect(await query('select count(*)::int as n from data.shop__thing where it = 12')).toEqual([{ n: 2 }]);
});

test('a value that came between the count and the trigger ends the copy, and nothing changes', async () => {
  await apply(thing('text'));
  await fill(20_000, 'i::text');
  await apply(thing('integer'));
  await query('alter table data.shop__thing disable trigger user');
  await fill(1, `'late'`);
  await query('alter table data.shop__thing enable trigger user');
  await copy();
  await expect(apply(thing('integer'))).rejects.toMatchObject({ issues: [{ code: 'catalog.values_lost' }] });
  expect(await query(`select error from trellis.storage_task`)).toEqual([{ error: '"late" does not convert' }]);
});

describe('a unique field', () => {
  const unique = { unique: true };

  test('is unique at every moment, and values that become equal refuse the change', async () => {
    await apply(thing('text', unique));
    await fill(20_000, 'i::text');
    await buildPendingIndexes(input());
    expect(await apply(thing('integer', unique))).toBe('preparing');
    await copy();
    // Of another text, but the same number: both indexes watch.
    await expect(fill(1, `'7.0'`)).rejects.toMatchObject({ code: 'database.unique' });
    expect(await apply(thing('integer', unique))).toBe('done');
    await expect(fill(1, '7')).rejects.toMatchObject({ code: 'database.unique' });
    expect(await query(`select indexdef from pg_indexes where indexname = 'shop__thing$ux$it'`)).toHaveLength(1);
  });

  test('whose copies are equal is refused, with what stands', async () => {
    await apply(thing('text', unique));
    await fill(20_000, 'i::text');
    await buildPendingIndexes(input());
    await apply(thing('integer', unique));
    await fill(1, `'7.0'`);
    await copy();
    await expect(apply(thing('integer', unique))).rejects.toMatchObject({ issues: [{ code: 'catalog.duplicates' }] });
  });

  test('that becomes a choice is copied too where the table is large', async () => {
    await apply(thing('text', unique));
    await fill(20_000, `'v' || i`);
    await buildPendingIndexes(input());
    const choice = thing('choice', { ...unique, options: [{ value: 'v1', title: 'V' }] });
    expect(await apply(choice)).toBe('preparing');
    await expect(fill(1, `'v9'`)).rejects.toMatchObject({ code: 'database.unique' });
    await copy();
    expect(await apply(choice)).toBe('done');
    await expect(fill(1, `'v9'`)).rejects.toMatchObject({ code: 'database.unique' });
    expect((await plan(choice)).steps).toEqual([]);
  });
});

describe('while a copy is being made', () => {
  beforeEach(async () => {
    await apply(thing('text', { index: true }));
    await fill(20_000, 'i::text');
    await buildPendingIndexes(input());
    await apply(thing('integer', { index: true }));
  });

  test('other changes leave it alone', async () => {
    await copy();
    const other = modelOf({
      id: 'shop.thing',
      properties: { name, pad, it: field('text', { index: true }), more: field('integer', { index: false }) },
    });
    const before = await leftOvers();
    expect(await apply(other)).toBe('done');
    expect(await leftOvers()).toEqual(before);
    expect((await plan(other)).steps).toEqual([]);
  });

  test('it can be taken back', async () => {
    await copy();
    await base.db.transaction(async (tx) =>
      runDdl(tx, planAbandoning(await readShape(tx), ['convert:shop__thing.it'])),
    );
    expect(await leftOvers()).toEqual([]);
    expect((await plan(thing('text', { index: true }))).steps).toEqual([]);
    await fill(1, `'free again'`);
  });

  test('another kind makes another copy', async () => {
    expect(await apply(thing('decimal', { index: true }))).toBe('preparing');
    await copy();
    expect(await apply(thing('decimal', { index: true }))).toBe('done');
    expect(await query('select pg_typeof(min(it))::text as type from data.shop__thing')).toEqual([{ type: 'numeric' }]);
    expect(await leftOvers()).toEqual([]);
  });

  test('a purge of the field takes it along, and writers go on', async () => {
    const schema = thing('text', { index: true });
    const it = schema.entities.get('shop.thing')?.fields.get('it') as FieldModel;
    await apply(modelOf({ id: 'shop.thing', properties: { name, pad } }), { purged: [it] });
    await query(`insert into data.shop__thing (id, name) values (gen_random_uuid(), 'x')`);
    expect((await leftOvers()).filter((row) => !String((row as { name: string }).name).startsWith('purge:'))).toEqual(
      [],
    );
  });
});
