#!/usr/bin/env node
import 'reflect-metadata';
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { readConfig } from '../base/config.js';
import { invalid, isTrellisError } from '../base/errors.js';
import { didYouMean } from '../base/suggest.js';
import { commands, type Command } from './commands.js';

/**
 * Runs one command of an operator and returns the exit code: 0 done, 1 refused or something is wrong, 2 not understood.
 * Reads the same environment as the server.
 */
export async function runCommand(args: readonly string[]): Promise<number> {
  const { command, rest } = findCommand(args);
  if (!command) {
    process.stderr.write(usage(args));
    return args.length === 0 || args[0] === 'help' || args[0] === '--help' ? 0 : 2;
  }
  try {
    const config = readConfig(process.env, (path) => resolve(path));
    const log = pino(
      { level: config.logLevel === 'info' ? 'warn' : config.logLevel, base: undefined },
      pino.destination(2),
    );
    const flags = rest.filter((arg) => arg.startsWith('--'));
    const unknown = flags.find((flag) => !command.flags.includes(flag));
    if (unknown !== undefined)
      throw invalid(
        'cli.unknown_flag',
        `"${command.name}" does not know ${unknown}.${didYouMean(unknown, command.flags)}`,
      );
    const values = rest.filter((arg) => !arg.startsWith('--'));
    if (values.length !== command.values.length)
      throw invalid(
        'cli.usage',
        `Usage: trellis ${command.name} ${command.values.join(' ')} ${command.flags.map((flag) => `[${flag}]`).join(' ')}`.trim(),
      );
    return await command.run({
      config,
      log,
      values,
      flags: new Set(flags),
      print: (line) => void process.stdout.write(`${line}\n`),
    });
  } catch (error) {
    if (!isTrellisError(error)) throw error;
    process.stderr.write(`${error.code}: ${error.message}${error.hint ? ` ${error.hint}` : ''}\n`);
    return 1;
  }
}

function findCommand(args: readonly string[]): { command?: Command; rest: readonly string[] } {
  for (const words of [2, 1]) {
    const name = args.slice(0, words).join(' ');
    const command = commands.find((candidate) => candidate.name === name);
    if (command) return { command, rest: args.slice(words) };
  }
  return { rest: args };
}

function usage(args: readonly string[]): string {
  const given = args
    .filter((arg) => !arg.startsWith('-'))
    .slice(0, 2)
    .join(' ');
  const names = commands.map((command) => command.name);
  const head = given === '' || given === 'help' ? '' : `There is no command "${given}".${didYouMean(given, names)}\n\n`;
  const lines = commands.map(
    (command) =>
      `  trellis ${[command.name, ...command.values, ...command.flags.map((flag) => `[${flag}]`)].join(' ').padEnd(44)} ${command.help}`,
  );
  return `${head}${lines.join('\n')}\n`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href)
  process.exitCode = await runCommand(process.argv.slice(2));
