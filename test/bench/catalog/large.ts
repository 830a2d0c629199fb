import { Agent } from 'node:http';
import { gzipSync } from 'node:zlib';
import { fill } from '../fill.js';
import { load, send, type Call } from '../load.js';
import { memoryMb } from '../system.js';
import { makeBigPlugin } from './made-plugins.js';
import { barRow, median, openStage, timedMs, type CatalogBench, type Stage } from './stage.js';

const size = { entities: 300, fields: 200 };
const list = `/api/records/bench.person?filter=${encodeURIComponent("status == 'open' && score >= 50")}&limit=50`;

/** Start, list page, plan, apply and the catalog's own answers with 60,000 fields. */
export async function largeCatalog(bench: CatalogBench): Promise<void> {
  const small = await openStage(bench, 'catalog_small');
  const { ms: installMs, value: large } = await timedMs(async () =>
    openStage(bench, 'catalog_large', { plugins: [await makeBigPlugin(bench.dir, size)] }),
  );
  try {
    const persons = Math.min(bench.rows, 20_000);
    for (const { db, memberId } of [small, large])
      await fill(db, { companies: persons / 5, persons, member: memberId });
    const name = `catalog: ${size.entities} entities × ${size.fields} fields`;
    bench.report(barRow(`${name}, installed (first start)`, installMs, 300_000));
    const starts = [await large.restart(), await large.restart(), await large.restart()];
    bench.report(
      barRow(`${name}, start (the small catalog takes ${Math.round(await small.restart())} ms)`, median(starts), 6_000),
    );
    bench.report({
      name: `${name}, memory after the start (MB)`,
      ours: await memoryMb(large.server.process),
      bare: await memoryMb(small.server.process),
      ratio: (await memoryMb(large.server.process)) / (await memoryMb(small.server.process)),
      unit: 'MB (bare: small catalog)',
      target: 'told',
    });
    await listPages(bench, name, small, large);
    await plans(bench, name, large);
    await answers(bench, name, large);
  } finally {
    await small.stop();
    await large.stop();
  }
}

async function listPages(bench: CatalogBench, name: string, small: Stage, large: Stage): Promise<void> {
  const call = ({ memberKey }: Stage): Call => ({
    method: 'GET',
    path: list,
    headers: { authorization: `Bearer ${memberKey}` },
  });
  for (const connections of [1, 16]) {
    const rounds: { ours: number; bare: number }[] = [];
    for (let round = 0; round < Math.max(bench.rounds, 5); round++) {
      const bare = await load(small.server.port, connections, bench.durationMs, () => call(small));
      const ours = await load(large.server.port, connections, bench.durationMs, () => call(large));
      if (ours.errors + bare.errors > 0) throw new Error(`${name}: list pages failed`);
      rounds.push({ ours: ours.rate, bare: bare.rate });
    }
    rounds.sort((a, b) => a.ours / a.bare - b.ours / b.bare);
    const { ours, bare } = rounds[Math.floor(rounds.length / 2)];
    bench.report({
      name: `${name}, list page, ${connections} conn.`,
      ours,
      bare,
      ratio: ours / bare,
      unit: 'pages/s (bare: small catalog)',
      target: '0.90',
    });
  }
}

/** Plans and an apply of what a Studio session does. */
async function plans(bench: CatalogBench, name: string, large: Stage): Promise<void> {
  const one = [operation('x_one', 0)];
  const many = Array.from({ length: 50 }, (_, n) => operation(`x_many${n}`, n));
  const plan = (operations: object[]): Promise<{ data: { applicable: boolean } }> =>
    large.send('POST', '/api/catalog/plan', { reason: 'bench', operations });
  for (const [what, operations] of [
    ['a field', one],
    ['50 fields of 50 entities', many],
  ] as const) {
    const times: number[] = [];
    for (let i = 0; i < 4; i++) {
      const { ms, value } = await timedMs(() => plan(operations));
      if (!value.data.applicable) throw new Error(`${name}: ${JSON.stringify(value).slice(0, 500)}`);
      times.push(ms);
    }
    bench.report(barRow(`${name}, first plan of ${what}`, times[0], 2_000));
    bench.report(barRow(`${name}, plan of ${what}`, median(times.slice(1)), 2_000));
  }
  for (const [what, operations] of [
    ['a field', one],
    ['50 fields of 50 entities', many],
  ] as const) {
    const { ms } = await timedMs(() =>
      large.send('POST', '/api/catalog/apply', { reason: 'bench', operations, epoch: undefined }),
    );
    bench.report(barRow(`${name}, apply of ${what}`, ms, 2_000));
  }
}

/** What a browser asks for first. */
async function answers(bench: CatalogBench, name: string, large: Stage): Promise<void> {
  for (const path of ['/api/catalog', '/api/openapi.json', '/api/catalog/definitions?type=entity']) {
    const headers = { authorization: `Bearer ${large.adminKey}`, 'accept-encoding': 'gzip' };
    const agent = new Agent({ keepAlive: true });
    const ask = (): Promise<number> => send(agent, large.server.port, { method: 'GET', path, headers });
    const first = await timedMs(ask);
    const again = [await timedMs(ask), await timedMs(ask), await timedMs(ask)].map(({ ms }) => ms);
    const body = await large.get<unknown>(path);
    const text = JSON.stringify(body);
    const packed = gzipSync(text).length;
    const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
    bench.report(barRow(`${name}, GET ${path} first (${mb(text.length)}, packed ${mb(packed)})`, first.ms, 2_000));
    bench.report(barRow(`${name}, GET ${path} again`, median(again), 1_000));
    agent.destroy();
  }
}

function operation(key: string, n: number): object {
  const id = `big.e${String(n).padStart(3, '0')}`;
  return {
    type: 'entity',
    id,
    op: 'set',
    at: `/properties/${key}`,
    value: { title: key, 'x-field': { kind: 'integer' } },
  };
}
