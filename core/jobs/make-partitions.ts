import type { JobDefinition } from '../sdk/index.js';
import type { Database } from '../storage/index.js';

/** Makes the next months' partitions of the history, long before they are needed. Repeating it changes nothing. */
export function makePartitionsJob(db: Database): JobDefinition {
  return {
    name: 'core.make-partitions',
    schedule: '20 2 * * *',
    async run() {
      await db.query({ text: 'select trellis.make_history_partitions()', values: [] });
    },
  };
}
