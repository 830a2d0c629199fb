/**
 * `npm run bench [-- --keep DIR] [--rows N] [--only NAME]`: Trellis against a bare server on the same PostgreSQL, in the same
 * run, in turns. Prints ratios (ours ÷ bare, of throughput) and writes them to test/bench/results/latest.json. `--only catalog`
 * measures the changing model alone, `--only catalog-large` one part of it (see catalog/index.ts), `--only access` what sharing
 * costs a member (access/rules.ts).
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { silentLog } from '../../core/base/log.js';
import { createDatabase, startEmbedded, type Database } from '../../core/storage/index.js';
import { accessFigures } from './access/index.js';
import { catalogFigures } from './catalog/index.js';
import { fill, fillBare, type Filled } from './fill.js';
import { importCsv, singleOperations, type Bench, type Row } from './operations.js';
import { memberKey, startBare, startOurs } from './system.js';
import { throughputOperations } from './throughput.js';

const { values: options } = parseArgs({
  options: {
    keep: { type: 'string' },
    rows: { type: 'string', default: '1000000' },
    only: { type: 'string' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
  },
});
const persons = Number(options.rows);

const dir = options.keep ? resolve(options.keep) : await mkdtemp(join(tmpdir(), 'trellis-bench-'));
await mkdir(dir, { recursive: true });
const server = await startEmbedded({ dataDir: dir, log: silentLog });
const rows: Row[] = [];
const only = options.only ?? '';
const shared = { durationMs: Number(options.seconds) * 1000, rounds: Number(options.rounds), only, report };
try {
  if (!only.startsWith('catalog') && only !== 'access') await againstBare();
  const model = { ...shared, serverUrl: server.url, dir, rows: persons };
  await catalogFigures(model);
  if ('access'.startsWith(only)) await accessFigures(model);
} finally {
  await server.stop();
  if (!options.keep) await rm(dir, { recursive: true, force: true });
}
const results = resolve('test/bench/results');
await mkdir(results, { recursive: true });
await writeFile(
  join(results, 'latest.json'),
  `${JSON.stringify({ at: new Date().toISOString(), node: process.version, persons, rows }, null, 2)}\n`,
);

async function againstBare(): Promise<void> {
  const db = await createDatabase({ url: server.url, poolSize: 4, slowQueryMs: 1e9, log: silentLog });
  let ours = await startOurs({ databaseUrl: server.url, dataDir: join(dir, 'app'), port: 38_211 });
  try {
    const { key, adminKey, userId } = await memberKey(ours.port);
    const filled = await prepare(db, userId);
    console.log(`${filled.companies} companies, ${filled.persons} persons, of which the member owns ${filled.owned}\n`);
    await ours.stop();
    ours = await startOurs({ databaseUrl: server.url, dataDir: join(dir, 'app'), port: 38_211 });
    const bare = await startBare(server.url, userId);
    const bench: Bench = { ...shared, ours, bare, db, key, adminKey, filled };
    try {
      await throughputOperations(bench);
      await singleOperations(bench);
      await importCsv(bench);
      report({
        name: 'start on an existing database to ready',
        ours: ours.readyMs,
        bare: bare.readyMs,
        ratio: ours.readyMs,
        unit: 'ms (ratio column: ms)',
        target: '< 1500 more than the database takes',
      });
    } finally {
      await bare.stop();
    }
  } finally {
    await ours.stop();
    await db.close();
  }
}

async function prepare(db: Database, userId: string): Promise<Filled> {
  const [{ done }] = await db.query<{ done: boolean }>({
    text: "select to_regclass('bare.person') is not null as done",
    values: [],
  });
  if (!done) {
    const made = await fill(db, { companies: persons / 5, persons, member: userId });
    await fillBare(db);
    return made;
  }
  const [{ owned }] = await db.query<{ owned: string }>({
    text: 'select count(*) as owned from bare.person where owner_id = $1',
    values: [userId],
  });
  const ids = await db.query<{ id: string }>({
    text: 'select p.id from bare.person p join data.bench__person d using (id) where p.owner_id = $1 and d.deleted_at is null limit 500',
    values: [userId],
  });
  return { companies: persons / 5, persons, owned: Number(owned), member: userId, sampleIds: ids.map((row) => row.id) };
}

function report(row: Row): void {
  rows.push(row);
  const figure = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(2));
  console.log(
    `${row.name.padEnd(58)} ours ${figure(row.ours).padStart(8)}  bare ${figure(row.bare).padStart(8)}  ratio ${row.ratio.toFixed(2).padStart(6)}  target ${row.target}  ${row.unit}`,
  );
}
