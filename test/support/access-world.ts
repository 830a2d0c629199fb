import { createAccess } from '../../core/access/index.js';
import { ACTOR_STORE, CONFIG, CONTEXTS } from '../../core/base/tokens.js';
import { CATALOG, type Catalog, type CatalogService, type Definition } from '../../core/catalog/index.js';
import { HOOKS, type Hooks } from '../../core/hooks/index.js';
import { createReadLog, createRecords } from '../../core/records/index.js';
import type { EntityAccess, EntityModel } from '../../core/schema/index.js';
import type { ActorStore, ContextFactory } from '../../core/sdk/index.js';
import { DATABASE, displayCollation, loadSecrets, type Database } from '../../core/storage/index.js';
import type { Config } from '../../core/base/config.js';
import { httpDoors, kernelDoors, type Doors } from './access-doors.js';
import { startApp, type TestApp } from './app.js';
import { expectOk, type Client } from './client.js';
import { conditions, type EntityName, type Holders, type Row, type World } from './access-model.js';
import { makePlugin } from './made-plugin.js';

const names: readonly EntityName[] = ['account', 'deal', 'item'];

/** An application with three entities, in which worlds are set up one after the other. */
export interface Stage {
  readonly app: TestApp;
  readonly people: readonly string[];
  readonly teams: readonly string[];
  readonly territories: readonly string[];
  /** Sets the world up; each person's doors into it: those of the kernel under a catalog of the world's, or HTTP, for which the world is published. */
  enter(world: World, way: 'kernel' | 'http'): Promise<(person: string) => Promise<Doors>>;
  stop(): Promise<void>;
}

/** Five people, two teams and four territories over a plugin of its own. */
export async function openStage(): Promise<Stage> {
  const text = { title: 'T', type: 'string', 'x-field': { kind: 'text' } };
  const choice = (...values: string[]): object => ({
    title: 'C',
    'x-field': { kind: 'choice', options: values.map((value) => ({ value, title: value })) },
  });
  const integer = { title: 'N', 'x-field': { kind: 'integer' } };
  const link = (to: string, key: string): object => ({ title: 'L', 'x-field': { kind: 'link', to, inverse: key } });
  const owned = { ownership: 'principal' };
  const total = { title: 'Total', 'x-field': { kind: 'rollup', of: 'deals', fn: 'sum', field: 'amount' } };
  const twice = { title: 'Twice', 'x-field': { kind: 'formula', returns: 'integer', expression: 'amount * 2' } };
  const plugin = await makePlugin('w', [
    { name: 'account', properties: { city: choice('a', 'b', 'c'), score: integer, secret: text, total }, more: owned },
    {
      name: 'deal',
      properties: { account: link('w.account', 'deals'), stage: choice('open', 'won', 'lost'), amount: integer, twice },
      more: owned,
    },
    { name: 'item', properties: { deal: link('w.deal', 'items'), kind: choice('x', 'y') } },
  ]);
  const app = await startApp({ plugins: [plugin] });
  const people: string[] = [];
  const clients = new Map<string, Client>();
  for (let n = 0; n < 5; n++) {
    const member = await app.member();
    people.push(member.id);
    clients.set(member.id, member);
  }
  const teams: string[] = [];
  for (let n = 0; n < 2; n++)
    teams.push(String((await app.admin.post('/api/records/core.team', { name: `Team ${n}` })).body.data.id));
  const territories: string[] = [];
  for (let n = 0; n < 4; n++)
    territories.push(
      String((await app.admin.post('/api/records/core.territory', { name: `Territory ${n}` })).body.data.id),
    );
  const get = <T>(token: symbol): T => app.app.get<T>(token, { strict: false });
  const service = get<CatalogService>(CATALOG);
  const db = get<Database>(DATABASE);
  const config = get<Config>(CONFIG);
  const contexts = get<ContextFactory>(CONTEXTS);
  const actors = get<ActorStore>(ACTOR_STORE);
  const secrets = await loadSecrets(config);
  return {
    app,
    people,
    teams,
    territories,
    async enter(world, way) {
      await fill(db, world);
      // Through the API, so that the hook keeps who is above whom.
      const tree = world.territories.map(({ id, above: at }) => ({
        id,
        parent: at === null ? null : world.territories[at].id,
      }));
      const set = await app.admin.post('/api/records/core.territory/bulk?mode=update&key=id&atomic=true', tree);
      if (set.status !== 200) throw new Error(set.text);
      if (way === 'http') {
        await publish(app.admin, definitionsOf(world), world);
        return (person) => Promise.resolve(httpDoors(clients.get(person) as Client));
      }
      const current = catalogOf(service.current, world);
      const catalog: CatalogService = { ...service, current, reload: () => Promise.resolve(current) };
      const collation = displayCollation(config.workspace.locale);
      const access = createAccess({ catalog, cursorKey: new Uint8Array(32).fill(7), collation });
      const hooks = get<Hooks>(HOOKS);
      const records = createRecords({ db, catalog, access, hooks, contexts, actors, reads: createReadLog(), secrets });
      return async (person) => {
        const actor = await actors.load(person, null, null);
        if (!actor) throw new Error(`nobody is called ${person}`);
        return kernelDoors(records, contexts.forActor(actor));
      };
    },
    stop: () => app.stop(),
  };
}

