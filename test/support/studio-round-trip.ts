import type { TestApp } from './app.js';
import { expectOk } from './client.js';
import { applyRandomly, definitionsOf, purgeRetired, retiredOf, structureOf } from './studio.js';

/** Random change sets → export → install elsewhere: the same catalog and tables; taken back one by one: the start again. */
export async function randomRoundTrip(here: TestApp, there: TestApp, seed: number, count: number): Promise<void> {
  const start = { definitions: await definitionsOf(here.admin), structure: await structureOf(here.db) };
  const applied = await applyRandomly(here.admin, seed, count);

  const bundle = expectOk(await here.admin.get('/api/catalog/package'), 200).body.data;
  const installed = expectOk(await there.admin.post('/api/catalog/package', bundle), 200).body.data;
  expect((await there.admin.get('/api/catalog/package')).text).toBe(
    (await here.admin.get('/api/catalog/package')).text,
  );
  expect(await definitionsOf(there.admin)).toEqual(await definitionsOf(here.admin));
  expect(await structureOf(there.db)).toEqual(await structureOf(here.db, await retiredLines(here)));

  for (const id of [...applied].reverse())
    expectOk(await here.admin.post(`/api/catalog/changes/${id}/revert`, {}), 200);
  expectOk(await there.admin.post(`/api/catalog/changes/${String(installed.id)}/revert`, {}), 200);
  for (const app of [here, there]) {
    expect(await definitionsOf(app.admin)).toEqual(start.definitions);
    await purgeRetired(app);
    expect(await structureOf(app.db)).toEqual(start.structure);
  }
}

/** Lines of the structure that belong to retired fields and entities: their data stand until they are purged. */
async function retiredLines(app: TestApp): Promise<RegExp> {
  const snake = (name: string): string =>
    name
      .replaceAll('_', '__')
      .replaceAll('.', '__')
      .replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
  const lines = (await retiredOf(app.db)).map(({ entity, field }) =>
    field === ''
      ? `\\b${snake(entity)}(\\b|_pkey\\b)`
      : `\\b${snake(entity)}\\.${snake(field)}(__\\w+)? |\\b${snake(entity)}__${snake(field)}(\\b|_pkey\\b)`,
  );
  return new RegExp(lines.length === 0 ? '^$' : lines.join('|'));
}
