import { silentLog } from '../../core/base/log.js';
import { createCatalogService, type CatalogService, type Definition, type Layer } from '../../core/catalog/index.js';
import { listWork } from '../../core/catalog/changes/list-work.js';
import { displayCollation } from '../../core/storage/index.js';
import { emptyDatabase, type EmptyDatabase } from '../support/empty-database.js';

let base: EmptyDatabase;
let catalog: CatalogService;

beforeEach(async () => {
  base = await emptyDatabase();
  catalog = createCatalogService({ db: base.db, log: silentLog, collation: displayCollation('en') });
});
afterEach(() => base.drop());

const query = <Row>(text: string) => base.db.query<Row>({ text, values: [] });
const field = (kind: string, x: object = {}): object => ({ title: kind, 'x-field': { kind, ...x } });
const entity = (id: string, properties: object): Definition => ({
  type: 'entity',
  id,
  document: {
    $id: id,
    title: id,
    type: 'object',
    properties: { name: { title: 'Name', type: 'string', 'x-field': { kind: 'text' } }, ...properties },
    'x-entity': { titleField: 'name', titlePlural: id, icon: 'box', ownership: 'none' },
  },
});
const layer = (plugin: string, position: number, documents: readonly Definition[], version = '1.0.0'): Layer => ({
  plugin,
  version,
  position,
  hash: `${plugin}${version}`,
  documents,
});
const core = layer(
  'core',
  0,
  ['principal', 'user', 'attachment'].map((name) => entity(`core.${name}`, {})),
);
const columns = () =>
  query<{ name: string }>(
    `select c.relname || '.' || a.attname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = 'data'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and (c.relname like 'more%' or a.attname like 'more%' or a.attname = 'f699') order by 1`,
  );

test('a purged plugin leaves nothing of its wide fields and rollups on the entities of others', async () => {
  const shop = layer('shop', 1, [entity('shop.thing', {})]);
  const wide = Array.from({ length: 700 }, (_each, i) => [`more_f${i}`, field('text', { index: false })] as const);
  const more = layer('more', 2, [
    entity('more.part', {
      size: field('integer'),
      thing: field('link', { to: 'shop.thing', inverse: { key: 'moreParts', title: 'Parts' } }),
    }),
    {
      type: 'extension',
      id: 'more.shop.thing',
      document: {
        entity: 'shop.thing',
        properties: {
          ...Object.fromEntries(wide),
          more_mean: field('rollup', { of: 'moreParts', fn: 'avg', field: 'size' }),
        },
      },
    },
  ]);
  await catalog.apply([core, shop, more]);
  const made = (await columns()).map(({ name }) => name);
  expect(made).toEqual(
    expect.arrayContaining([
      'shop__thing.more__mean__count',
      expect.stringMatching(/^shop__thing[$]o[12][.]more__f_?699$/),
      'more__part.size',
    ]),
  );
  await query(`insert into data.shop__thing (id, name) values (gen_random_uuid(), 'x')`);
  await catalog.apply([core, shop]);
  const held = await catalog.holdings('more');
  expect(held.entities).toEqual([{ entity: 'more.part', table: 'more__part', rows: 0 }]);
  expect(held.fields).toHaveLength(701);
  await catalog.purge('more');
  expect(await columns()).toEqual([]);
  expect(await query(`select proname from pg_proc where pronamespace = 'data'::regnamespace`)).toEqual([]);
  // The same plugin again finds nothing of its own.
  await catalog.apply([core, shop, more]);
  expect((await columns()).map(({ name }) => name)).toEqual(made);
});

test('a version of a plugin that changes the kind of a field in a large table copies the values before it counts', async () => {
  const at = (version: string, kind: string): Layer =>
    layer('shop', 1, [entity('shop.thing', { it: field(kind), pad: field('text', { index: false }) })], version);
  await catalog.apply([core, at('1.0.0', 'text')]);
  await query(
    `insert into data.shop__thing (id, it, pad) select gen_random_uuid(), i::text, repeat('n', 120) from generate_series(1, 20000) i`,
  );
  await catalog.apply([core, at('2.0.0', 'integer')]);
  expect(await query('select sum(it)::text as sum, pg_typeof(min(it))::text as type from data.shop__thing')).toEqual([
    { sum: '200010000', type: 'bigint' },
  ]);
  expect(await query('select key from trellis.storage_task')).toEqual([]);
  await query(`alter table data.shop__thing alter column it type text`);
  await query(`update data.shop__thing set it = 'x' where it = '7'`);
  await expect(catalog.apply([core, at('3.0.0', 'decimal')])).rejects.toMatchObject({ code: 'catalog.values_lost' });
  expect(await query('select key from trellis.storage_task')).toEqual([]);
});

test('a copy that was begun for a version which never came is dropped at the next start', async () => {
  const at = (version: string, kind: string): Layer =>
    layer('shop', 1, [entity('shop.thing', { it: field(kind), pad: field('text', { index: false }) })], version);
  await catalog.apply([core, at('1.0.0', 'text')]);
  await query(
    `insert into data.shop__thing (id, it, pad) select gen_random_uuid(), i::text, repeat('n', 120) from generate_series(1, 20000) i`,
  );
  await catalog.apply([core, at('2.0.0', 'integer')]);
  // As a process leaves it that dies while it copies back.
  await query(`alter table data.shop__thing add column it$aaaaaaaa text`);
  await query(`insert into trellis.storage_task (key, kind, entity, hash, payload) values ('convert:shop__thing.it', 'convert-column', 'shop.thing', 'aaaaaaaa',
    '{"table": "shop__thing", "column": "it", "copy": "it$aaaaaaaa", "trigger": "shop__thing$convert$it", "indexes": []}')`);
  await catalog.mend();
  expect(await query('select key from trellis.storage_task')).toEqual([]);
  expect(
    await query(
      `select 1 from pg_attribute where attname like 'it$%' and attrelid = 'data.shop__thing'::regclass and not attisdropped`,
    ),
  ).toEqual([]);
});

test('work on a copied column is told by the name of the column, and the values in it as they are', async () => {
  const duplicates = [{ value: { x__code$0a1b2c3d: 'EUR$0a1b2c3d' }, rows: 2, ids: ['1', '2'] }];
  const say = (name: string, error: string | null, found: unknown = null) =>
    base.db.query({
      text: `insert into trellis.index_state (name, entity, definition, state, error, duplicates) values ($1, 'shop.thing', '', 'failed', $2, $3)`,
      values: [name, error, found === null ? null : JSON.stringify(found)],
    });
  await say('a', 'Key ("x__code$0a1b2c3d", b)=(EUR$0a1b2c3d, "$0a1b2c3d") is duplicated.', duplicates);
  await say('b', 'x$0a1b2c3d, does not fit', []);
  await say('c', null);
  const work = await listWork({ ask: async (text) => query(text) });
  expect(work.map(({ error, duplicates: told }) => [error, told])).toEqual([
    [
      'Key ("x__code", b)=(EUR$0a1b2c3d, "$0a1b2c3d") is duplicated.',
      [{ ...duplicates[0], value: { x__code: 'EUR$0a1b2c3d' } }],
    ],
    ['x$0a1b2c3d, does not fit', undefined],
    [undefined, undefined],
  ]);
});
