import 'reflect-metadata';
import './navigator.js';
import { resolve } from 'node:path';
import { pino } from 'pino';
import { isTrellisError } from './base/errors.js';
import { readConfig } from './base/config.js';
import { startTrellis, type Running } from './start.js';

/** Reads the configuration, starts, and stops on the signals of an operator. */
async function main(): Promise<void> {
  const config = readConfig(process.env, (path) => resolve(path));
  const log = pino({ level: config.logLevel, base: undefined });
  let running: Running | null = null;
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    const late = setTimeout(() => process.exit(1), 20_000);
    late.unref();
    Promise.resolve(running?.stop()).then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('SIGTERM', () => stop('SIGTERM'));
  running = await startTrellis({ config, log, announce: printAccount });
  if (!stopping) process.stdout.write(`\n  Trellis is ready at ${running.url.replace('127.0.0.1', 'localhost')}\n\n`);
}

function printAccount({ email, password }: { email: string; password: string }): void {
  process.stdout.write(
    `\n  Sign in as    ${email}\n  with password ${password}\n  (shown once; you choose your own when you sign in)\n`,
  );
}

/** One clear line for what an operator can mend, the stack for what is our own fault. */
function fail(error: unknown): void {
  if (isTrellisError(error))
    process.stderr.write(`${error.code}: ${error.message}${error.hint ? ` ${error.hint}` : ''}\n`);
  else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
