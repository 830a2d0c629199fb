import { sep } from 'node:path';
import Sequencer from '@jest/test-sequencer';

/** What takes a minute and more, longest first. */
const longest = [
  'browser/pages',
  'browser/studio-forms',
  'api/non-interference',
  'api/studio-names',
  'browser/studio',
  'browser/access',
  'api/studio-nodes',
  'api/studio-conversion',
];

/**
 * Jest begins with what took longest the last time. Where it has not run yet, as in a fresh clone, it goes by the size of files, and
 * a long one that begins last leaves the other workers idle: those are named here, then come all that start a browser or a server.
 */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((a, b) => rank(a) - rank(b));
  }
}

function rank({ path, duration, context }) {
  if (duration !== undefined) return 0;
  const place = longest.findIndex((name) => path.endsWith(`${sep}${name.replace('/', sep)}.test.ts`));
  if (place >= 0) return place - longest.length;
  return ['browser', 'server', 'unit'].indexOf(context.config.displayName.name);
}
