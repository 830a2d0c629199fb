import { startApp, type TestApp } from '../support/app.js';
import { expectOk } from '../support/client.js';

let app: TestApp;

beforeAll(async () => {
  // Every statement counts as slow.
  app = await startApp({ env: { TRELLIS_SLOW_QUERY_MS: '0', TRELLIS_POOL_SIZE: '7' } });
});

afterAll(() => app.stop());

/** Figures by name with labels, as Prometheus reads them. */
async function figures(): Promise<Map<string, number>> {
  const { text } = await app.anonymous.get('/metrics');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line): [string, number] => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

test('statements are counted with their durations: a read is one more', async () => {
  await app.admin.get('/api/records/core.currency');
  const before = await figures();
  for (let i = 0; i < 20; i++) expectOk(await app.admin.get('/api/records/core.currency'), 200);
  const after = await figures();
  const grown = (name: string): number => (after.get(name) ?? NaN) - (before.get(name) ?? NaN);
  // Jobs run statements of their own meanwhile.
  expect(grown('trellis_database_statement_seconds_count')).toBeGreaterThanOrEqual(20);
  expect(grown('trellis_database_statement_seconds_count')).toBeLessThan(60);
  expect(grown('trellis_database_statement_seconds_sum')).toBeGreaterThan(0);
});

test('slow statements are counted by themselves', async () => {
  const name = 'trellis_database_slow_statements_total';
  const before = (await figures()).get(name) ?? NaN;
  expectOk(await app.admin.get('/api/records/core.currency'), 200);
  expect((await figures()).get(name)).toBeGreaterThan(before);
});

test('connections are told by state', async () => {
  const found = await figures();
  const state = (name: string): number => found.get(`trellis_database_connections{state="${name}"}`) ?? NaN;
  expect(state('limit')).toBe(7);
  expect(state('waiting')).toBe(0);
  expect(state('idle') + state('busy')).toBeGreaterThan(0);
  expect(state('idle') + state('busy')).toBeLessThanOrEqual(7);
});
