import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expectOk } from '../support/client.js';
import { createImport, finished } from '../support/imports.js';
import { spawnApp } from '../support/spawn-app.js';

/** Rows in all; fewer by SOAK_IMPORT_ROWS. */
const total = Number(process.env.SOAK_IMPORT_ROWS ?? '1000000');
/** Bytes by which the server may grow above what it holds when the first rows are in. */
const growthBytes = 200 << 20;
/** Rows after which everything that is made once (code, statements, pools) is there. */
const warmRows = Math.min(20_000, Math.floor(total / 5));

const entity = 'contacts.company';

function* lines(from: number, count: number): Generator<string> {
  yield 'externalId,name,description,employees\n';
  for (let n = from; n < from + count; n += 500) {
    let text = '';
    for (let i = n; i < Math.min(n + 500, from + count); i++)
      text += `soak-${i},Company ${i} 公司,"Line one, ""quoted""\nline two of ${i}",${i % 1000}\n`;
    yield text;
  }
}

/** Resident bytes of a process, as the kernel counts them. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

test(`${total} rows of CSV are imported in constant memory, each of them counted`, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'trellis-soak-'));
  const app = await spawnApp();
  try {
    const run = async (from: number, count: number, sample: () => Promise<void>) => {
      const path = join(dir, `${from}.csv`);
      await pipeline(Readable.from(lines(from, count)), createWriteStream(path));
      const made = await createImport(app.admin, { entity, content: { path } });
      expect(Number(made.total)).toBe(count);
      expectOk(await app.admin.post(`/api/imports/${String(made.id)}/start`, {}), 202);
      const timer = setInterval(() => void sample(), 500);
      try {
        return await finished(app.admin, String(made.id), 3_000_000);
      } finally {
        clearInterval(timer);
        await sample();
      }
    };
    await run(0, warmRows, async () => undefined);
    const before = await residentBytes(app.pid());
    const samples: number[] = [];
    const began = Date.now();
    const state = await run(warmRows, total, async () => {
      samples.push(await residentBytes(app.pid()));
    });
    expect(state).toMatchObject({ status: 'done', total, done: total, created: total, refused: 0 });
    const page = await app.admin.get(`/api/records/${entity}?limit=1&count=exact`);
    expect(page.body.page).toMatchObject({ count: total + warmRows });
    const peak = Math.max(...samples);
    const tenths = Array.from({ length: 10 }, (_, i) => samples[Math.floor((i * samples.length) / 10)] >> 20);
    process.stdout.write(
      `${total} rows in ${Math.round((Date.now() - began) / 1000)} s; ${before >> 20} MB before, ${peak >> 20} MB at most, on the way ${tenths.join(' ')}\n`,
    );
    expect(peak - before).toBeLessThan(growthBytes);
  } finally {
    await app.stop();
    await rm(dir, { recursive: true, force: true });
  }
}, 3_600_000);
