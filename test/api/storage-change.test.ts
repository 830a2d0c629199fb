import { silentLog } from '../../core/base/log.js';
import type { FieldModel, SchemaModel } from '../../core/schema/index.js';
import {
  buildPendingIndexes,
  displayCollation,
  findLostValues,
  planDdl,
  purgeHistory,
  readShape,
  runDdl,
  tryOnShadow,
  type DdlOptions,
  type DdlStep,
} from '../../core/storage/index.js';
import { until } from '../support/client.js';
import { emptyDatabase, type EmptyDatabase } from '../support/empty-database.js';
import { everyKind, modelOf, nameField as name, type Properties } from '../support/entity-model.js';

let base: EmptyDatabase;

beforeEach(async () => {
  base = await emptyDatabase();
});

afterEach(() => base.drop());

const options = (more: Partial<DdlOptions> = {}): DdlOptions => ({ collation: displayCollation('en'), ...more });
const query = <Row>(text: string, values: unknown[] = []) => base.db.query<Row>({ text, values });
const field = (kind: string, x: object = {}, more: object = {}) => ({
  title: kind,
  ...more,
  'x-field': { kind, ...x },
});
const thing = (properties: Properties): SchemaModel =>
  modelOf({ id: 'shop.thing', properties: { name, ...properties } });
const fieldOf = (schema: SchemaModel, key: string) => schema.entities.get('shop.thing')?.fields.get(key) as FieldModel;

async function apply(schema: SchemaModel, more: Partial<DdlOptions> = {}): Promise<DdlStep[]> {
  return base.db.transaction(async (tx) => {
    const steps = planDdl(await readShape(tx), schema, options(more));
    await runDdl(tx, steps);
    return steps;
  });
}

describe('a plan on a shadow', () => {
  const attempt = (schema: SchemaModel, break_: (steps: DdlStep[]) => DdlStep[] = (steps) => steps) =>
    base.db.transaction(async (tx) => {
      const shape = await readShape(tx);
      const steps = planDdl(shape, schema, options());
      const fault = await tryOnShadow(tx, break_(steps), shape);
      return { fault, steps, after: await readShape(tx), shape };
    });

  test('runs, for fields of every kind on a filled table too, and leaves nothing', async () => {
    await apply(thing({}));
    await query(
      `insert into data.shop__thing (id, name) select gen_random_uuid(), 'n' || i from generate_series(1, 30000) i`,
    );
    const { fault, steps, after, shape } = await attempt(modelOf({ id: 'shop.thing', properties: everyKind() }));
    expect(fault).toBeNull();
    expect(steps.some((step) => step.concurrent)).toBe(true);
    expect(after).toEqual(shape);
    expect(await query(`select 1 from pg_namespace where nspname like 'shadow%'`)).toEqual([]);
  });

  test('names the step that the server refuses', async () => {
    await apply(thing({}));
    const { fault } = await attempt(thing({ size: field('integer') }), (steps) =>
      steps.map((step) => ({ ...step, within: (schema) => step.within(schema)?.replace('bigint', 'bigintt') ?? null })),
    );
    expect(fault).toMatchObject({ code: '42704', message: expect.stringContaining('bigintt') });
    expect(fault?.step.kind).toBe('alter');
  });

  test('neither waits for a reader nor holds one up', async () => {
    await apply(thing({}));
    const reader = await base.connect(1);
    await reader.transaction(async (tx) => {
      await tx.query('select * from data.shop__thing');
      // The reader ends only after it: to wait for it would be a fault.
      expect((await attempt(thing({ size: field('integer') }))).fault).toBeNull();
    });
  });
});

test('each step says its table, lock and rows', async () => {
  await apply(thing({}));
  await query(
    `insert into data.shop__thing (id, name) select gen_random_uuid(), 'n' || i from generate_series(1, 20000) i`,
  );
  await query('analyze data.shop__thing');
  const steps = await apply(thing({ size: field('integer', { index: true }) }));
  expect(steps.map(({ kind, table, lock, rows, concurrent }) => [kind, table, lock, rows, concurrent])).toEqual([
    ['alter', 'shop__thing', 'ACCESS EXCLUSIVE', 20_000, false],
    ['index', 'shop__thing', 'SHARE UPDATE EXCLUSIVE', 20_000, true],
  ]);
});

