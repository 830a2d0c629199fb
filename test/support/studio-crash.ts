import { randomInt } from 'node:crypto';
import { expectOk, until, type Client } from './client.js';
import { runDoctor } from './crash-run.js';
import type { SpawnedApp } from './spawn-app.js';
import { applyChange, companyField } from './studio.js';

const company = '/api/records/contacts.company';

/**
 * Kills the server while it builds an index or fills a rollup after a change, `times` times; after each start the work goes on to
 * its end: a valid index, the right sums, nothing left over.
 */
export async function crashWhileBuilding(app: SpawnedApp, times: number, rows = 60_000): Promise<void> {
  await app.db.query(
    `insert into data.contacts__company (id, created_at, updated_at, version, name, employees)
     select gen_random_uuid(), now(), now(), 1, 'Company ' || i, i from generate_series(1, ${rows}) i`,
  );
  await app.db.query(
    `insert into data.contacts__contact (id, created_at, updated_at, version, last_name, company)
     select gen_random_uuid(), now(), now(), 1, 'Contact', id from data.contacts__company where employees % 20 = 0`,
  );
  for (let kill = 0; kill < times; kill++) {
    const key = `x_b${kill}`;
    const field =
      kill % 2 === 0
        ? companyField(key, 'integer', { index: true })
        : companyField(key, 'rollup', { of: 'contacts', fn: 'count' });
    expectOk(await applyChange(app.admin, [field]), 200);
    // Every other time a further change cancels the build before that.
    if (kill % 4 < 2) expectOk(await applyChange(app.admin, [companyField(`x_c${kill}`, 'boolean')]), 200);
    await new Promise((resolve) => setTimeout(resolve, randomInt(400)));
    await app.kill();
    await app.restart();
    await until(
      () =>
        app.db.query<{ n: number }>(
          `select (select count(*) from trellis.index_state where state = 'pending')::int + (select count(*) from trellis.storage_task where state = 'pending')::int as n`,
        ),
      ([{ n }]) => n === 0,
    );
    const broken = await app.db.query(
      `select indexrelid::regclass::text as name from pg_index join pg_class c on c.oid = indrelid where c.relnamespace = 'data'::regnamespace and not indisvalid`,
    );
    expect([key, broken]).toEqual([key, []]);
    if (kill % 2 === 1) {
      const wrong = await app.db.query(
        `select count(*)::int as n from data.contacts__company c
         where x__b${kill} is distinct from (select count(*) from data.contacts__contact t where t.company = c.id and t.deleted_at is null)`,
      );
      expect([key, wrong]).toEqual([key, [{ n: 0 }]]);
    }
    expectOk(await app.admin.get(`${company}?filter=${encodeURIComponent(`${key} > 0`)}&sort=-${key}&limit=5`), 200);
  }
  const doctor = await runDoctor(app);
  expect(doctor).toEqual({ code: 0, said: expect.not.stringContaining('ERROR') as string });
}

/**
 * One node adds a field and takes it away, the other answers all the while: once the first was told that it is done, no answer of
 * the other comes from before, and none is ever half.
 */
export async function neverStale(here: Client, there: Client, rounds: number, mark = 'stale'): Promise<void> {
  const odd: string[] = [];
  let stopped = false;
  // Requests that go on all the time may see the one or the other, but never fail otherwise.
  const traffic = Array.from({ length: 4 }, async (_, i) => {
    for (let n = 0; !stopped; n++) {
      const answer = await (i % 2 === 0
        ? there.get(`${company}?limit=5`)
        : there.post(company, { name: `T${i}-${n}` }));
      if (answer.status >= 300) odd.push(`${answer.status} ${answer.text.slice(0, 200)}`);
    }
  });
  try {
    for (let round = 0; round < rounds; round++) {
      const key = `x_${mark}${round}`;
      const made = expectOk(await applyChange(here, [companyField(key)]), 200).body.data;
      const reads = await Promise.all(Array.from({ length: 4 }, () => there.get(`${company}?fields=${key}&limit=1`)));
      expect([key, reads.map(({ status }) => status)]).toEqual([key, [200, 200, 200, 200]]);
      expectOk(await there.post(company, { name: key, [key]: 1 }), 201);
      const at = `/properties/${key}`;
      expectOk(await applyChange(here, [{ type: 'entity', id: 'contacts.company', op: 'unset', at }]), 200);
      const gone = await Promise.all([
        there.get(`${company}?fields=${key}&limit=1`),
        there.get(`${company}?filter=${encodeURIComponent(`${key} == 1`)}`),
        there.post(company, { name: key, [key]: 2 }),
        there.get('/api/catalog'),
      ]);
      const [fields, filter, write, catalog] = gone;
      expect([key, fields.status >= 400, filter.status >= 400, write.status]).toEqual([key, true, true, 422]);
      expect(catalog.text).not.toContain(`"${key}"`);
      expect(Number(catalog.body.data.epoch)).toBeGreaterThan(Number(made.epoch));
    }
  } finally {
    stopped = true;
    await Promise.all(traffic);
  }
  expect(odd).toEqual([]);
}