/** The catalog as it would be with the roles, rules and default visibilities of the world. */
function catalogOf(base: Catalog, world: World): Catalog {
  const made = definitionsOf(world);
  const entities = new Map<string, EntityModel>(base.schema.entities);
  for (const name of names) {
    const entity = entities.get(`w.${name}`) as EntityModel;
    entities.set(entity.id, { ...entity, access: defaultOf(world, name) });
  }
  return { ...base, schema: { entities }, definitions: (type) => made.get(type) ?? base.definitions(type) };
}

/** Puts the world's definitions in the place of those of the one before it. */
async function publish(admin: Client, made: ReturnType<typeof definitionsOf>, world: World): Promise<void> {
  const operations: object[] = names.map((name) => ({
    type: 'entity',
    id: `w.${name}`,
    op: 'set',
    at: '/x-entity/access',
    value: defaultOf(world, name),
  }));
  for (const [type, definitions] of made) {
    const there = expectOk(await admin.get(`/api/catalog/definitions?type=${type}`), 200).body.data;
    for (const id of there.map((each) => String(each.id)))
      if (id.startsWith('x.') && !definitions.has(id)) operations.push({ type, id, op: 'remove', at: '' });
    for (const { id, document } of definitions.values())
      operations.push({ type, id, op: 'set', at: '', value: document });
  }
  expectOk(await admin.post('/api/catalog/apply', { reason: 'test', operations }), 200);
}

function defaultOf({ defaults }: World, name: EntityName): EntityAccess {
  const standard = defaults[name];
  return standard === 'parent'
    ? { default: 'parent', parent: name === 'deal' ? 'account' : 'deal' }
    : { default: standard };
}

function definitionsOf(world: World): Map<string, Map<string, Definition>> {
  const defined = (type: string, documents: [string, object][]): Map<string, Definition> =>
    new Map(documents.map(([id, document]) => [id, { type, id, document: document as Definition['document'] }]));
  return new Map([
    [
      'role',
      defined(
        'role',
        world.roles.map(({ id, fields, grants }) => [
          id,
          {
            title: id,
            fields,
            grants: [
              ...['core.user', 'core.principal', 'core.team', 'core.territory'].map((entity) => ({
                entity,
                read: 'all',
                create: false,
                update: 'none',
                delete: 'none',
              })),
              ...grants.map(({ readWhen, ...grant }) => ({
                ...grant,
                ...(readWhen === undefined
                  ? {}
                  : { readWhen: conditions[grant.entity.slice(2) as EntityName][readWhen].source }),
              })),
            ],
          },
        ]),
      ),
    ],
    [
      'sharing-rule',
      defined(
        'sharing-rule',
        world.rules.map(({ entity, when, to, ownedBy, isOver, ...rule }, i) => [
          `x.rule${i}`,
          {
            ...rule,
            title: `Rule ${i}`,
            entity: `w.${entity}`,
            to: named(to),
            ...(ownedBy ? { ownedBy: named(ownedBy) } : {}),
            ...(isOver === undefined ? {} : { until: isOver ? '2020-01-01T00:00:00Z' : '2999-01-01T00:00:00Z' }),
            ...(when === undefined ? {} : { when: conditions[entity][when].source }),
          },
        ]),
      ),
    ],
    [
      'restriction-rule',
      defined(
        'restriction-rule',
        world.limits.map(({ entity, when, ...limit }, i) => [
          `x.limit${i}`,
          { ...limit, title: `Limit ${i}`, entity: `w.${entity}`, when: conditions[entity][when].source },
        ]),
      ),
    ],
  ]);
}

