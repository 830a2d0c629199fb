// Runs the non-interference suite of a built Trellis over a database; prints its first findings as JSON.
// argv: folder of the build, URL of the database, JSON of entities and actors.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [build, given] = process.argv.slice(2);
const { env, entities, only, admin } = JSON.parse(given);
const load = (path) => import(pathToFileURL(join(build, path)).href);
await import('reflect-metadata');
const [{ readConfig }, { silentLog }, { startTrellis }, { verifyAccess }, { CATALOG }, { DATABASE }] =
  await Promise.all([
    load('core/base/config.js'),
    load('core/base/log.js'),
    load('core/start.js'),
    load('core/verify/index.js'),
    load('core/catalog/index.js'),
    load('core/storage/index.js'),
  ]);
const dataDir = await mkdtemp(join(tmpdir(), 'trellis-mutant-'));
const config = readConfig({ ...env, TRELLIS_DATA_DIR: dataDir }, (path) => resolve(path));
const running = await startTrellis({ config, log: silentLog, announce: () => undefined });
try {
  const report = await verifyAccess({
    url: running.url.replace('localhost', '127.0.0.1').replace('[::1]', '127.0.0.1'),
    admin,
    db: running.app.get(DATABASE),
    schema: () => running.app.get(CATALOG).current.schema,
    entities,
    roles: [],
    only,
    isHasty: true,
  });
  process.stdout.write(`\n${JSON.stringify(report.findings.slice(0, 3))}\n`);
} catch (error) {
  process.stdout.write(
    `\n${JSON.stringify([{ kind: 'failed', actor: '', probe: 'the suite broke', left: String(error), right: '' }])}\n`,
  );
} finally {
  await running.stop();
  await rm(dataDir, { recursive: true, force: true });
  process.exit(0);
}
