import { readAnchor, verifyChain } from '../audit/index.js';
import { invalid } from '../base/errors.js';
import { createDatabase, openServer } from '../storage/index.js';
import type { Command, CommandInput } from './commands.js';

/** Commands over the audit. */
export const auditCommands: readonly Command[] = [
  {
    name: 'audit verify',
    values: [],
    flags: [],
    help: 'Follows the chain of the audit, names the first broken link, and prints the anchor of its end.',
    run: (input) => verify(input),
  },
  {
    name: 'audit check',
    values: ['<anchor>'],
    flags: [],
    help: 'The same, and that an anchor noted earlier is a place of this chain.',
    run: (input) => verify(input, input.values[0]),
  },
];

async function verify({ config, log, print }: CommandInput, text?: string): Promise<number> {
  const anchor = text === undefined ? undefined : readAnchor(text);
  if (anchor === null)
    throw invalid('audit.anchor', 'An anchor is a number, a colon and 64 hexadecimal digits.', {
      hint: 'audit verify prints one.',
    });
  const server = await openServer(config, log, { share: true });
  try {
    const db = await createDatabase({ url: server.url, poolSize: 2, slowQueryMs: config.slowQueryMs, log });
    const found = await verifyChain(db, anchor).finally(() => db.close());
    const { entries, erased, pruned, problem } = found;
    print(`${entries} entries (${erased} without details, erased), ${pruned} ended by retention.`);
    print(`anchor ${found.anchor}`);
    print(problem === null ? 'The chain is whole.' : `BROKEN at ${problem.seq}: ${words[problem.code]}`);
    if (problem?.entryId) print(`entry ${problem.entryId}`);
    return found.ok ? 0 : 1;
  } finally {
    await server.close();
  }
}

const words = {
  entry: 'this entry, its place, or one before it was changed.',
  missing: 'an entry is missing here, and no retention removed it.',
  payload: 'the details of this entry were changed.',
  payloadMissing: 'the details of this entry are gone, and no erasure removed them.',
  tail: 'the end of the chain is not the one that was sealed.',
  checkpoint: 'entries from here on are called removed by retention, which says nothing of it.',
  anchor: 'the anchor is none of this chain.',
} as const;
