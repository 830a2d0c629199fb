/**
 * The measure: a bare `node:http` + `pg` server with prepared statements and JSON.stringify, doing the same work by hand
 * on tables with the same indexes. Arguments: database URL, owner. Prints its port.
 */
import { createServer, type IncomingMessage } from 'node:http';
import pg from 'pg';

const [url, owner] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url, max: 10 });
const person =
  'p.id, p.name, p.email, p.phone, p.company, p.status, p.score, p.job_title, p.city, p.revenue, p.birthdate, p.opted_out, p.created_at, p.updated_at, p.version';
const joined = `select ${person}, c.name as company_name from bare.person p left join bare.company c on c.id = p.company and c.deleted_at is null`;
const page = 'order by p.created_at desc, p.id desc limit 50';

type Handler = (query: URLSearchParams, request: IncomingMessage) => Promise<unknown>;

const routes: Record<string, Handler> = {
  '/get': async (query) =>
    shape(
      (
        await run('get', `${joined} where p.id = $1 and p.owner_id = $2 and p.deleted_at is null`, [
          query.get('id'),
          owner,
        ])
      )[0],
    ),
  '/list': async (query) => {
    const rows = await run(
      'list',
      `${joined} where p.owner_id = $1 and p.status = $2 and p.score >= $3 and p.deleted_at is null ${page}`,
      [owner, query.get('status'), query.get('score')],
    );
    if (!query.has('count')) return rows.map(shape);
    const [{ count }] = await run(
      'count',
      'select count(*) from bare.person p where p.owner_id = $1 and p.status = $2 and p.score >= $3 and p.deleted_at is null',
      [owner, query.get('status'), query.get('score')],
    );
    return { data: rows.map(shape), count: Number(count) };
  },
  '/search': async (query) =>
    (
      await run(
        'search',
        `${joined} where p.owner_id = $1 and lower(p.name) like $2 and trellis.grams(p.name) @> trellis.query_grams($3) and p.deleted_at is null ${page}`,
        [owner, `%${query.get('q')?.toLowerCase()}%`, query.get('q')],
      )
    ).map(shape),
  '/aggregate': async () =>
    run(
      'aggregate',
      'select status, opted_out, count(*), sum(score) from bare.person p where p.owner_id = $1 and p.deleted_at is null group by 1, 2 order by 1, 2',
      [owner],
    ),
  '/create': async (_, request) => {
    const body = JSON.parse(await text(request));
    const rows = await run(
      'create',
      'insert into bare.person (id, created_at, updated_at, owner_id, version, name, email, phone, company, status, score) values (gen_random_uuid(), now(), now(), $1, 1, $2, $3, $4, $5, $6, $7) returning *',
      [owner, body.name, body.email, body.phone, body.company, body.status, body.score],
    );
    return shape(rows[0]);
  },
  '/update': async (query, request) => {
    const body = JSON.parse(await text(request));
    return shape(
      (
        await run(
          'update',
          'update bare.person set score = $3, updated_at = now(), version = version + 1 where id = $1 and owner_id = $2 returning *',
          [query.get('id'), owner, body.score],
        )
      )[0],
    );
  },
  '/bulk': async (_, request) => {
    const rows = await run(
      'bulk',
      'insert into bare.person (id, created_at, updated_at, owner_id, version, name, email, phone, company, status, score) select gen_random_uuid(), now(), now(), $1, 1, name, email, phone, company, status, score from json_to_recordset($2::json) as r(name text, email text, phone text, company uuid, status text, score bigint) returning id',
      [owner, await text(request)],
    );
    return { created: rows.length };
  },
};

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  routes[pathname](searchParams, request).then(
    (body) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data: body })),
    (error: Error) => response.writeHead(500).end(error.message),
  );
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as { port: number }).port}\n`));

async function run(name: string, sql: string, values: unknown[]): Promise<Record<string, unknown>[]> {
  return (await pool.query({ name, text: sql, values })).rows;
}

function shape(row: Record<string, unknown>): unknown {
  const { company, company_name, ...rest } = row;
  return { ...rest, company: company === null ? null : { id: company, title: company_name } };
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