test.each([['unique'], ['searchable']])('a field that stands in an overflow table cannot become %s', async (what) => {
  const many = Array.from({ length: 700 }, (_each, i) => [`f${i}`, field('text', { index: false })] as const);
  await apply(thing(Object.fromEntries(many)));
  const changed = { ...Object.fromEntries(many), f699: field('text', { index: false, [what]: true }) };
  await expect(apply(thing(changed))).rejects.toMatchObject({
    code: 'catalog.not_storable',
    issues: [
      {
        path: 'shop.thing.f699',
        code: 'catalog.field_overflows',
        message: expect.stringContaining('Make a new field'),
      },
    ],
  });
});

test('a change gives way to a reader within its budget, so that others are not held up behind it', async () => {
  await apply(thing({}));
  const reader = await base.connect(1);
  const other = await base.connect(1);
  await reader.transaction(async (tx) => {
    await tx.query('select * from data.shop__thing');
    let isRefused = false;
    const changing = apply(thing({ size: field('integer') })).finally(() => (isRefused = true));
    changing.catch(() => undefined);
    const waiting = `select 1 from pg_locks where relation = 'data.shop__thing'::regclass and not granted`;
    await until(
      () => query(waiting),
      (rows) => rows.length > 0 || isRefused,
    );
    // The first reader is still at it: neither the change nor who stands behind the change may wait for its end.
    await other.query({ text: 'select * from data.shop__thing', values: [] });
    await expect(changing).rejects.toMatchObject({ code: 'database.locked' });
  });
});

