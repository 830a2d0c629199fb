import { load, type Call } from './load.js';
import type { Bench } from './operations.js';

interface Operation {
  readonly name: string;
  readonly target: string;
  ours(i: number): Call;
  bare(i: number): Call;
}

const fields =
  'fields=id,name,email,phone,company,status,score,jobTitle,city,revenue,birthdate,optedOut,createdAt,updatedAt,version';

/** Turns that the two servers take within a round: what else the machine does then falls on both. */
const turns = 6;

/**
 * Reads and small writes: closed loops with 1 and 16 connections, in turns; the ratio is the median of the rounds. A first round is
 * not counted: both servers are compared as they run, not as they begin.
 */
export async function throughputOperations(bench: Bench): Promise<void> {
  for (const operation of operations(bench)) {
    if (!operation.name.includes(bench.only)) continue;
    for (const connections of [1, 16]) {
      await round(bench, operation, connections);
      const rounds: { ours: number; bare: number }[] = [];
      for (let n = 0; n < bench.rounds; n++) rounds.push(await round(bench, operation, connections));
      rounds.sort((a, b) => a.ours / a.bare - b.ours / b.bare);
      const median = rounds[Math.floor(rounds.length / 2)];
      bench.report({
        name: `${operation.name}, ${connections} conn.`,
        ...median,
        ratio: median.ours / median.bare,
        unit: '/s',
        target: operation.target,
      });
    }
  }
}

/** Answers a second of both. */
async function round(bench: Bench, operation: Operation, connections: number): Promise<{ ours: number; bare: number }> {
  const rates = { ours: 0, bare: 0 };
  let i = 0;
  for (let turn = 0; turn < turns; turn++)
    for (const who of turn % 2 === 0 ? (['bare', 'ours'] as const) : (['ours', 'bare'] as const)) {
      const { rate, errors } = await load(bench[who].port, connections, bench.durationMs / turns, () =>
        operation[who](i++),
      );
      if (errors > 0) throw new Error(`${operation.name}: ${errors} answers failed (${who})`);
      rates[who] += rate / turns;
    }
  return rates;
}

function operations(bench: Bench): Operation[] {
  const headers = { authorization: `Bearer ${bench.key}` };
  const ids = bench.filled.sampleIds;
  const person = '/api/records/bench.person';
  const get = (path: string): Call => ({ method: 'GET', path, headers });
  const plain = (path: string): Call => ({ method: 'GET', path });
  const list = (status: string, score: number, extra = ''): Pick<Operation, 'ours' | 'bare'> => ({
    ours: () =>
      get(
        `${person}?${fields}&filter=${encodeURIComponent(`status == '${status}' && score >= ${score}`)}&sort=-createdAt${extra}`,
      ),
    bare: () => plain(`/list?status=${status}&score=${score}${extra === '' ? '' : '&count=1'}`),
  });
  const search = (name: string, q: string): Operation => ({
    name: `search "${name}"`,
    target: '0.8',
    ours: () => get(`${person}?${fields}&q=${encodeURIComponent(q)}`),
    bare: () => plain(`/search?q=${encodeURIComponent(q)}`),
  });
  const made = (i: number): string =>
    JSON.stringify({
      name: `New Person ${i}`,
      email: `new${i}@example.com`,
      phone: '+12025550123',
      status: 'open',
      score: i % 100,
    });
  // Another value at each visit of a row: ours writes nothing where nothing changes, the bare server always does.
  const change = (i: number): string => JSON.stringify({ score: (i * 7 + Math.floor(i / ids.length)) % 100 });
  return [
    {
      name: 'get one by id',
      target: '0.6',
      ours: (i) => get(`${person}/${ids[i % ids.length]}?${fields}`),
      bare: (i) => plain(`/get?id=${ids[i % ids.length]}`),
    },
    { name: 'list, common status', target: '1.0, aim 1.3', ...list('customer', 50) },
    { name: 'list, rare status', target: '1.0, aim 1.3', ...list('archived', 90) },
    { name: 'list, exact total, common', target: '0.9', ...list('customer', 50, '&count=exact') },
    { name: 'list, exact total, rare', target: '0.9', ...list('archived', 90, '&count=exact') },
    search('smith, common', 'smith'),
    search('quixwell, rare', 'quixwell'),
    search('one Chinese character, common', '王'),
    search('one Chinese character, rare', '鑫'),
    search('two Chinese characters', '建国'),
    search('three Chinese characters', '王建国'),
    {
      name: 'aggregate by two dimensions',
      target: '0.9',
      ours: () => ({
        method: 'POST',
        path: `${person}/aggregate`,
        headers,
        body: JSON.stringify({
          groupBy: [{ field: 'status' }, { field: 'optedOut' }],
          measures: [{ fn: 'count' }, { fn: 'sum', field: 'score' }],
        }),
      }),
      bare: () => plain('/aggregate'),
    },
    {
      name: 'create one',
      target: '0.35',
      ours: (i) => ({ method: 'POST', path: person, headers, body: made(i) }),
      bare: (i) => ({ method: 'POST', path: '/create', body: made(i) }),
    },
    {
      name: 'update one',
      target: '0.35',
      ours: (i) => ({
        method: 'PATCH',
        path: `${person}/${ids[i % ids.length]}`,
        headers,
        body: change(i),
      }),
      bare: (i) => ({
        method: 'POST',
        path: `/update?id=${ids[i % ids.length]}`,
        body: change(i),
      }),
    },
  ];
}
