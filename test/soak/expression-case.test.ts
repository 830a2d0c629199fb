import pg from 'pg';
import {
  checkExpression,
  compileSql,
  evaluate,
  recordEnv,
  type ExprScope,
  type SqlEnv,
} from '../../core/expression/index.js';
import { expression as helpers } from '../../core/storage/migrations/0002-expression.js';
import { startPrivatePostgres } from '../support/private-postgres.js';

const scope: ExprScope = { entity: 'e', members: () => new Map([['name', { t: 'text' }]]) };
const moment = { now: new Date(0), zone: 'UTC', me: null };

test.each(['LOWER(name)', 'UPPER(name)', 'CONTAINS(name, LOWER(name))'])(
  '%s is the same in JavaScript and PostgreSQL for every code point',
  async (source) => {
    const server = await startPrivatePostgres();
    const client = new pg.Client({ connectionString: server.url });
    try {
      await client.connect();
      await client.query('create schema if not exists trellis');
      await client.query(helpers.up);
      const checked = checkExpression(source, scope);
      const texts = blocks();
      const values: unknown[] = [texts];
      const env: SqlEnv = {
        ...moment,
        member: () => 't.name',
        param: (value, type) => `$${values.push(value)}::${type}`,
      };
      const { rows } = await client.query<{ value: string }>(
        `select (${compileSql(checked, env)})::text as value from unnest($1::text[]) with ordinality as t(name, i) order by i`,
        values,
      );
      const different = texts.filter(
        (name, i) => rows[i].value !== String(evaluate(checked, recordEnv({ name }, moment))),
      );
      expect(different).toEqual([]);
    } finally {
      await client.end();
      await server.stop();
    }
  },
  300_000,
);

/** All code points but NUL and surrogates, 64 a text, and each once between sigmas, where context could tell. */
function blocks(): string[] {
  const all: string[] = [];
  for (let from = 1; from < 0x110000; from += 64) {
    const points = Array.from({ length: 64 }, (_, i) => from + i).filter(
      (point) => point < 0x110000 && (point < 0xd800 || point > 0xdfff),
    );
    if (points.length > 0)
      all.push(String.fromCodePoint(...points), points.map((point) => `Σ${String.fromCodePoint(point)}Σ`).join(' '));
  }
  return all;
}
