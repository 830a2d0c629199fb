import { fill, uuid } from '../fill.js';
import { keyOf } from '../system.js';
import { openStage, type CatalogBench, type Stage } from '../catalog/stage.js';
import { partnerCompany, rules } from './rules.js';

/** Users by level of the hierarchy, from the top; each below the next of the level above, in turns. */
const levels = [1, 6, 36, 216, 1_296, 3_445];
const userCount = levels.reduce((a, b) => a + b, 0);
const seats = { superior: 0, member: 43, partial: 44 };
/** Who holds the roles, and is in the teams, whose records the rules share; none of them is below the member. */
const partners = { 'x.partnerA': [2000, 2001], 'x.partnerB': [2002], 'x.partnerC': [2003] };
const teams = { North: [2010], South: [2011], East: [2012], West: [2013], Field: [2014], Front: [43, 44] };
const shares = 100;

/** The member, a member who sees some rows in part, and who stands at the top. */
export type Seat = keyof typeof seats;

/** The world of the access figures: 5,000 users in six levels, persons that they own, rules, shares. */
export interface World {
  readonly stage: Stage;
  readonly people: Readonly<Record<Seat, { key: string; userId: string }>>;
  /** Id of the n-th user. */
  userOf(n: number): Promise<string>;
}

/** Ids of users, in the order of the hierarchy, who own every hundredth person, and to whom these go. */
export const handover = { from: 4_999, to: 4_998 };

/** Sets the world up, or takes the one that stands in a kept folder. */
export async function openWorld(bench: CatalogBench): Promise<World> {
  const kept = `filled ${bench.rows}`;
  const stage = await openStage(bench, 'access', { kept });
  try {
    return { stage, people: await settle(stage, bench.rows, kept), userOf: (n) => userOf(stage, n) };
  } catch (error) {
    await stage.stop();
    throw error;
  }
}

async function settle(stage: Stage, persons: number, kept: string): Promise<World['people']> {
  if (!stage.isKept) await publish(stage);
  const person = async (name: Seat): Promise<{ key: string; userId: string }> =>
    keyOf(stage.server.port, {
      name,
      email: `${name}.access@bench.test`,
      roles: ['x.seller', 'x.regional', 'x.reader', ...(name === 'partial' ? ['x.partial'] : [])],
    });
  const people = {
    superior: await person('superior'),
    member: await person('member'),
    partial: await person('partial'),
  };
  if (!stage.isKept) {
    await populate(stage, persons, people);
    await stage.db.query({ text: `comment on database access is '${kept}'`, values: [] });
  }
  // Its caches are of the time before.
  await stage.restart();
  await indexesBuilt(stage);
  return people;
}

async function userOf({ db }: Stage, n: number): Promise<string> {
  const [{ id }] = await db.query<{ id: string }>({ text: 'select id from bench_user where n = $1', values: [n] });
  return id;
}

/** Roles and rules, as an administrator publishes them. */
async function publish(stage: Stage): Promise<void> {
  const none = { create: false, update: 'none', delete: 'none' };
  const seen = ['core.user', 'core.principal', 'core.team', 'bench.company'].map((entity) => ({
    entity,
    read: 'all',
    ...none,
  }));
  const own = { entity: 'bench.person', ...none, read: 'own', update: 'own' };
  const role = (id: string, grants: readonly object[], more: object = {}): object => ({
    type: 'role',
    id: `x.${id}`,
    op: 'set',
    at: '',
    value: { title: id, grants, ...more },
  });
  const hidden = ['revenue', 'birthdate'].map((field) => ({ entity: 'bench.person', field, access: 'none' }));
  await stage.send('POST', '/api/catalog/apply', {
    reason: 'bench',
    operations: [
      role('seller', [...seen, { ...own, create: true, delete: 'own' }]),
      role('regional', [...seen, { ...own, share: true }]),
      role('reader', [...seen, { ...own, update: 'none' }]),
      role('partial', [{ ...own, update: 'none', readWhen: "status == 'customer' && score >= 100" }], {
        fields: hidden,
      }),
      ...Object.keys(partners).map((id) => role(id.slice(2), seen)),
      ...rules.map(({ sql: _, ...rule }, i) => ({
        type: 'sharing-rule',
        id: `x.rule${i + 1}`,
        op: 'set',
        at: '',
        value: { title: `Rule ${i + 1}`, entity: 'bench.person', ...rule },
      })),
    ],
  });
}

