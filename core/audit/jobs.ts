import type { Log } from '../base/log.js';
import type { JobDefinition } from '../sdk/index.js';
import type { Database } from '../storage/index.js';
import { pruneEntries } from './release.js';
import { sealEntries } from './seal.js';
import { noteCheck } from './state.js';
import { verifyChain } from './verify.js';

/** Name of the job that checks the chain. */
export const checkJobName = 'core.check-audit';

/** Seals (asked for by what waits to be sealed), checks the chain each night and when somebody asks, and ends what is kept long enough. */
export function auditJobs(database: Database, log: Log): JobDefinition[] {
  return [
    { name: 'core.seal-audit', run: async (ctx) => void (await sealEntries(database, ctx.signal)) },
    {
      name: checkJobName,
      schedule: '23 3 * * *',
      run: async () => {
        await sealEntries(database);
        const found = await verifyChain(database);
        if (!found.ok) log.error({ ...found.problem }, 'the chain of the audit is broken');
        await noteCheck(database, found);
      },
    },
    { name: 'core.prune-audit', schedule: '41 2 * * *', run: async (ctx) => void (await pruneEntries(database, ctx)) },
  ];
}
