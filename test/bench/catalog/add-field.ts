import { Agent } from 'node:http';
import { fill, type Filled } from '../fill.js';
import { send, type Call } from '../load.js';
import { barRow, openStage, timedMs, type CatalogBench, type Stage } from './stage.js';

const CONNECTIONS = 16;
const path = '/api/records/bench.person';

/** Fields that are added, one after the other, while others read and write. */
const fields: readonly {
  readonly name: string;
  readonly key: string;
  readonly property: object;
  readonly value: unknown;
  /** Added before, so that its index is being built. */
  readonly during?: { readonly key: string; readonly property: object };
}[] = [
  { name: 'a number', key: 'x_number', property: { title: 'N', 'x-field': { kind: 'integer' } }, value: 1 },
  {
    name: 'an indexed choice with a default',
    key: 'x_choice',
    property: {
      title: 'C',
      default: 'a',
      'x-field': { kind: 'choice', index: true, options: ['a', 'b'].map((value) => ({ value, title: value })) },
    },
    value: 'b',
  },
  {
    name: 'a link with an inverse',
    key: 'x_link',
    property: {
      title: 'L',
      'x-field': { kind: 'link', to: 'bench.company', inverse: { key: 'x_persons', title: 'P' } },
    },
    value: null,
  },
  {
    name: 'a searchable text',
    key: 'x_text',
    property: { title: 'T', type: 'string', 'x-field': { kind: 'text', searchable: true } },
    value: 'text',
  },
  {
    name: 'a number, while an index of the same table is built,',
    key: 'x_during',
    property: { title: 'D', 'x-field': { kind: 'integer' } },
    value: 1,
    during: {
      key: 'x_slow',
      property: { title: 'S', type: 'string', 'x-field': { kind: 'text', searchable: true } },
    },
  },
];

/** Adds fields to an entity of a million rows while 16 connections read and write it. */
export async function addFieldUnderLoad(bench: CatalogBench): Promise<void> {
  const stage = await openStage(bench, 'catalog_add');
  try {
    const filled = await fill(stage.db, { companies: bench.rows / 5, persons: bench.rows, member: stage.memberId });
    await stage.restart();
    for (const field of fields) {
      const traffic = startTraffic(stage, filled);
      await pause(3_000);
      // The first answers of a new process are no measure.
      traffic.longest();
      await pause(3_000);
      const before = traffic.longest();
      if (field.during !== undefined) {
        await addField(stage, field.during);
        await untilBuilding(stage);
        traffic.longest();
      }
      const { ms } = await timedMs(async () => {
        await addField(stage, field);
        await stage.send('POST', path, { name: 'Usable', [field.key]: field.value });
      });
      await pause(3_000);
      const seen = await traffic.stop();
      const name = `catalog: add ${field.name} to ${bench.rows} rows`;
      bench.report(barRow(`${name}, usable after`, ms, 2_000));
      const told = `longest wait of ${seen.requests} requests (${Math.round(before)} ms without a change)`;
      bench.report(barRow(`${name}, ${told}`, traffic.longest(), 1_000));
      bench.report({
        name: `${name}, requests that failed`,
        ours: seen.failures.length,
        bare: 0,
        ratio: seen.failures.length,
        unit: 'requests',
        target: '0',
      });
      for (const failure of new Set(seen.failures)) console.log(`  failed: ${failure}`);
      const building = await timedMs(() => untilBuilt(stage));
      bench.report(barRow(`${name}, then its indexes built after`, building.ms, 120_000));
    }
  } finally {
    await stage.stop();
  }
}

interface Traffic {
  /** Milliseconds of the longest request since it was last asked. */
  longest(): number;
  stop(): Promise<{ requests: number; failures: string[] }>;
}

/** Lists, reads, changes and creates, in turns, over kept-alive connections. */
function startTraffic(stage: Stage, filled: Filled): Traffic {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const headers = { authorization: `Bearer ${stage.memberKey}` };
  const id = (i: number): string => filled.sampleIds[i % filled.sampleIds.length];
  const list = `${path}?filter=${encodeURIComponent("status == 'open' && score >= 50")}&limit=50`;
  const calls: ((i: number) => Call)[] = [
    () => ({ method: 'GET', path: list, headers }),
    (i) => ({ method: 'GET', path: `${path}/${id(i)}`, headers }),
    (i) => ({ method: 'PATCH', path: `${path}/${id(i)}`, headers, body: JSON.stringify({ score: i % 100 }) }),
    (i) => ({ method: 'POST', path, headers, body: JSON.stringify({ name: `Person ${i}`, score: i % 100 }) }),
  ];
  let stopped = false;
  let requests = 0;
  let longestMs = 0;
  const failures: string[] = [];
  const worker = async (): Promise<void> => {
    while (!stopped) {
      const i = requests++;
      const call = calls[i % calls.length](i);
      const { ms, value: status } = await timedMs(() => send(agent, stage.server.port, call));
      longestMs = Math.max(longestMs, ms);
      if (status < 200 || status > 299) failures.push(`${call.method} ${call.path.split('?')[0]} ${status}`);
    }
  };
  const running = Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return {
    longest() {
      const longest = longestMs;
      longestMs = 0;
      return longest;
    },
    async stop() {
      stopped = true;
      await running;
      agent.destroy();
      return { requests, failures };
    },
  };
}

async function addField(stage: Stage, { key, property }: { key: string; property: object }): Promise<void> {
  const operation = { type: 'entity', id: 'bench.person', op: 'set', at: `/properties/${key}`, value: property };
  await stage.send('POST', '/api/catalog/apply', { reason: 'bench', operations: [operation] });
}

async function untilBuilding(stage: Stage): Promise<void> {
  for (;;) {
    const [{ n }] = await stage.db.query<{ n: number }>({
      text: `select count(*)::int as n from pg_stat_progress_create_index where datname = current_database() and blocks_done > 0`,
      values: [],
    });
    if (n > 0) return;
    await pause(20);
  }
}

async function untilBuilt(stage: Stage): Promise<void> {
  for (;;) {
    const [{ n }] = await stage.db.query<{ n: number }>({
      text: `select (select count(*) from trellis.index_state where state = 'pending')::int + (select count(*) from trellis.storage_task where state = 'pending')::int as n`,
      values: [],
    });
    if (n === 0) return;
    await pause(100);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
