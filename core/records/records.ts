import { compareAccess } from './access-preview/compare-access.js';
import { comparePeople } from './access-preview/compare-people.js';
import { asOfText } from './as-of.js';
import { bulk, bulkWhere } from './bulk.js';
import { explainText } from './explain.js';
import { eraseRecords } from './erase.js';
import { historyText } from './history.js';
import { belongingsOf, holdersOf, madeAtOf, mentionsOf, termsOf } from './personal.js';
import { aggregateText, getRecord, getText, listRecords, listText } from './read.js';
import { reveal } from './reveal.js';
import { deleteOne, purgeMany, purgeOne, restoreOne } from './remove.js';
import { listShares, share, unshare } from './shares.js';
import { noteRead, sensitiveUse } from './sensitive.js';
import { createOne, updateOne } from './single.js';
import { guardedWrite, type RecordsDeps } from './transaction.js';
import type { Records } from './types.js';
import type { Ctx, RecordData } from '../sdk/index.js';

/** The one door to rows, bound to one workspace's database and catalog. */
export function createRecords(deps: RecordsDeps): Records {
  const parsed = ({ body }: { body: string }): RecordData => JSON.parse(body) as RecordData;
  const wrapped = ({
    body,
    version,
    id,
  }: {
    body: string;
    version: number;
    id: string;
  }): { body: string; version: number; id: string } => ({ body: `{"data":${body}}`, version, id });
  /** The answer shows the whole record, also what the change did not name. */
  const updateAndNote = async (ctx: Ctx, input: Parameters<typeof updateOne>[2]): ReturnType<typeof updateOne> => {
    const written = await updateOne(deps, ctx, input);
    const { current } = deps.catalog;
    const scope = deps.access.read(ctx, current, input.entity);
    const fields = sensitiveUse(deps.access.env(ctx, current), scope, {}).filter((key) => !(key in input.values));
    await noteRead(deps.reads, ctx, { how: 'change', entity: input.entity, fields, ids: [written.id] });
    return written;
  };
  return {
    get: (ctx, input) => getRecord(deps, ctx, input),
    list: (ctx, query) => listRecords(deps, ctx, query),
    aggregate: async (ctx, query) =>
      (JSON.parse((await aggregateText(deps, ctx, query)).body) as { data: RecordData[] }).data,
    create: async (ctx, input) => parsed(await createOne(deps, ctx, input)),
    update: async (ctx, input) => parsed(await updateAndNote(ctx, input)),
    delete: (ctx, input) => deleteOne(deps, ctx, input),
    restore: async (ctx, input) => {
      await restoreOne(deps, ctx, input);
      return getRecord(deps, ctx, input);
    },
    reveal: (ctx, input) => reveal(deps, ctx, input),
    purge: (ctx, input) => purgeOne(deps, ctx, input),
    purgeMany: (ctx, input) => purgeMany(deps, ctx, input),
    bulk: (ctx, input) => bulk(deps, ctx, input),
    bulkWhere: (ctx, input) => bulkWhere(deps, ctx, input),
    transaction: (ctx, work) => guardedWrite(deps, ctx, work),
    getText: (ctx, input) => getText(deps, ctx, input),
    listText: (ctx, query) => listText(deps, ctx, query),
    aggregateText: (ctx, query) => aggregateText(deps, ctx, query),
    createText: async (ctx, input) => wrapped(await createOne(deps, ctx, input)),
    updateText: async (ctx, input) => wrapped(await updateAndNote(ctx, input)),
    historyText: (ctx, input) => historyText(deps, ctx, input),
    asOfText: (ctx, input) => asOfText(deps, ctx, input),
    explainText: (ctx, input) => explainText(deps, ctx, input),
    compareAccess: (ctx, pair) => compareAccess(deps, ctx, pair),
    comparePeople: (ctx, change) => comparePeople(deps, ctx, change),
    listShares: (ctx, input) => listShares(deps, ctx, input),
    share: (ctx, input) => share(deps, ctx, input),
    unshare: (ctx, input) => unshare(deps, ctx, input),
    personal: {
      belongings: (ctx, subject) => belongingsOf(ctx, deps.catalog.current, subject),
      terms: (ctx, subject, belongings) => termsOf(ctx, deps.catalog.current, subject, belongings),
      holders: (ctx, subject, belongings) => holdersOf(ctx, deps.catalog.current, subject, belongings),
      mentions: (ctx, patterns, belongings) => mentionsOf(ctx, deps.catalog.current, patterns, belongings),
      madeAt: (ctx, entity, ids) => madeAtOf(ctx, deps.catalog.current, entity, ids),
      erase: (ctx, input) => eraseRecords(deps, ctx, input),
    },
  };
}