describe('purge', () => {
  const kinds = everyKind();
  const full = modelOf({ id: 'shop.thing', properties: kinds });

  test('takes every column, table and number of the fields, and frees the keys', async () => {
    await apply(full);
    const gone = Object.keys(kinds).filter(
      (key) => key !== 'name' && key !== 'fLink' && key !== 'fRollup' && key !== 'fLines',
    );
    const kept = modelOf({
      id: 'shop.thing',
      properties: { name, fLink: kinds.fLink, fRollup: kinds.fRollup, fLines: kinds.fLines },
    });
    const purged = gone.flatMap((key) => {
      const money = full.entities.get('shop.thing')?.fields.get(`${key}Currency`);
      return money ? [fieldOf(full, key), money] : [fieldOf(full, key)];
    });
    await apply(kept, { purged });
    const fresh = await emptyDatabase();
    await fresh.db.transaction(async (tx) => runDdl(tx, planDdl(await readShape(tx), kept, options())));
    const [here, there] = await Promise.all([base, fresh].map(({ db }) => db.transaction((tx) => readShape(tx))));
    await fresh.drop();
    const bare = (shape: typeof here) =>
      [...shape.tables].map(([table, { columns, indexes }]) => [
        table,
        [...columns.keys()].sort(),
        [...indexes.keys()].sort(),
      ]);
    expect(bare(here).sort()).toEqual(bare(there).sort());
    expect(here.sequences).toEqual(there.sequences);
    // The same keys come again, as new.
    expect((await apply(full)).length).toBeGreaterThan(1);
  });

  test('a key can be purged and made again, of another kind, in one plan', async () => {
    const before = thing({ size: field('integer') });
    await apply(before);
    await query('insert into data.shop__thing (id, size) values (gen_random_uuid(), 5)');
    await apply(thing({ size: field('date') }), { purged: [fieldOf(before, 'size')] });
    expect(await query('select size from data.shop__thing')).toEqual([{ size: null }]);
  });

  test('the values go out of the history, those of other fields stay', async () => {
    const before = modelOf({ id: 'shop.thing', properties: { name, size: field('integer') } });
    const schema = { ...before, entities: new Map(before.entities) };
    await apply(schema);
    const uuid = fieldOf(schema, 'size').uuid;
    await query(
      `insert into trellis.history (entity, record_id, version, operation, at, previous) select gen_random_uuid(), gen_random_uuid(), 2, 'update', now(), jsonb_build_object($1::text, i, 'other', i) from generate_series(1, 12000) i`,
      [uuid],
    );
    await apply(thing({}), { purged: [fieldOf(schema, 'size')] });
    await purgeHistory({ db: base.db, log: silentLog, signal: new AbortController().signal });
    expect(
      await query(
        `select count(*) filter (where previous ? $1)::int as gone, count(*) filter (where previous ? 'other')::int as kept from trellis.history`,
        [uuid],
      ),
    ).toEqual([{ gone: 0, kept: 12_000 }]);
  });

  test('the values go out of what imports remember, but not those of a field that took the key since', async () => {
    const before = thing({ size: field('integer') });
    await apply(before);
    const remember = (id: string) =>
      query(
        `with i as (insert into trellis.import (id, entity, file_name, file_hash, format, options, columns, mapping, status, total, actor)
  values ($1, 'shop.thing', 'f', 'h', 'csv', '{}', '[]', '[]', 'done', 1, gen_random_uuid()) returning id)
insert into trellis.import_row (import_id, row, action, previous) select i.id, n, 'updated', '{"size": 5, "name": "x"}' from i, generate_series(1, 6000) n`,
        [id],
      );
    const [old, young] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
    await remember(old);
    await apply(thing({ size: field('date') }), { purged: [fieldOf(before, 'size')] });
    await remember(young);
    await purgeHistory({ db: base.db, log: silentLog, signal: new AbortController().signal });
    expect(
      await query(
        `select import_id as id, count(*) filter (where previous ? 'size')::int as sizes, count(*) filter (where previous ? 'name')::int as names from trellis.import_row group by 1 order by 1`,
      ),
    ).toEqual([
      { id: old, sizes: 0, names: 6_000 },
      { id: young, sizes: 6_000, names: 6_000 },
    ]);
    expect(await query(`select state from trellis.storage_task`)).toEqual([{ state: 'done' }]);
  });

  test('a retired rollup goes with the columns beside its value, a field far out with its overflow column', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 700 }, (_each, i) => [`f${i}`, field('text', { index: false })]),
    );
    const parts = field('link', { to: 'shop.thing', inverse: { key: 'parts', title: 'P' } });
    const rollup = field('rollup', { of: 'parts', fn: 'avg', field: 'f0' });
    const size = { ...many, f0: field('integer') };
    const full = thing({ ...size, whole: parts, mean: rollup });
    await apply(full);
    const kept = thing({ ...Object.fromEntries(Object.entries(size).slice(0, -1)), whole: parts });
    const { rollup: _, ...retired } = fieldOf(full, 'mean');
    const steps = await apply(kept, { purged: [{ ...retired, retired: true }, fieldOf(full, 'f699')] });
    const drops = steps.filter(({ sql }) => sql.includes('drop column')).map(({ table, sql }) => [table, sql]);
    expect(drops).toEqual([
      ['shop__thing', expect.stringMatching(/drop column "mean".*drop column "mean__count".*drop column "mean__sum"/)],
      [expect.stringMatching(/^shop__thing\$o\d$/), expect.stringContaining('drop column "f699"')],
    ]);
  });

  test('an entity goes with all its tables', async () => {
    await apply(full);
    const entity = full.entities.get('shop.thing');
    const kernel: SchemaModel = { entities: new Map([...full.entities].filter(([id]) => id !== 'shop.thing')) };
    await apply(kernel, { purgedEntities: entity ? [entity] : [] });
    const shape = await base.db.transaction((tx) => readShape(tx));
    expect([...shape.tables.keys()].filter((table) => table.startsWith('shop'))).toEqual([]);
    expect([...shape.sequences]).toEqual([]);
    expect([...shape.functions.keys()]).toEqual([]);
  });
});

