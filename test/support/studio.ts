import { randomInt } from 'node:crypto';
import type { TestApp } from './app.js';
import { expectOk, type Answer, type Client, type Loose } from './client.js';
import { runDoctor } from './crash-run.js';
import type { SpawnedApp } from './spawn-app.js';

/** One operation of a change set. */
export type StudioOperation = Record<string, unknown>;

/** Applies operations; references that break are taken out. */
export const applyChange = (
  client: Client,
  operations: readonly StudioOperation[],
  more: object = {},
): Promise<Answer> => client.post('/api/catalog/apply', { reason: 'test', operations, ...more });

/** A custom field on contacts.company. */
export const companyField = (key: string, kind = 'integer', x: object = {}): StudioOperation => ({
  type: 'entity',
  id: 'contacts.company',
  op: 'set',
  at: `/properties/${key}`,
  value: { title: key, 'x-field': { kind, ...x } },
});

/** Columns and indexes of the tables of entities, in the order of their names. `without`: columns and indexes that do not count. */
export async function structureOf(db: TestApp['db'], without: RegExp | null = null): Promise<string[]> {
  const rows = await db.query<{ line: string }>(`
    select table_name || '.' || column_name || ' ' || data_type || coalesce(' ' || collation_name, '') as line from information_schema.columns where table_schema = 'data'
    union all select indexdef from pg_indexes where schemaname = 'data' order by 1`);
  return rows.map(({ line }) => line).filter((line) => without === null || !without.test(line));
}

/** The effective definitions of every type, with what stands below them. */
export async function definitionsOf(client: Client): Promise<unknown> {
  const all: Record<string, Loose> = {};
  for (const type of ['entity', 'view', 'form', 'navigation', 'role', 'translation']) {
    const list = expectOk(await client.get(`/api/catalog/definitions?type=${type}`), 200).body.data;
    for (const { id } of list) {
      const { document, below } = expectOk(await client.get(`/api/catalog/definitions/${type}/${String(id)}`), 200).body
        .data;
      all[`${type}:${String(id)}`] = { document, below } as unknown as Loose;
    }
  }
  return all;
}

/** Fields and entities that the workspace no longer defines: what a purge would take. */
export async function retiredOf(db: TestApp['db']): Promise<{ entity: string; field: string }[]> {
  return db.query(
    `select entity, field from trellis.catalog_node where state = 'retired' order by field = '' desc, entity, field`,
  );
}

/** Purges everything that is retired. */
export async function purgeRetired(app: TestApp): Promise<void> {
  const retired = await retiredOf(app.db);
  const whole = new Set(retired.filter(({ field }) => field === '').map(({ entity }) => entity));
  const operations = retired
    .filter(({ entity, field }) => field === '' || !whole.has(entity))
    // The currency goes with its amount.
    .filter(({ field }) => !(field.endsWith('Currency') && retired.some((one) => `${one.field}Currency` === field)))
    .map(({ entity, field }) => ({
      type: 'entity',
      id: entity,
      op: 'purge',
      at: field === '' ? '' : `/properties/${field}`,
    }));
  if (operations.length > 0) expectOk(await applyChange(app.admin, operations), 200);
}

/** Numbers from a seed, so that a failure can be had again. */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const kinds = [
  'text',
  'longText',
  'integer',
  'decimal',
  'money',
  'boolean',
  'date',
  'choice',
  'multiChoice',
  'link',
  'email',
  'tags',
  'geo',
  'autoNumber',
];
const entities = ['contacts.company', 'contacts.contact', 'contacts.activity'];
const options = (n: number): object[] =>
  Array.from({ length: n }, (_, i) => ({ value: `o${i}`, title: `Option ${i}` }));