function named({ teams, territories, ...rest }: Holders): object {
  return {
    ...rest,
    ...(teams ? { teams: teams.map((n) => `Team ${n}`) } : {}),
    ...(territories ? { territories: territories.map((n) => `Territory ${n}`) } : {}),
  };
}

/** Rows and memberships as the world has them; who reports to whom is worked out by the hook, as everywhere. */
async function fill(db: Database, world: World): Promise<void> {
  const pairs = <T>(list: readonly T[]): string => JSON.stringify(list);
  const run = (text: string, values: unknown[] = []): Promise<unknown> => db.query({ text, values });
  await run('delete from trellis.user_role where user_id = any($1::uuid[])', [world.people.map(({ id }) => id)]);
  await run(
    `insert into trellis.user_role (user_id, role) select u, r from json_to_recordset($1::json) as g(u uuid, r text)`,
    [pairs(world.people.flatMap(({ id, roles }) => roles.map((r) => ({ u: id, r }))))],
  );
  await run('delete from trellis.team_member');
  await run(
    `insert into trellis.team_member (team_id, user_id) select t, u from json_to_recordset($1::json) as g(t uuid, u uuid)`,
    [pairs(world.people.flatMap(({ id, teams }) => teams.map((n) => ({ t: world.teams[n], u: id }))))],
  );
  await run('delete from data.core__territory_member');
  await run(
    `insert into data.core__territory_member (id, created_at, updated_at, version, territory, "user", role) select gen_random_uuid(), now(), now(), 1, t, u, 'member' from json_to_recordset($1::json) as g(t uuid, u uuid)`,
    [
      pairs(
        world.people.flatMap(({ id, territories: all }) => all.map((n) => ({ t: world.territories[n].id, u: id }))),
      ),
    ],
  );
  await run('delete from data.core__share');
  for (const name of ['item', 'deal', 'account']) await run(`delete from data.w__${name}`);
  const insert = async (name: EntityName, columns: string, types: string, row: (row: Row) => object): Promise<void> => {
    await run(
      `insert into data.w__${name} (id, created_at, updated_at, version, deleted_at, ${columns}) select id, now() - n * interval '1 second', now(), 1, case when deleted then now() end, ${columns} from json_to_recordset($1::json) as g(id uuid, n int, deleted boolean, ${types})`,
      [pairs(world.rows[name].map((each, n) => ({ id: each.id, n, deleted: each.deleted, ...row(each) })))],
    );
  };
  await insert(
    'account',
    'owner_id, name, city, score, secret',
    'owner_id uuid, name text, city text, score bigint, secret text',
    (row) => ({
      ...row.values,
      owner_id: row.owner,
    }),
  );
  await insert(
    'deal',
    'owner_id, name, account, stage, amount',
    'owner_id uuid, name text, account uuid, stage text, amount bigint',
    (row) => ({
      ...row.values,
      owner_id: row.owner,
    }),
  );
  await insert('item', 'name, deal, kind', 'name text, deal uuid, kind text', (row) => row.values);
  await run(
    `update data.w__account a set total = (select coalesce(sum(d.amount), 0) from data.w__deal d where d.account = a.id and d.deleted_at is null)`,
  );
  await run(
    `insert into data.core__share (id, created_at, updated_at, version, record__entity, record__id, principal, level, until) select gen_random_uuid(), now(), now(), 1, entity, record, principal, level, case when over then now() - interval '1 second' end from json_to_recordset($1::json) as g(entity text, record uuid, principal uuid, level text, over boolean)`,
    [pairs(world.shares.map(({ entity, isOver, ...share }) => ({ ...share, entity: `w.${entity}`, over: isOver })))],
  );
  await run('delete from trellis.report');
  await run(
    `insert into trellis.report (superior_id, user_id) select s, u from json_to_recordset($1::json) as g(s uuid, u uuid)`,
    [pairs(world.people.flatMap(({ id }) => above(world, id).map((s) => ({ s, u: id }))))],
  );
  await run('update trellis.credential set security_epoch = security_epoch + 1');
}

function above(world: World, id: string): string[] {
  const found: string[] = [];
  let at = world.people.find((person) => person.id === id);
  while (at && at.reportsTo !== null) {
    at = world.people[at.reportsTo];
    found.push(at.id);
  }
  return found;
}
