import { openAsBlob } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../core/storage/index.js';
import type { Filled } from './fill.js';
import { fetchJson, load } from './load.js';
import { memoryMb, type Served } from './system.js';

export interface Row {
  readonly name: string;
  readonly ours: number;
  readonly bare: number;
  readonly ratio: number;
  readonly unit: string;
  readonly target: string;
}

export interface Bench {
  readonly ours: Served;
  readonly bare: Served;
  readonly db: Database;
  /** API key of the member, for all but the import. */
  readonly key: string;
  readonly adminKey: string;
  readonly filled: Filled;
  readonly durationMs: number;
  readonly rounds: number;
  readonly only: string;
  report(row: Row): void;
}

/** Page 10,000 by cursor against page 1, the bulk create, and the statements of a read and a create. */
export async function singleOperations(bench: Bench): Promise<void> {
  if ('page bulk statements'.includes(bench.only)) {
    await deepPage(bench);
    await bulkCreate(bench);
  }
}

async function deepPage(bench: Bench): Promise<void> {
  const headers = { authorization: `Bearer ${bench.key}` };
  const path = (after: string | null, limit = 50): string =>
    `/api/records/bench.person?fields=id,name,company&limit=${limit}${after === null ? '' : `&after=${encodeURIComponent(after)}`}`;
  let after: string | null = null;
  // Big steps to get there: the cursor does not say how large the pages before it were.
  for (let seen = 0; seen < Math.min(9_999 * 50, bench.filled.owned - 100); seen += 500) {
    const step: { page: { next: string | null } } = await fetchJson(bench.ours.port, {
      method: 'GET',
      path: path(after, 500),
      headers,
    });
    if (step.page.next === null) break;
    after = step.page.next;
  }
  const deep = after;
  const first = await load(bench.ours.port, 1, bench.durationMs, () => ({ method: 'GET', path: path(null), headers }));
  const far = await load(bench.ours.port, 1, bench.durationMs, () => ({ method: 'GET', path: path(deep), headers }));
  bench.report({
    name: 'far page by cursor against page 1',
    ours: far.rate,
    bare: first.rate,
    ratio: far.rate / first.rate,
    unit: '/s',
    target: '0.8',
  });
}

async function bulkCreate(bench: Bench): Promise<void> {
  const rounds: { ours: number; bare: number }[] = [];
  for (let round = 0; round < bench.rounds; round++) {
    const body = JSON.stringify(
      Array.from({ length: 10_000 }, (_, i) => ({
        name: `Bulk ${round} ${i}`,
        email: `bulk${round}.${i}@example.com`,
        phone: '+12025550123',
        status: 'open',
        score: i % 100,
      })),
    );
    const bare = await timed(() => fetchJson(bench.bare.port, { method: 'POST', path: '/bulk', body }));
    const ours = await timed(() =>
      fetchJson(bench.ours.port, {
        method: 'POST',
        path: '/api/records/bench.person/bulk?mode=create&atomic=true',
        headers: { authorization: `Bearer ${bench.key}` },
        body,
      }),
    );
    rounds.push({ ours: 10_000 / ours, bare: 10_000 / bare });
  }
  rounds.sort((a, b) => a.ours / a.bare - b.ours / b.bare);
  const median = rounds[Math.floor(rounds.length / 2)];
  bench.report({
    name: 'bulk create 10k in one request',
    ...median,
    ratio: median.ours / median.bare,
    unit: 'rows/s',
    target: '0.33',
  });
}

/** Imports a CSV of 100,000 rows, against the bare bulk insert of the same rows; says how much memory grew meanwhile. */
export async function importCsv(bench: Bench): Promise<void> {
  if (!'import'.includes(bench.only)) return;
  const path = join(tmpdir(), `trellis-bench-${process.pid}.csv`);
  const count = 100_000;
  const line = (i: number): string => `Import ${i},import${i}@example.com,+12025550123,open,${i % 100}`;
  await writeFile(
    path,
    `name,email,phone,status,score\n${Array.from({ length: count }, (_, i) => line(i)).join('\n')}\n`,
  );
  const headers = { authorization: `Bearer ${bench.adminKey}` };
  const rows = Array.from({ length: 10_000 }, (_, i) => ({
    name: `Import ${i}`,
    email: `import${i}@example.com`,
    phone: '+12025550123',
    status: 'open',
    score: i % 100,
  }));
  let bareSeconds = 0;
  for (let piece = 0; piece < 10; piece++)
    bareSeconds += await timed(() =>
      fetchJson(bench.bare.port, { method: 'POST', path: '/bulk', body: JSON.stringify(rows) }),
    );
  const form = new FormData();
  form.set('entity', 'bench.person');
  form.set('options', '{}');
  form.set('file', await openAsBlob(path), 'persons.csv');
  const answer = await fetch(`http://127.0.0.1:${bench.ours.port}/api/imports`, {
    method: 'POST',
    headers,
    body: form,
  });
  const { data } = (await answer.json()) as { data: { id: string } };
  if (!answer.ok) throw new Error(`import: ${answer.status} ${JSON.stringify(data)}`);
  const before = await memoryMb(bench.ours.process);
  let peak = before;
  const seconds = await timed(async () => {
    await fetchJson(bench.ours.port, { method: 'POST', path: `/api/imports/${data.id}/start`, headers, body: '{}' });
    for (;;) {
      const { data: state } = await fetchJson<{ data: { status: string; created: number } }>(bench.ours.port, {
        method: 'GET',
        path: `/api/imports/${data.id}`,
        headers,
      });
      peak = Math.max(peak, await memoryMb(bench.ours.process));
      if (state.status !== 'running') {
        if (state.status !== 'done' || state.created !== count)
          throw new Error(`import ended as ${JSON.stringify(state)}`);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
  await rm(path);
  bench.report({
    name: `import a CSV of 100k rows (memory +${Math.round(peak - before)} MB)`,
    ours: count / seconds,
    bare: count / bareSeconds,
    ratio: bareSeconds / seconds,
    unit: 'rows/s',
    target: '0.2, < 150 MB',
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}
