// `npm run trellis -- <command>` from the repository; an installed package runs dist/core/cli/trellis.js itself.
import { ensureBuilt } from './build.mjs';

try {
  await ensureBuilt({ only: ['server'] });
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
const { runCommand } = await import('../../dist/core/cli/trellis.js');
process.exitCode = await runCommand(process.argv.slice(2));
