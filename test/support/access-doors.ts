import { isTrellisError } from '../../core/base/errors.js';
import type { Records } from '../../core/records/index.js';
import type { AggregateQuery, BulkInput, Ctx, Page, ReadQuery, RecordData } from '../../core/sdk/index.js';
import type { Answer, Client } from './client.js';

/** A write that is tried and not kept: each row on its own, or `single` through the door for one record. */
export interface Attempt {
  readonly mode: 'create' | 'update' | 'delete';
  readonly rows: readonly RecordData[];
  readonly isSingle?: boolean;
}

/** One person's way to the records. Refusals are told by their code. */
export interface Doors {
  /** What a write of a record in the bin is answered where the record could be seen. */
  readonly binned: string;
  list(query: ReadQuery): Promise<{ data: RecordData[]; page: Page } | string>;
  aggregate(query: AggregateQuery): Promise<RecordData[] | string>;
  get(entity: string, id: string): Promise<string>;
  /** Of each attempt what became of each row: `ok` or a code. */
  attempt(entity: string, attempts: readonly Attempt[]): Promise<string[][]>;
}

/** Leaves a transaction without keeping anything. */
class Undone extends Error {}

/** The doors of the kernel; all writes in one transaction that is not kept, so that the rows of an attempt go as one statement. */
export function kernelDoors(records: Records, ctx: Ctx): Doors {
  return {
    binned: 'record.deleted',
    list: (query) => answerOf(records.list(ctx, query)),
    aggregate: (query) => answerOf(records.aggregate(ctx, query)),
    get: (entity, id) => codeOf(records.get(ctx, { entity, id, fields: ['id'] })),
    async attempt(entity, attempts) {
      const codes: string[][] = [];
      try {
        await records.transaction(ctx, async (inner) => {
          codes.length = 0;
          for (const attempt of attempts) {
            await inner.tx.query('savepoint attempt');
            codes.push(await codesOf(records, inner, entity, attempt));
            await inner.tx.query('rollback to savepoint attempt');
          }
          throw new Undone();
        });
      } catch (error) {
        if (!(error instanceof Undone)) throw error;
      }
      return codes;
    },
  };
}

async function codesOf(
  records: Records,
  ctx: Ctx,
  entity: string,
  { mode, rows, isSingle }: Attempt,
): Promise<string[]> {
  if (isSingle) {
    const [{ id, ...values }] = rows;
    return [await codeOf(records.update(ctx, { entity, id: String(id), values }))];
  }
  const done = await answerOf(records.bulk(ctx, { entity, mode, rows: [...rows], atomic: false } satisfies BulkInput));
  if (typeof done === 'string') return rows.map(() => done);
  return done.map((row) => (row.status === 'refused' ? row.issues[0].code : 'ok'));
}

/** The same over HTTP, record by record, as dry runs. */
export function httpDoors(client: Client): Doors {
  const base = (entity: string): string => `/api/records/${entity}`;
  return {
    binned: 'record.not_found',
    async list({ entity, fields, sort, limit, ...rest }) {
      const given = { fields: fields?.join(','), sort: sort?.join(','), limit: limit?.toString(), ...rest };
      const known = Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined);
      const answer = await client.get(`${base(entity)}?${new URLSearchParams(known).toString()}`);
      return answer.status === 200 ? (answer.body as unknown as { data: RecordData[]; page: Page }) : refusal(answer);
    },
    async aggregate({ entity, ...body }) {
      const answer = await client.post(`${base(entity)}/aggregate`, body);
      return answer.status === 200 ? (answer.body.data as unknown as RecordData[]) : refusal(answer);
    },
    get: async (entity, id) => refusal(await client.get(`${base(entity)}/${id}?fields=id`)),
    async attempt(entity, attempts) {
      const codes: string[][] = [];
      for (const { mode, rows } of attempts) {
        const own: string[] = [];
        for (const { id, ...values } of rows) {
          const one = `${base(entity)}/${String(id)}?dryRun=true`;
          const answer =
            mode === 'create'
              ? client.post(`${base(entity)}?dryRun=true`, values)
              : mode === 'update'
                ? client.patch(one, values)
                : client.delete(one);
          own.push(refusal(await answer));
        }
        codes.push(own);
      }
      return codes;
    },
  };
}

function refusal({ status, body }: Answer): string {
  if (status < 300) return 'ok';
  if (status >= 500) throw new Error(`The server broke: ${JSON.stringify(body)}`);
  const { code, issues } = body as unknown as { code: string; issues?: readonly { code: string }[] };
  return code === 'record.invalid' ? (issues?.[0]?.code ?? code) : code;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return answerOf(work.then(() => 'ok'));
}

/** What is answered, or the code of the refusal; of refused values that of the first finding. */
async function answerOf<T>(work: Promise<T>): Promise<T | string> {
  try {
    return await work;
  } catch (error) {
    if (!isTrellisError(error)) throw error;
    return error.code === 'record.invalid' ? (error.issues?.[0]?.code ?? error.code) : error.code;
  }
}
