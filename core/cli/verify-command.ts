import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../base/config.js';
import { missing } from '../base/errors.js';
import type { Log } from '../base/log.js';
import { didYouMean } from '../base/suggest.js';
import { CATALOG, type CatalogService } from '../catalog/index.js';
import { startTrellis, type Running } from '../start.js';
import { createDatabase, DATABASE, openServer, type Database } from '../storage/index.js';
import { verifyAccess, type Finding } from '../verify/index.js';
import type { Command, CommandInput } from './commands.js';

/** Proves that what roles hide of a plugin shows nowhere. */
export const verifyCommands: readonly Command[] = [
  {
    name: 'plugin verify',
    values: ['<plugin>'],
    flags: ['--sample'],
    help: 'Proves, on a database of its own, that what roles hide of a plugin shows nowhere; --sample: a part of it.',
    run: verifyPlugin,
  },
];

/** Actors that `--sample` takes. */
const sampled = 12;

async function verifyPlugin({ config, log, values, flags, print }: CommandInput): Promise<number> {
  const [plugin] = values;
  return withScratch(config, log, async ({ running, admin }) => {
    const catalog = running.app.get<CatalogService>(CATALOG);
    const { schema } = catalog.current;
    const plugins = [...new Set([...schema.entities.values()].map((entity) => entity.plugin))];
    const entities = [...schema.entities.values()].filter((entity) => entity.plugin === plugin && !entity.hidden);
    if (entities.length === 0)
      throw missing('plugin.not_found', `No plugin "${plugin}" has entities here.${didYouMean(plugin, plugins)}`, {
        hint: 'Name its folder in TRELLIS_PLUGINS.',
      });
    const roles = [...catalog.current.definitions('role').keys()].filter((id) => id !== 'core.administrator');
    const report = await verifyAccess({
      url: running.url,
      admin,
      db: running.app.get<Database>(DATABASE),
      schema: () => catalog.current.schema,
      entities: entities.map(({ id }) => id),
      roles,
      ...(flags.has('--sample') ? { sample: { seed: 1, actors: sampled } } : {}),
      onActor: (actor, findings) => print(`${findings === 0 ? 'ok     ' : 'SHOWS  '}  ${actor}`),
    });
    for (const finding of report.findings) print(lineOf(finding));
    for (const note of report.notes) print(`note     ${note}`);
    print(
      `${report.findings.length} of ${report.compared} answers showed something, through ${report.actors} actors, on ${report.surfaces.length} surfaces.`,
    );
    return report.findings.length === 0 ? 0 : 1;
  });
}

function lineOf({ kind, actor, probe, left, right }: Finding): string {
  return `${kind.padEnd(12)} ${actor} · ${probe}\n  one   ${left}\n  other ${right}`;
}

interface Scratch {
  readonly running: Running;
  readonly admin: { readonly email: string; readonly password: string };
}

/**
 * A whole Trellis on data of its own, gone afterwards: a database beside the configured one, or an embedded server in a folder of its
 * own. What the operator has is never touched.
 */
async function withScratch<T>(config: Config, log: Log, work: (scratch: Scratch) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'trellis-verify-'));
  try {
    const server = await openServer({ databaseUrl: config.databaseUrl, dataDir }, log);
    try {
      return config.databaseUrl === null
        ? await withServer(scratchConfig(config, dataDir, server.url), log, work)
        : await withDatabaseOf(config.databaseUrl, log, (url) =>
            withServer(scratchConfig(config, dataDir, url), log, work),
          );
    } finally {
      await server.close();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

function scratchConfig(config: Config, dataDir: string, databaseUrl: string): Config {
  return {
    ...config,
    databaseUrl,
    dataDir,
    port: 0,
    host: '127.0.0.1',
    seed: 'none',
    adminEmail: 'verify@trellis.local',
    adminPassword: randomBytes(18).toString('base64url'),
    publicUrl: null,
    smtpUrl: null,
    mailFrom: null,
    backupHours: 0,
    logLevel: 'error',
  };
}

async function withServer<T>(config: Config, log: Log, work: (scratch: Scratch) => Promise<T>): Promise<T> {
  const running = await startTrellis({ config, log, announce: () => undefined });
  try {
    const url = running.url.replace('localhost', '127.0.0.1').replace('[::1]', '127.0.0.1');
    const admin = { email: String(config.adminEmail), password: String(config.adminPassword) };
    return await work({ running: { ...running, url }, admin });
  } finally {
    await running.stop();
  }
}

async function withDatabaseOf<T>(url: string, log: Log, work: (url: string) => Promise<T>): Promise<T> {
  const db = await createDatabase({ url, poolSize: 1, slowQueryMs: 60_000, log });
  const name = `trellis_verify_${randomBytes(6).toString('hex')}`;
  const there = new URL(url);
  there.pathname = `/${name}`;
  try {
    await db.session((session) => session.query(`create database ${name} template template0 encoding 'UTF8' locale_provider icu icu_locale 'und'`));
    try {
      return await work(there.toString());
    } finally {
      await db.session((session) => session.query(`drop database ${name} with (force)`));
    }
  } finally {
    await db.close();
  }
}