/** By SQL, set-wise: users, teams, who reports to whom, persons and their owners, shares. */
async function populate(stage: Stage, persons: number, people: World['people']): Promise<void> {
  const run = (text: string): Promise<unknown> => stage.db.query({ text, values: [], replan: true });
  const seated = Object.entries(seats).map(([seat, n]) => `when ${n} then '${people[seat as Seat].userId}'::uuid`);
  await run('create table bench_user (n int primary key, id uuid not null, superior int)');
  await run(`insert into bench_user select n, case n ${seated.join(' ')} else ${uuid(`'user' || n`)} end, ${superiorOf('n')}
    from generate_series(0, ${userCount - 1}) n`);
  await run(
    `insert into bench_user select ${userCount} + n, ${uuid(`'team' || n`)} from generate_series(0, ${Object.keys(teams).length - 1}) n`,
  );
  await run(`insert into trellis.credential (user_id, email, name) select id, n || '@users.test', 'User ' || n from bench_user
    where n < ${userCount} on conflict do nothing`);
  await run(`insert into data.core__user (id, created_at, updated_at, version, name, email, active)
    select id, now(), now(), 1, 'User ' || n, n || '@users.test', true from bench_user where n < ${userCount} on conflict do nothing`);
  await run(`insert into data.core__principal (id, created_at, updated_at, version, name, type)
    select id, now(), now(), 1, 'Principal ' || n, case when n < ${userCount} then 'user' else 'team' end from bench_user on conflict do nothing`);
  await run(
    `update data.core__user u set reports_to = s.id from bench_user b join bench_user s on s.n = b.superior where u.id = b.id`,
  );
  await run(`insert into trellis.report (superior_id, user_id) with recursive above (n, superior) as (
    select n, superior from bench_user where superior is not null
    union all select a.n, b.superior from above a join bench_user b on b.n = a.superior where b.superior is not null)
    select s.id, u.id from above a join bench_user s on s.n = a.superior join bench_user u on u.n = a.n`);
  for (const [role, holders] of Object.entries(partners))
    await run(
      `insert into trellis.user_role (user_id, role) select id, '${role}' from bench_user where n in (${holders.join()})`,
    );
  for (const [i, [name, members]] of Object.entries(teams).entries()) {
    const id = uuid(`'team${i}'`);
    await run(
      `insert into data.core__team (id, created_at, updated_at, version, name) values (${id}, now(), now(), 1, '${name}')`,
    );
    await run(
      `insert into trellis.team_member (team_id, user_id) select ${id}, id from bench_user where n in (${members.join()})`,
    );
  }
  await fill(stage.db, {
    companies: persons / 5,
    persons,
    member: people.member.userId,
    // Every hundredth is the one's whose records are handed over, one of ten thousand the first team's.
    ownerOf: (i) =>
      `(select b.id from bench_user b where b.n = case when ${i} % 10000 = 77 then ${userCount} when ${i} % 100 = 50 then ${handover.from} else (${i}::bigint * 7919) % ${userCount} end)`,
  });
  await run(
    `insert into data.bench__company (id, created_at, updated_at, version, name) values ('${partnerCompany}', now(), now(), 1, 'Partner')`,
  );
  await run(
    `update data.bench__person set company = '${partnerCompany}' where id in (${[11, 12, 13, 14, 15].map((i) => uuid(`'p${i}'`)).join()})`,
  );
  await run(`insert into data.core__share (id, created_at, updated_at, version, record__entity, record__id, principal, level)
    select ${uuid(`'share' || i`)}, now(), now(), 1, 'bench.person', ${uuid(`'p' || (1000 + i * 31)`)},
      '${people.member.userId}', case when i % 2 = 0 then 'read' else 'edit' end from generate_series(1, ${shares}) i`);
  for (const table of [
    'data.core__user',
    'data.core__share',
    'trellis.report',
    'trellis.user_role',
    'trellis.team_member',
  ])
    await run(`vacuum (analyze) ${table}`);
}

/** SQL of the place of the superior of the n-th. */
function superiorOf(n: string): string {
  let start = 0;
  const cases = levels.slice(1).map((size, i) => {
    const [above, from] = [start, start + levels[i]];
    start = from;
    return `when ${n} between ${from} and ${from + size - 1} then ${above} + (${n} - ${from}) % ${levels[i]}`;
  });
  return `case ${cases.join(' ')} end`;
}

/** What the rules asked of the tables is there. */
async function indexesBuilt({ db }: Stage): Promise<void> {
  for (;;) {
    const [{ left }] = await db.query<{ left: string }>({
      text: `select count(*) as left from trellis.index_state where state = 'pending'`,
      values: [],
    });
    if (Number(left) === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