describe('a change of kind', () => {
  const fill = (column: string, values: readonly unknown[], type: string) =>
    query(`insert into data.shop__thing (id, ${column}) select gen_random_uuid(), v from unnest($1::${type}[]) v`, [
      values,
    ]);

  test('between text kinds rewrites nothing, however large the table, and builds the indexes anew', async () => {
    const option = { options: [{ value: 'a', title: 'A' }] };
    await apply(thing({ state: field('choice', option) }));
    await query(
      `insert into data.shop__thing (id, state) select gen_random_uuid(), 'a' || i from generate_series(1, 30000) i`,
    );
    const node = await query(`select pg_relation_filenode('data.shop__thing') as node`);
    const steps = await apply(thing({ state: field('text', { index: true }) }));
    expect(await query(`select pg_relation_filenode('data.shop__thing') as node`)).toEqual(node);
    expect(steps.filter((step) => step.kind === 'index').every((step) => step.concurrent)).toBe(true);
    await buildPendingIndexes({ db: base.db, log: silentLog, signal: new AbortController().signal });
    expect(await apply(thing({ state: field('text', { index: true }) }))).toEqual([]);
  });

  test.each([
    ['text', 'integer', ['12', ' 7 ', null], [12, 7, null]],
    ['integer', 'text', [12, null], ['12', null]],
    ['integer', 'decimal', [3], [3]],
    ['text', 'date', ['2024-02-29', ''], ['2024-02-29', null]],
    ['date', 'text', ['2024-02-29'], ['2024-02-29']],
    ['boolean', 'text', [true, false], ['true', 'false']],
    ['text', 'tags', ['vip', ''], [['vip'], null]],
  ])('%s becomes %s', async (from, to, before, after) => {
    await apply(thing({ it: field(from) }));
    const type = { text: 'text', integer: 'bigint', date: 'date', boolean: 'boolean' }[from] as string;
    await fill('it', before, type);
    await apply(thing({ it: field(to) }));
    const rows = await query<{ it: unknown }>('select to_jsonb(it) as it from data.shop__thing order by ctid');
    expect(rows.map((row) => row.it)).toEqual(after);
    expect(await apply(thing({ it: field(to) }))).toEqual([]);
  });

  test('that would lose values is refused and says how many, and which', async () => {
    await apply(thing({ it: field('text') }));
    await fill('it', ['1', 'x', 'y'], 'text');
    const steps = await base.db.transaction(async (tx) =>
      planDdl(await readShape(tx), thing({ it: field('integer') }), options()),
    );
    expect(await base.db.transaction((tx) => findLostValues(tx, steps))).toMatchObject([
      { entity: 'shop.thing', field: 'it', count: 2, samples: ['x', 'y'] },
    ]);
    await expect(apply(thing({ it: field('integer') }))).rejects.toMatchObject({ code: 'catalog.values_lost' });
    expect(await query('select count(*)::int as n from data.shop__thing where it is not null')).toEqual([{ n: 3 }]);
  });

  test('of a unique field keeps the unique index through the change, and values that become equal refuse it', async () => {
    await apply(thing({ it: field('text', { unique: true }) }));
    await fill('it', ['1', '2'], 'text');
    await buildPendingIndexes({ db: base.db, log: silentLog, signal: new AbortController().signal });
    await apply(thing({ it: field('choice', { unique: true, options: [{ value: '1', title: 'One' }] }) }));
    await expect(fill('it', ['1'], 'text')).rejects.toMatchObject({ code: 'database.unique' });
    await apply(thing({ it: field('text', { unique: true }) }));
    await fill('it', ['2.0'], 'text');
    await expect(apply(thing({ it: field('integer', { unique: true }) }))).rejects.toMatchObject({
      code: 'catalog.duplicates',
      issues: [{ path: 'shop.thing.it', params: { count: 1, samples: ['2'] } }],
    });
    await query(`update data.shop__thing set it = '3' where it = '2.0'`);
    await apply(thing({ it: field('integer', { unique: true }) }));
    await expect(fill('it', [3], 'bigint')).rejects.toMatchObject({ code: 'database.unique' });
    expect(await apply(thing({ it: field('integer', { unique: true }) }))).toEqual([]);
  });

  test.each([
    ['text', 'geo'],
    ['links', 'text'],
  ])('from %s to %s, which keep values in different places, is refused', async (from, to) => {
    const x = from === 'links' ? { to: 'shop.thing' } : {};
    await apply(thing({ it: field(from, x) }));
    await expect(apply(thing({ it: field(to) }))).rejects.toMatchObject({ issues: [{ code: 'catalog.kind_changed' }] });
  });
});

test('a unique index over duplicates fails with the values and the ids of their records', async () => {
  await apply(thing({}));
  await query(
    `insert into data.shop__thing (id, name) select ('00000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'n' || (i / 2) from generate_series(2, 7) i`,
  );
  await apply(
    modelOf({ id: 'shop.thing', properties: { name: { ...name, 'x-field': { ...name['x-field'], unique: true } } } }),
  );
  const told: unknown[] = [];
  await buildPendingIndexes({
    db: base.db,
    log: silentLog,
    signal: new AbortController().signal,
    onProgress: async (progress) => void told.push(progress.state),
  });
  const [{ duplicates }] = await query<{ duplicates: { value: unknown; rows: number; ids: string[] }[] }>(
    `select duplicates from trellis.index_state where state = 'failed'`,
  );
  expect(duplicates).toHaveLength(3);
  expect(duplicates).toContainEqual({
    value: { name: 'n1' },
    rows: 2,
    ids: ['00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000003'],
  });
  expect(told).toContain('failed');
});
