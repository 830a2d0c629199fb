// `npm start`: builds what is stale, then becomes the server. In the same process, so that signals and exit codes need no relay.
import { ensureBuilt } from './build.mjs';

try {
  await ensureBuilt();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
await import('../../dist/core/bundle/main.js');
