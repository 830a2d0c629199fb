import type { Database } from '../../core/storage/index.js';

/** What stands in the tables after `fill`. */
export interface Filled {
  readonly companies: number;
  readonly persons: number;
  /** Rows that the member owns. */
  readonly owned: number;
  readonly member: string;
  readonly sampleIds: readonly string[];
}

/** Statuses with Zipf shares 1/k. */
export const statuses = ['customer', 'open', 'new', 'working', 'qualified', 'nurturing', 'lost', 'archived'];

/** SQL of the id that is made of a text. */
export const uuid = (expression: string): string => `md5(${expression})::uuid`;

/**
 * Fills companies and persons by SQL: the member owns three of ten rows, the others belong to nine made-up principals, unless `ownerOf`
 * gives the SQL of the owner of the i-th row. Three names of ten are Chinese. Indexes and constraints stand meanwhile, as they do in life.
 */
export async function fill(
  db: Database,
  input: { companies: number; persons: number; member: string; ownerOf?: (i: string) => string },
): Promise<Filled> {
  const run = (text: string): Promise<unknown> => db.query({ text, values: [], replan: true });
  const owner =
    input.ownerOf ??
    ((i: string): string =>
      `case when ${i} % 10 < 3 then '${input.member}'::uuid else ${uuid(`'owner' || (${i} % 10)`)} end`);
  await run(`insert into data.bench__company (id, created_at, updated_at, owner_id, version, name, city)
    select ${uuid(`'c' || i`)}, now() - (i || ' seconds')::interval, now(), ${owner('i')}, 1, 'Company ' || i, 'City ' || (i % 500) from generate_series(1, ${input.companies}) i`);
  const family = `(array['王','李','张','刘','陈','杨','黄','赵','吴','周','徐','孙','马','朱','胡','郭','何','高','林','罗'])[1 + (r2 * 20)::int % 20]`;
  const given = `(array['伟','芳','娜','敏','静','丽','强','磊','军','洋','勇','艳','杰','娟','涛','明','超','兰','霞','平','晓明','建国','志强','雪梅','婷婷'])[1 + (r3 * 25)::int % 25]`;
  const first = `(array['James','Mary','Robert','Patricia','John','Jennifer','Michael','Linda','David','Elizabeth','William','Barbara','Richard','Susan','Joseph','Jessica','Thomas','Sarah','Charles','Karen'])[1 + (r2 * 20)::int % 20]`;
  const last = `(array['Smith','Johnson','Williams','Brown','Jones','Garcia','Miller','Davis','Rodriguez','Martinez','Hernandez','Lopez','Gonzalez','Wilson','Anderson','Taylor','Moore','Jackson','Martin','Lee'])[1 + (r3 * 20)::int % 20]`;
  const zipf = statuses.map((_, k) => 1 / (k + 1));
  const total = zipf.reduce((a, b) => a + b, 0);
  let sum = 0;
  const status = `case ${statuses.map((name, k) => `when r1 < ${(sum += zipf[k] / total).toFixed(6)} then '${name}'`).join(' ')} else 'archived' end`;
  for (let start = 1; start <= input.persons; start += 200_000) {
    const end = Math.min(input.persons, start + 199_999);
    await run(`insert into data.bench__person (id, created_at, updated_at, owner_id, version, name, email, phone, company, status, score, job_title, city, revenue, birthdate, opted_out)
      select ${uuid(`'p' || i`)}, now() - (i || ' seconds')::interval, now(), ${owner('i')}, 1,
        case when i % 10 in (1, 4, 7) then ${family} || ${given} || case when i % 5000 = 1 then '鑫' else '' end else ${first} || ' ' || ${last} || case when i % 100000 = 2 then ' Quixwell' else '' end end,
        'p' || i || '@example.com', '+1202555' || lpad((i % 10000)::text, 4, '0'),
        ${uuid(`'c' || (1 + (i % 10) + 10 * ((i::bigint * 7919) % (${input.companies} / 10)))`)},
        ${status}, (r4 * 100)::int, 'Title ' || (i % 300), 'City ' || (i % 500), round((r2 * 100000)::numeric, 2), date '1950-01-01' + (i % 20000), i % 7 = 0
      from (select i, random() r1, random() r2, random() r3, random() r4 from generate_series(${start}, ${end}) i) g`);
  }
  await run('vacuum (analyze) data.bench__company');
  await run('vacuum (analyze) data.bench__person');
  const [{ owned }] = await db.query<{ owned: string }>({
    text: 'select count(*) as owned from data.bench__person where owner_id = $1',
    values: [input.member],
  });
  const ids = await db.query<{ id: string }>({
    text: 'select id from data.bench__person where owner_id = $1 limit 500',
    values: [input.member],
  });
  return { ...input, owned: Number(owned), sampleIds: ids.map((row) => row.id) };
}

/** The bare server's tables: the same columns and indexes, the same rows, and the ideal index for its list. */
export async function fillBare(db: Database): Promise<void> {
  const run = (text: string): Promise<unknown> => db.query({ text, values: [], replan: true });
  await run('create schema if not exists bare');
  for (const table of ['company', 'person']) {
    await run(`create table bare.${table} (like data.bench__${table} including all)`);
    await run(`insert into bare.${table} select * from data.bench__${table}`);
  }
  await run('create index ideal on bare.person (owner_id, status, created_at desc, id desc) where deleted_at is null');
  await run('vacuum (analyze) bare.company');
  await run('vacuum (analyze) bare.person');
}
