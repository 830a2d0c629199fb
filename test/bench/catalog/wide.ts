import { memoryMb } from '../system.js';
import { kindAt, makeWidePlugin } from './made-plugins.js';
import { barRow, median, openStage, timedMs, type CatalogBench, type Stage } from './stage.js';

const FIELDS = 1_000;
const path = '/api/records/wide.thing';

/** An entity with a thousand custom fields, all filled: added in Studio, listed, opened, imported, remembered. */
export async function wideEntity(bench: CatalogBench): Promise<void> {
  const stage = await openStage(bench, 'catalog_wide', { plugins: [await makeWidePlugin(bench.dir)] });
  const name = `catalog: ${FIELDS} custom fields`;
  const told = (what: string, ms: number, barMs: number): void => bench.report(barRow(`${name}, ${what}`, ms, barMs));
  try {
    const operations = Array.from({ length: FIELDS }, (_, n) => ({
      type: 'entity',
      id: 'wide.thing',
      op: 'set',
      at: `/properties/x_f${n}`,
      value: { title: `Field ${n}`, 'x-field': fieldAt(n) },
    }));
    const change = { reason: 'bench', operations };
    told('planned', (await timedMs(() => stage.send('POST', '/api/catalog/plan', change))).ms, 2_000);
    told('applied', (await timedMs(() => stage.send('POST', '/api/catalog/apply', change))).ms, 5_000);
    const { ms: bulkMs } = await timedMs(async () => {
      for (let from = 0; from < 500; from += 50)
        await stage.send(
          'POST',
          `${path}/bulk?mode=create`,
          Array.from({ length: 50 }, (_, i) => filled(from + i)),
        );
    });
    told('500 records created in bulk', bulkMs, 60_000);
    const { data: made } = await stage.send<{ data: { id: string } }>('POST', path, filled(1_000));
    const many = async (work: () => Promise<unknown>, times = 10): Promise<number> => {
      const all: number[] = [];
      for (let i = 0; i < times; i++) all.push((await timedMs(work)).ms);
      return median(all);
    };
    told('create one', await many(() => stage.send('POST', path, filled(2_000))), 500);
    told('open one', await many(() => stage.get(`${path}/${made.id}`)), 200);
    let n = 0;
    told(
      'change one far field',
      await many(() => stage.send('PATCH', `${path}/${made.id}`, { x_f991: ++n, x_f1: n })),
      200,
    );
    told(
      'list 50, six fields',
      await many(() => stage.get(`${path}?limit=50&fields=name,x_f1,x_f2,x_f3,x_f991,x_f993`)),
      200,
    );
    told('list 50, all fields', await many(() => stage.get(`${path}?limit=50`)), 2_000);
    told(
      'filter and sort by a far field',
      await many(() =>
        stage.get(`${path}?limit=50&fields=name&filter=${encodeURIComponent('x_f991 > 100')}&sort=-x_f991`),
      ),
      200,
    );
    told('its catalog answer', await many(() => stage.get('/api/catalog/entities/wide.thing')), 500);
    told('history of one', await many(() => stage.get(`${path}/${made.id}/history`)), 500);
    await importRows(stage, told);
    bench.report({
      name: `${name}, memory (MB)`,
      ours: await memoryMb(stage.server.process),
      bare: 0,
      ratio: 0,
      unit: 'MB',
      target: 'told',
    });
  } finally {
    await stage.stop();
  }
}

async function importRows(stage: Stage, told: (what: string, ms: number, barMs: number) => void): Promise<void> {
  const keys = Object.keys(filled(0));
  const cell = (value: unknown): string =>
    `"${(Array.isArray(value) ? value.join('; ') : String(value)).replaceAll('"', '""')}"`;
  const rows = Array.from({ length: 200 }, (_, i) =>
    Object.values(filled(5_000 + i))
      .map(cell)
      .join(','),
  );
  const form = new FormData();
  form.set('entity', 'wide.thing');
  form.set('options', '{}');
  form.set('file', new Blob([[keys.join(','), ...rows].join('\n')]), 'things.csv');
  const headers = { authorization: `Bearer ${stage.adminKey}` };
  const { ms } = await timedMs(async () => {
    const answer = await fetch(`http://127.0.0.1:${stage.server.port}/api/imports`, {
      method: 'POST',
      headers,
      body: form,
    });
    const { data } = (await answer.json()) as { data: { id: string } };
    if (!answer.ok) throw new Error(`import: ${answer.status} ${JSON.stringify(data)}`);
    await stage.send('POST', `/api/imports/${data.id}/start`, {});
    for (;;) {
      const { data: state } = await stage.get<{ data: { status: string; created: number } }>(`/api/imports/${data.id}`);
      if (state.status === 'done' && state.created === rows.length) return;
      if (state.status !== 'running') throw new Error(`import ended as ${JSON.stringify(state).slice(0, 500)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
  told('import of 200 rows', ms, 30_000);
}

function fieldAt(n: number): object {
  const kind = kindAt(n);
  if (kind !== 'choice') return { kind, ...(kind === 'decimal' ? { scale: 2 } : {}) };
  return { kind, options: ['a', 'b'].map((value) => ({ value, title: value })) };
}

/** A value for every field; `seed` tells records apart. */
function filled(seed: number): Record<string, unknown> {
  const values: Record<string, unknown> = { name: `thing ${seed}` };
  for (let n = 0; n < FIELDS; n++)
    values[`x_f${n}`] = {
      text: `text ${seed} of ${n}, long enough not to be kept short`,
      integer: seed * 1_000 + n,
      decimal: Number((seed + n / 100).toFixed(2)),
      choice: seed % 2 ? 'a' : 'b',
      date: `2024-01-${String(1 + (seed % 28)).padStart(2, '0')}`,
      dateTime: `2024-01-01T00:00:${String(seed % 60).padStart(2, '0')}.000Z`,
      boolean: (seed + n) % 2 === 0,
      longText: `${'words '.repeat(20)}${seed} ${n}`,
      email: `m${seed}.${n}@example.com`,
      tags: [`t${seed}`, `n${n}`],
    }[kindAt(n)];
  return values;
}
