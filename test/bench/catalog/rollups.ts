import { load, type Call } from '../load.js';
import { makeRollupPlugin } from './made-plugins.js';
import { openStage, type CatalogBench, type Stage } from './stage.js';

const WRITERS = 16;
const PARENTS = 200;
const CHILDREN_EACH = 20;

/** Rollups under writers: one parent that everybody writes below, and what fifty of them cost a child's update. */
export async function rollupsUnderLoad(bench: CatalogBench): Promise<void> {
  const stage = await openStage(bench, 'catalog_roll', { plugins: [await makeRollupPlugin(bench.dir)] });
  try {
    await oneParent(bench, stage);
    await costOfAnUpdate(bench, stage);
  } finally {
    await stage.stop();
  }
}

async function oneParent(bench: CatalogBench, stage: Stage): Promise<void> {
  const { data: parent } = await stage.send<{ data: { id: string } }>('POST', '/api/records/roll.five', {
    name: 'One',
  });
  const children = await makeChildren(stage, 'five', [parent.id], 400);
  const headers = { authorization: `Bearer ${stage.adminKey}` };
  const path = '/api/records/roll.fiveChild';
  let i = 0;
  const next = (): Call => {
    const n = i++;
    const values = { a0: (n * 7919) % 1000 };
    if (n % 10 === 9)
      return { method: 'POST', path, headers, body: JSON.stringify({ name: 'c', parent: parent.id, ...values }) };
    if (n % 100 === 50 && children.length > 100)
      return { method: 'DELETE', path: `${path}/${children.pop()}`, headers };
    const id = children[(n * 31) % 100];
    return { method: 'PATCH', path: `${path}/${id}`, headers, body: JSON.stringify(values) };
  };
  const { rate, errors } = await load(stage.server.port, WRITERS, bench.durationMs * 3, next);
  const name = `catalog: ${WRITERS} writers below one parent with 5 rollups`;
  bench.report({ name: `${name}, refused writes`, ours: errors, bare: 0, ratio: errors, unit: 'writes', target: '0' });
  bench.report({ name: `${name}, writes`, ours: rate, bare: 0, ratio: rate, unit: 'writes/s', target: 'told' });
  const { data: read } = await stage.get<{ data: Record<string, unknown> }>(`/api/records/roll.five/${parent.id}`);
  const [real] = await stage.db.query<Record<string, string>>({
    text: `select count(*)::text as r0, sum(a0)::text as r1, min(a0)::text as r2, max(a0)::text as r3 from data.roll__five_child where parent = $1 and deleted_at is null`,
    values: [parent.id],
  });
  const wrong = Object.entries(real).filter(([key, value]) => Number(read[key]) !== Number(value)).length;
  bench.report({ name: `${name}, wrong sums`, ours: wrong, bare: 0, ratio: wrong, unit: 'rollups', target: '0' });
}

async function costOfAnUpdate(bench: CatalogBench, stage: Stage): Promise<void> {
  const ids: Record<string, string[]> = {};
  for (const name of ['plain', 'fifty']) {
    const parents: string[] = [];
    for (let n = 0; n < PARENTS; n++) {
      const { data } = await stage.send<{ data: { id: string } }>('POST', `/api/records/roll.${name}`, {
        name: `P${n}`,
      });
      parents.push(data.id);
    }
    ids[name] = await makeChildren(stage, name, parents, PARENTS * CHILDREN_EACH);
  }
  const headers = { authorization: `Bearer ${stage.adminKey}` };
  for (const connections of [1, 16]) {
    const rounds: { ours: number; bare: number }[] = [];
    for (let round = 0; round < Math.max(3, bench.rounds); round++) {
      const rates: number[] = [];
      for (const name of ['plain', 'fifty']) {
        let i = round * 1_000;
        const { rate, errors } = await load(stage.server.port, connections, bench.durationMs, () => ({
          method: 'PATCH',
          path: `/api/records/roll.${name}Child/${ids[name][(i++ * 41) % ids[name].length]}`,
          headers,
          body: JSON.stringify({ a0: i % 1_000, a1: (i * 3) % 1_000 }),
        }));
        if (errors > 0) throw new Error(`${errors} updates below roll.${name} failed`);
        rates.push(rate);
      }
      rounds.push({ bare: rates[0], ours: rates[1] });
    }
    rounds.sort((a, b) => a.ours / a.bare - b.ours / b.bare);
    const { ours, bare } = rounds[Math.floor(rounds.length / 2)];
    bench.report({
      name: `catalog: a child's update, 50 rollups on its parent, ${connections} conn.`,
      ours,
      bare,
      ratio: ours / bare,
      unit: 'updates/s (bare: without rollups)',
      target: '0.33',
    });
  }
}

async function makeChildren(stage: Stage, name: string, parents: readonly string[], count: number): Promise<string[]> {
  const stages = ['new', 'open', 'working', 'won', 'lost'];
  const ids: string[] = [];
  for (let from = 0; from < count; from += 1_000) {
    const rows = Array.from({ length: Math.min(1_000, count - from) }, (_, i) => ({
      name: `c${from + i}`,
      parent: parents[(from + i) % parents.length],
      stage: stages[(from + i) % stages.length],
      ...Object.fromEntries(Array.from({ length: 10 }, (_each, n) => [`a${n}`, (i * 31 + n) % 1_000])),
    }));
    await stage.send('POST', `/api/records/roll.${name}Child/bulk?mode=create`, rows);
  }
  const made = await stage.db.query<{ id: string }>({
    text: `select id from data.roll__${name}_child where parent = any($1) order by id`,
    values: [parents],
  });
  ids.push(...made.map(({ id }) => id));
  return ids;
}
