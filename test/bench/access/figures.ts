import { fetchJson, load, type Call } from '../load.js';
import { barRow, median, timedMs, type CatalogBench } from '../catalog/stage.js';
import { countByHand } from './brute.js';
import { handover, openWorld, type Seat, type World } from './world.js';

const person = '/api/records/bench.person';
const fields = 'fields=id,name,email,phone,company,status,score,jobTitle,city,optedOut,createdAt,updatedAt,version';

interface Question {
  readonly name: string;
  readonly target: string;
  path(i: number, ids: readonly string[]): string;
}

const list = (name: string, query: string, target = 'told'): Question => ({
  name,
  target,
  path: () => `${person}?${fields}${query}`,
});
const filtered = (filter: string): string => `&filter=${encodeURIComponent(filter)}`;
const page = list('list page', '', '0.25, aim 0.5');
const one: Question = {
  name: 'get one',
  target: '0.75',
  path: (i, ids) => `${person}/${ids[i % ids.length]}?${fields}`,
};
const count = list('exact count', '&limit=1&count=exact', '1.0');
const further = [
  list('list with a filter', filtered("status == 'open' && score >= 50")),
  list('list with a rare filter', filtered("status == 'archived' && score >= 98")),
  list('list by name', '&sort=name'),
  list('search, common', '&q=smith'),
  list('search, rare', '&q=quixwell'),
  list('search, one Chinese character', `&q=${encodeURIComponent('王')}`),
];

/**
 * A member whom three roles, twenty rules, a hierarchy of 5,000 users and shares let see one person of a hundred, against the
 * administrator, in turns; the ratio (member ÷ administrator, of throughput) is the median of the rounds.
 */
export async function accessFigures(bench: CatalogBench): Promise<void> {
  const world = await openWorld(bench);
  try {
    await counted(world, bench);
    for (const question of [page, one, count, ...further]) await compare(world, bench, 'member', question);
    for (const seat of ['partial', 'superior'] as const)
      for (const question of [page, one, count]) await compare(world, bench, seat, { ...question, target: 'told' });
    await moved(world, bench);
    await handedOver(world, bench);
  } finally {
    await world.stage.stop();
  }
}

const nameOf: Readonly<Record<Seat, string>> = {
  member: 'a member',
  partial: 'a member, some rows in part',
  superior: 'the top of the hierarchy',
};

function get(key: string, path: string): Call {
  return { method: 'GET', path, headers: { authorization: `Bearer ${key}` } };
}

async function compare(
  { stage, people }: World,
  bench: CatalogBench,
  seat: Seat,
  { name, target, path }: Question,
): Promise<void> {
  const { port } = stage.server;
  const { key } = people[seat];
  const { data } = await fetchJson<{ data: { id: string }[] }>(port, get(key, `${person}?fields=id&limit=500`));
  const ids = data.map(({ id }) => id);
  for (const connections of [1, 16]) {
    const rounds: { ours: number; bare: number }[] = [];
    let i = 0;
    // What every connection has to plan once is no part of the figure.
    for (const warm of [key, stage.adminKey])
      await load(port, connections, bench.durationMs / 2, () => get(warm, path(i++, ids)));
    for (let round = 0; round < bench.rounds; round++) {
      const bare = await load(port, connections, bench.durationMs, () => get(stage.adminKey, path(i++, ids)));
      const ours = await load(port, connections, bench.durationMs, () => get(key, path(i++, ids)));
      if (ours.errors + bare.errors > 0) throw new Error(`${name}: ${ours.errors + bare.errors} answers failed`);
      rounds.push({ ours: ours.rate, bare: bare.rate });
    }
    rounds.sort((a, b) => a.ours / a.bare - b.ours / b.bare);
    const { ours, bare } = rounds[Math.floor(rounds.length / 2)];
    bench.report({
      name: `access: ${name}, ${nameOf[seat]}, ${connections} conn.`,
      ours,
      bare,
      ratio: ours / bare,
      unit: '/s (bare: the administrator)',
      target,
    });
  }
}

async function seen({ stage, people }: World): Promise<number> {
  const { page: found } = await fetchJson<{ page: { count: number } }>(
    stage.server.port,
    get(people.member.key, `${person}?fields=id&limit=1&count=exact`),
  );
  return found.count;
}

/** The member's count against the one by hand. */
async function counted(world: World, bench: CatalogBench, when = 'as set up'): Promise<void> {
  const ours = await seen(world);
  const bare = await countByHand(world.stage.db, world.people.member.userId);
  if (ours !== bare) throw new Error(`access: the member sees ${ours} persons ${when}, by hand it is ${bare}`);
  bench.report({
    name: `access: persons that the member sees, ${when}`,
    ours,
    bare,
    ratio: ours / bare,
    unit: 'rows (bare: by hand)',
    target: '1.00',
  });
}

/** Somebody with reports of its own comes below the member, and goes again: in the next request its records are there, and gone. */
async function moved(world: World, bench: CatalogBench): Promise<void> {
  const { stage, people } = world;
  // On the fifth level, below somebody else.
  const [user, before] = [await world.userOf(260), await world.userOf(44)];
  for (const [when, superior] of [
    ['once a user reports to it', people.member.userId],
    ['once it does no more', before],
  ]) {
    const { ms } = await timedMs(() => stage.send('PATCH', `/api/records/core.user/${user}`, { reportsTo: superior }));
    await counted(world, bench, when);
    bench.report(barRow('access: a user with its reports moved in the hierarchy', ms, 1_000));
  }
}

async function handedOver(world: World, bench: CatalogBench): Promise<void> {
  const times: number[] = [];
  let rows = 0;
  let [from, to] = [await world.userOf(handover.from), await world.userOf(handover.to)];
  for (let round = 0; round < Math.max(3, bench.rounds); round++) {
    const filter = `ownerId == '${from}' && jobTitle != 'x'`;
    const { ms, value } = await timedMs(() =>
      world.stage.send<{ data: { changed: number } }>('POST', `${person}/bulk`, { filter, patch: { ownerId: to } }),
    );
    rows = value.data.changed;
    times.push(ms);
    [from, to] = [to, from];
  }
  bench.report(barRow(`access: owner of ${rows} records changed`, median(times), 5_000));
}
