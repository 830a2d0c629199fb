import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SpawnedApp } from './spawn-app.js';

const path = '/api/records/contacts.company';
const WRITERS = 4;
const BULK_ROWS = 1_500;

/** What clients were told, and what they asked for without hearing the end of it. */
export interface Load {
  /** External id → the value that was acknowledged last. */
  readonly acknowledged: Map<string, number>;
  /** External id → the value of the request that got no answer. */
  readonly open: Map<string, number>;
  /** Bulks that were acknowledged, by their mark. */
  readonly bulks: Set<string>;
  /** Requests without an answer, to be sent again under the same key. */
  readonly repeats: { externalId: string; key: string }[];
  /** Answers that are neither success nor the fault of a server that is not there. */
  readonly odd: string[];
}

/** A load of creates, changes and atomic bulks that goes on until `stop()`; requests that fail are noted, not thrown. */
export function startLoad(
  app: Pick<SpawnedApp, 'admin'>,
  mark: string,
  goesOn = false,
): Load & { stop(): Promise<void> } {
  const load: Load = { acknowledged: new Map(), open: new Map(), bulks: new Set(), repeats: [], odd: [] };
  let stopped = false;
  const isAway = (status: number): boolean => status === 503 || status === 0;
  const send = async (
    method: string,
    to: string,
    body: object,
    key?: string,
  ): Promise<{ status: number; id: string }> => {
    try {
      const answer = await app.admin.send(method, to, JSON.stringify(body), {
        'content-type': 'application/json',
        ...(key ? { 'idempotency-key': key } : {}),
      });
      if (answer.status >= 300 && !isAway(answer.status))
        load.odd.push(`${method} ${answer.status} ${answer.text.slice(0, 300)}`);
      return { status: answer.status, id: answer.status < 300 ? String(answer.body.data.id) : '' };
    } catch {
      return { status: 0, id: '' };
    }
  };
  const single = async (writer: number): Promise<void> => {
    for (let n = 0; !stopped; n++) {
      const externalId = `${mark}-${writer}-${n}`;
      load.open.set(externalId, 0);
      const made = await send('POST', path, { externalId, name: externalId, employees: 0 }, `k-${externalId}`);
      if (isAway(made.status)) {
        load.repeats.push({ externalId, key: `k-${externalId}` });
        if (goesOn) await pause(50);
        else return;
        continue;
      }
      // An odd answer fails the test later on.
      if (made.id === '') continue;
      load.open.delete(externalId);
      load.acknowledged.set(externalId, 0);
      for (let value = 1; value <= 2 && !stopped; value++) {
        load.open.set(externalId, value);
        const { status } = await send('PATCH', `${path}/${made.id}`, { employees: value });
        if (isAway(status)) {
          if (goesOn) break;
          return;
        }
        load.open.delete(externalId);
        load.acknowledged.set(externalId, value);
      }
    }
  };
  const bulk = async (): Promise<void> => {
    for (let n = 0; !stopped; n++) {
      const bulkMark = `bulk-${mark}-${n}`;
      const rows = Array.from({ length: BULK_ROWS }, (_, row) => ({
        externalId: `${bulkMark}-${row}`,
        name: bulkMark,
      }));
      const { status } = await send('POST', `${path}/bulk?mode=create&atomic=true`, rows);
      if (!isAway(status)) load.bulks.add(bulkMark);
      else if (goesOn) await pause(50);
      else return;
    }
  };
  const running = Promise.all([...Array.from({ length: WRITERS }, (_, writer) => single(writer)), bulk()]);
  return {
    ...load,
    stop: async () => {
      stopped = true;
      await running;
    },
  };
}

/** Kills the server under load and starts it again, `times` times; after each, every acknowledged write must stand and none be half. */
export async function crashUnderLoad(app: SpawnedApp, times: number): Promise<{ acknowledged: number; bulks: number }> {
  const totals = { acknowledged: 0, bulks: 0 };
  for (let kill = 0; kill < times; kill++) {
    const load = startLoad(app, `c${kill}`);
    while (load.acknowledged.size === 0) await pause(10);
    await pause(randomInt(500));
    await app.kill();
    await load.stop();
    await app.restart();
    await expectWhole(app, load, `c${kill}`);
    totals.acknowledged += load.acknowledged.size;
    totals.bulks += load.bulks.size;
  }
  return totals;
}

/** What stands in the database against what was acknowledged. */
export async function expectWhole(app: Pick<SpawnedApp, 'admin' | 'db'>, load: Load, mark: string): Promise<void> {
  expect(load.odd).toEqual([]);
  // Sent again under its key, a create counts once, whether it was written or not.
  for (const { externalId, key } of load.repeats) {
    const body = { externalId, name: externalId, employees: 0 };
    const again = await app.admin.post(path, body, { 'idempotency-key': key });
    expect([externalId, again.status, again.text.slice(0, 200)]).toEqual([externalId, 201, expect.any(String)]);
    load.open.delete(externalId);
    load.acknowledged.set(externalId, 0);
  }
  const rows = await app.db.query<{ external_id: string; employees: string; version: string; updates: string }>(
    `select c.external_id, c.employees, c.version, (select count(*) from trellis.history h where h.record_id = c.id and h.operation = 'update') as updates
     from data.contacts__company c where c.external_id like $1`,
    [`${mark}-%`],
  );
  const found = new Map(rows.map((row) => [row.external_id, row]));
  expect(found.size).toBe(rows.length);
  const lost = [...load.acknowledged].filter(([id, value]) => {
    const row = found.get(id);
    const open = load.open.get(id);
    return !row || (Number(row.employees) !== value && Number(row.employees) !== open);
  });
  expect(lost).toEqual([]);
  // A change and its history stand or fall together.
  expect(rows.filter((row) => Number(row.version) !== Number(row.updates) + 1)).toEqual([]);
  const bulks = await app.db.query<{ name: string; n: string }>(
    'select name, count(*) as n from data.contacts__company where name like $1 group by name',
    [`bulk-${mark}-%`],
  );
  expect(bulks.filter((row) => Number(row.n) !== BULK_ROWS)).toEqual([]);
  expect([...load.bulks].filter((name) => !bulks.some((row) => row.name === name))).toEqual([]);
}

/** The words of `trellis doctor` on the server's database, and its exit code. */
export async function runDoctor(app: Pick<SpawnedApp, 'env'>): Promise<{ code: number; said: string }> {
  const run = promisify(execFile);
  try {
    const entry = join(process.cwd(), 'dist', 'core', 'cli', 'trellis.js');
    const { stdout, stderr } = await run(process.execPath, [entry, 'doctor'], {
      env: { PATH: process.env.PATH ?? '', ...app.env },
    });
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: `${stdout}${stderr}` };
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