/** A random operation of Studio on what stands. Names follow from `n`, so that none comes twice. */
export async function randomOperation(
  client: Client,
  random: (below: number) => number,
  n: number,
): Promise<StudioOperation> {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)];
  const all = (await client.get('/api/catalog/definitions?type=entity')).body.data.map(({ id }) => String(id));
  const own = all.filter((id) => id.startsWith('x.'));
  const id = pick([...entities, ...own]);
  const read = async (type: string, of: string): Promise<Loose> =>
    (await client.get(`/api/catalog/definitions/${type}/${of}`)).body.data.document;
  const entity = await read('entity', id);
  const keys = Object.keys(entity.properties as unknown as object);
  const isOwn = id.startsWith('x.');
  const mine = keys.filter((key) => (isOwn ? key !== 'name' : key.startsWith('x_')));
  const on = (operation: object): StudioOperation => ({ type: 'entity', id, ...operation });
  const field = (): StudioOperation => {
    const kind = pick(kinds);
    const x =
      kind === 'choice' || kind === 'multiChoice'
        ? { options: options(3) }
        : kind === 'link'
          ? { to: pick(all.filter((one) => one.startsWith('contacts.'))) }
          : {};
    return on({
      op: 'set',
      at: `/properties/${isOwn ? '' : 'x_'}f${n}`,
      value: { title: `Field ${n}`, 'x-field': { kind, ...x } },
    });
  };
  const steps: (() => Promise<StudioOperation> | StudioOperation)[] = [
    field,
    field,
    field,
    () => on({ op: 'set', at: `/properties/${pick(keys)}/title`, value: `Label ${n}` }),
    () => on({ op: 'set', at: `/properties/${pick(keys)}/description`, value: `Help ${n}` }),
    () => (mine.length > 0 ? on({ op: 'unset', at: `/properties/${pick(mine)}` }) : field()),
    () =>
      mine.length > 0
        ? on({ op: 'set', at: `/properties/${pick(mine)}/x-field/retired`, value: random(2) === 0 })
        : field(),
    () =>
      mine.length > 0
        ? on({ op: 'insert-before', at: `/required/${pick(mine)}`, value: pick(mine), before: null })
        : field(),
    () =>
      on({
        op: 'insert-before',
        at: `/properties/${pick(keys)}/x-field/options/n${n}`,
        value: { value: `n${n}`, title: `New ${n}` },
        before: null,
      }),
    () => on({ op: 'remove', at: `/properties/${pick(keys)}/x-field/options/o${random(3)}` }),
    () =>
      on({
        op: 'move',
        at: `/properties/${pick(keys)}/x-field/options/o${random(3)}`,
        before: pick(['o0', 'o1', null]),
      }),
    () =>
      on({
        op: 'insert-before',
        at: `/x-entity/rules/r${n}`,
        value: { id: `r${n}`, check: `ISBLANK(${pick(keys)}) || true`, message: { en: 'x' } },
        before: null,
      }),
    () => ({
      type: 'entity',
      id: `x.thing${n}`,
      op: 'set',
      at: '',
      value: {
        $id: `x.thing${n}`,
        title: `Thing ${n}`,
        type: 'object',
        properties: { name: { title: 'Name', type: 'string', 'x-field': { kind: 'text' } } },
        'x-entity': { titleField: 'name' },
      },
    }),
    () => (own.length > 0 ? { type: 'entity', id: pick(own), op: 'remove', at: '' } : field()),
    () => ({
      type: 'view',
      id: `x.view${n}`,
      op: 'set',
      at: '',
      value: {
        entity: id,
        title: `View ${n}`,
        type: 'list',
        columns: [{ field: pick(keys) }, { field: String(entity['x-entity'].titleField) }],
      },
    }),
    async () => {
      const views = (await client.get('/api/catalog/definitions?type=view')).body.data.map((view) => String(view.id));
      const view = pick(views);
      const document = await read('view', view);
      const columns = document.columns.map((column) => String(column.field));
      const key = pick(Object.keys((await read('entity', String(document.entity))).properties as unknown as object));
      return pick([
        {
          type: 'view',
          id: view,
          op: 'insert-before',
          at: `/columns/${key}`,
          value: { field: key },
          before: pick([...columns, null]),
        },
        { type: 'view', id: view, op: 'move', at: `/columns/${pick(columns)}`, before: pick([...columns, null]) },
        { type: 'view', id: view, op: 'remove', at: `/columns/${pick(columns)}` },
        { type: 'view', id: view, op: 'set', at: '/title', value: `View ${n}` },
      ]);
    },
    () => ({ type: 'translation', id: 'x.zh-CN', op: 'set', at: `/messages/entity:${id}/~1title`, value: `名 ${n}` }),
  ];
  return pick(steps)();
}

