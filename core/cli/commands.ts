import { join, resolve } from 'node:path';
import type { Config } from '../base/config.js';
import { missing } from '../base/errors.js';
import type { Log } from '../base/log.js';
import { CATALOG, type CatalogService } from '../catalog/index.js';
import { IDENTITY, type Identity } from '../identity/index.js';
import { readPlugins } from '../plugin-host/index.js';
import {
  createBackups,
  createDatabase,
  displayCollation,
  examine,
  filesFolder,
  migrations,
  openServer,
  restoreDatabase,
  type Database,
} from '../storage/index.js';
import { RECORDS, type Records } from '../records/index.js';
import { auditCommands } from './audit-commands.js';
import { catalogCommands } from './catalog-commands.js';
import { withKernel } from './kernel.js';
import { secretsCommands } from './secrets-commands.js';
import { verifyCommands } from './verify-command.js';

/** What a command works with. */
export interface CommandInput {
  readonly config: Config;
  readonly log: Log;
  /** As many as the command names. */
  readonly values: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly print: (line: string) => void;
}

/** One verb of the command line. */
export interface Command {
  /** One or two words. */
  readonly name: string;
  /** Names of its values, for the usage line. */
  readonly values: readonly string[];
  readonly flags: readonly string[];
  readonly help: string;
  /** Returns the exit code. */
  run(input: CommandInput): Promise<number>;
}

/** All commands, in the order of the usage text. */
export const commands: readonly Command[] = [
  {
    name: 'backup',
    values: [],
    flags: [],
    help: 'Writes a backup of database and files into the data directory.',
    run: backup,
  },
  {
    name: 'restore',
    values: ['<file>'],
    flags: ['--force'],
    help: 'Puts a backup into an empty database; --force replaces what is there.',
    run: restore,
  },
  {
    name: 'doctor',
    values: [],
    flags: [],
    help: 'Looks for everything that can be wrong with database and files.',
    run: doctor,
  },
  {
    name: 'plugin list',
    values: [],
    flags: [],
    help: 'Shows plugins, their state and their problems.',
    run: listPlugins,
  },
  {
    name: 'user reset-password',
    values: ['<email>'],
    flags: [],
    help: 'Gives a user a one-time password and ends its sessions.',
    run: resetPassword,
  },
  ...catalogCommands,
  ...secretsCommands,
  ...auditCommands,
  ...verifyCommands,
];

async function backup({ config, log, print }: CommandInput): Promise<number> {
  const server = await openServer(config, log, { share: true });
  try {
    const info = await createBackups({ url: server.url, dataDir: config.dataDir, log }).create();
    print(`${join(config.dataDir, 'backups', info.name)} (${(info.bytes / 1_000_000).toFixed(1)} MB)`);
    return 0;
  } finally {
    await server.close();
  }
}

/** Alone on the embedded server: a Trellis that runs would go on with what it knows. */
async function restore({ config, log, values, flags, print }: CommandInput): Promise<number> {
  const server = await openServer(config, log);
  try {
    const manifest = await restoreDatabase({
      url: server.url,
      filesDir: filesFolder(config.dataDir),
      source: resolve(values[0]),
      migrations,
      force: flags.has('--force'),
    });
    print(`Restored ${manifest.tables} tables and ${manifest.files} files.`);
    return 0;
  } finally {
    await server.close();
  }
}

async function doctor({ config, log, print }: CommandInput): Promise<number> {
  return withKernel(config, log, async (app) => {
    const catalog = app.get<CatalogService>(CATALOG);
    const findings = await examine({
      db: app.database,
      migrations,
      schema: catalog.current.schema,
      collation: displayCollation(config.workspace.locale),
      filesDir: filesFolder(config.dataDir),
    });
    const marks = { ok: 'ok     ', warning: 'warning', error: 'ERROR  ' };
    for (const finding of findings)
      print(`${marks[finding.level]}  ${finding.message}${finding.hint ? ` ${finding.hint}` : ''}`);
    return findings.some((finding) => finding.level === 'error') ? 1 : 0;
  });
}

async function listPlugins({ config, log, print }: CommandInput): Promise<number> {
  return withDatabase(config, log, async (db) => {
    const plugins = await readPlugins(db);
    for (const plugin of plugins) {
      print(`${plugin.id.padEnd(24)} ${plugin.version.padEnd(10)} ${plugin.state}`);
      for (const problem of plugin.problems) print(`  ${problem.file}#${problem.pointer}: ${problem.message}`);
    }
    return plugins.some((plugin) => plugin.state === 'failed') ? 1 : 0;
  });
}

async function resetPassword({ config, log, values, print }: CommandInput): Promise<number> {
  return withKernel(config, log, async (app) => {
    const ctx = app.contexts.system('password reset on the command line');
    const { data } = await app.get<Records>(RECORDS).list(ctx, {
      entity: 'core.user',
      fields: ['id', 'name'],
      filter: `email == ${JSON.stringify(values[0].trim().toLowerCase())}`,
      limit: 1,
    });
    if (data.length === 0) throw missing('user.not_found', `There is no user with the address ${values[0]}.`);
    const { password } = await app.get<Identity>(IDENTITY).resetPassword(ctx, { userId: String(data[0].id) });
    print(`One-time password of ${String(data[0].name)}: ${password}`);
    return 0;
  });
}

async function withDatabase<T>(config: Config, log: Log, work: (db: Database) => Promise<T>): Promise<T> {
  const server = await openServer(config, log, { share: true });
  try {
    const db = await createDatabase({ url: server.url, poolSize: 2, slowQueryMs: config.slowQueryMs, log });
    return await work(db).finally(() => db.close());
  } finally {
    await server.close();
  }
}