/** Random operations until `wanted` change sets were applied; what is refused for a reason is passed over. Returns their ids. */
export async function applyRandomly(client: Client, seed: number, wanted: number): Promise<string[]> {
  const random = seeded(seed);
  const applied: string[] = [];
  for (let n = 0; applied.length < wanted; n++) {
    if (n > wanted * 6) throw new Error(`Seed ${seed}: only ${applied.length} of ${n} change sets were taken.`);
    const operation = await randomOperation(client, random, n);
    const answer = await applyChange(client, [operation], { onBroken: 'remove' });
    if (![200, 409, 422].includes(answer.status))
      throw new Error(
        `Seed ${seed}: ${JSON.stringify(operation)} gave ${answer.status}: ${answer.text.slice(0, 1000)}`,
      );
    if (answer.status === 200) applied.push(String(answer.body.data.id));
  }
  return applied;
}

/** Two nodes apply different change sets at once, `rounds` times: every one counts, in one order. */
export async function applyOnTwoNodes(nodes: readonly [Client, Client], mark: string, rounds: number): Promise<void> {
  const epochs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const answers = await Promise.all(
      nodes.map((node, i) => applyChange(node, [companyField(`x_${mark}${round}n${i}`)])),
    );
    for (const answer of answers) epochs.push(Number(expectOk(answer, 200).body.data.epoch));
    // Each node knows both at once.
    for (const node of nodes) {
      const body = { name: 'N', [`x_${mark}${round}n0`]: 1, [`x_${mark}${round}n1`]: 2 };
      expectOk(await node.post('/api/records/contacts.company', body), 201);
    }
  }
  expect(new Set(epochs).size).toBe(rounds * 2);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Kills the server while it applies, `times` times; after each start the catalog is as before or as after, and sound. */
export async function crashWhileApplying(app: SpawnedApp, times: number): Promise<number> {
  const acknowledged: string[] = [];
  for (let kill = 0; kill < times; kill++) {
    let isGoing = true;
    const known = acknowledged.length;
    const work = (async () => {
      for (let n = 0; isGoing; n++) {
        const key = `x_k${kill}n${n}`;
        const answer = await applyChange(app.admin, [
          companyField(key, n % 2 === 0 ? 'money' : 'link', n % 2 === 0 ? {} : { to: 'contacts.contact' }),
          {
            type: 'view',
            id: `x.v${kill}n${n}`,
            op: 'set',
            at: '',
            value: { entity: 'contacts.company', title: key, type: 'list', columns: [{ field: key }] },
          },
        ]).catch(() => null);
        if (answer === null) return;
        if (answer.status !== 200) throw new Error(answer.text);
        acknowledged.push(key);
      }
    })();
    while (acknowledged.length === known) await pause(10);
    await pause(randomInt(500));
    await app.kill();
    isGoing = false;
    await work;
    await app.restart();
    const [{ sets }] = await app.db.query<{ sets: number }>(
      `select count(*)::int as sets from trellis.change_set where state = 'applied'`,
    );
    const catalog = (await app.admin.get('/api/catalog')).body.data;
    const company = catalog.entities.find((one) => String(one.id) === 'contacts.company');
    const keys = company?.fields.map((one) => String(one.key)).filter((key) => /^x_k\d+n\d+$/.test(key)) ?? [];
    expect(acknowledged.filter((key) => !keys.includes(key))).toEqual([]);
    expect(keys.length).toBe(sets);
    expect(catalog.views.filter(({ id }) => /^x\.v\d+n\d+$/.test(String(id))).length).toBe(sets);
  }
  const doctor = await runDoctor(app);
  expect(doctor).toEqual({ code: 0, said: expect.not.stringContaining('ERROR') as string });
  return acknowledged.length;
}
