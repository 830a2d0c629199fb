import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { transform } from '@swc/core';
import { ADMIN, prepareDatabase, startApp, testEnv } from '../support/app.js';
import { mutants, type Mutant } from '../support/mutants.js';
import { seed } from '../support/property-seed.js';
import { linesOf, verifyApp } from '../support/verify.js';

const fixtures = ['vault', 'computed', 'doors'].map((name) => join(import.meta.dirname, '../fixtures', name));
/** Actors of each plugin: all of them; fewer by SOAK_ACTORS. */
const actors = Number(process.env.SOAK_ACTORS ?? '1000');
/** Checks taken out: each; only so many of them, from all over the list, by SOAK_MUTANTS. */
const wanted = Number(process.env.SOAK_MUTANTS ?? mutants.length);
const taken = mutants.filter((_, i) => (i * wanted) % mutants.length < wanted);

test.each<[string, string[], string[]]>([
  ['vault', ['vault.item', 'vault.box', 'vault.safe'], ['vault.keeper', 'core.member']],
  [
    'shop',
    ['shop.order', 'shop.orderLine', 'shop.customer', 'shop.region'],
    ['shop.clerk', 'shop.owner', 'shop.blind'],
  ],
  ['contacts', ['contacts.contact', 'contacts.company', 'contacts.activity'], ['core.member']],
])(
  'nothing hidden of %s shows, through all actors',
  async (_plugin, entities, roles) => {
    const app = await startApp({ plugins: fixtures });
    try {
      expect(linesOf(await verifyApp(app, { entities, roles, sample: { seed, actors } }))).toEqual([]);
    } finally {
      await app.stop();
    }
  },
  7_200_000,
);

test('trellis plugin verify says so, on data of its own that are gone afterwards', async () => {
  const env = { ...process.env, DATABASE_URL: process.env.TEST_POSTGRES_URL, TRELLIS_PLUGINS: fixtures.join(',') };
  const verify = (...args: string[]) =>
    new Promise<{ code: number | null; said: string }>((done) => {
      const child = spawn(process.execPath, ['dist/core/cli/trellis.js', 'plugin', 'verify', ...args], { env });
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (piece: Buffer) => (said += piece.toString()));
      child.on('close', (code) => done({ code, said }));
    });
  const fine = await verify('vault', '--sample');
  expect([fine.code, fine.said]).toEqual([
    0,
    expect.stringMatching(/^0 of \d+ answers showed something, through 12 actors/m),
  ]);
  const wrong = await verify('vualt');
  expect([wrong.code, wrong.said]).toEqual([1, expect.stringContaining('Did you mean "vault"')]);
  const db = await prepareDatabase({ plugins: fixtures });
  try {
    expect(await db.query("select datname from pg_database where datname like 'trellis_verify_%'")).toEqual([]);
  } finally {
    await db.drop();
  }
});

describe('with a check taken out the suite goes red', () => {
  let build: string;

  beforeAll(async () => {
    build = await mkdtemp(join(tmpdir(), 'trellis-mutants-'));
    for (const folder of ['core', 'plugins', 'schemas'])
      await cp(join('dist', folder), join(build, 'dist', folder), { recursive: true });
    await cp('package.json', join(build, 'package.json'));
    await symlink(resolve('node_modules'), join(build, 'node_modules'));
  });
  afterAll(() => rm(build, { recursive: true, force: true }));

  test.each(taken.map((mutant) => [mutant.check, mutant] as const))('%s', async (_check, mutant) => {
    const findings = await runMutant(build, mutant);
    process.stdout.write(`| ${mutant.check} | ${findings[0]?.kind}: ${findings[0]?.probe} (${findings[0]?.actor}) |\n`);
    expect(findings).not.toEqual([]);
    expect(findings[0].probe).not.toBe('the suite broke');
  });
});

interface Told {
  readonly kind: string;
  readonly actor: string;
  readonly probe: string;
}

async function runMutant(build: string, { file, from, to, actors }: Mutant): Promise<Told[]> {
  const source = await readFile(file, 'utf8');
  expect([file, from, source.split(from).length - 1]).toEqual([file, from, 1]);
  const target = join(build, 'dist', file.replace(/\.ts$/, '.js'));
  const kept = await readFile(target);
  const { code } = await transform(
    source.replace(from, () => to),
    { filename: resolve(file), configFile: resolve('.swcrc') },
  );
  await writeFile(target, code);
  const db = await prepareDatabase({ plugins: fixtures });
  try {
    const env = testEnv({ plugins: fixtures }, db.url, dirname(build));
    const plugin = /(\w+)\./.exec(actors[0])?.[1];
    const entities =
      plugin === 'vault'
        ? ['vault.item', 'vault.box', 'vault.safe']
        : ['shop.order', 'shop.orderLine', 'shop.customer', 'shop.region'];
    return await run(build, { env, entities, only: actors, admin: ADMIN });
  } finally {
    await writeFile(target, kept);
    await db.drop();
  }
}

function run(build: string, input: object): Promise<Told[]> {
  const child = spawn(
    process.execPath,
    [resolve('test/support/mutant-run.mjs'), join(build, 'dist'), JSON.stringify(input)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  let wrong = '';
  child.stdout.on('data', (piece: Buffer) => (said += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (wrong += piece.toString()));
  return new Promise((resolveWith, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      const last = said.trim().split('\n').pop() ?? '';
      if (last.startsWith('[')) resolveWith(JSON.parse(last) as Told[]);
      else reject(new Error(`The suite said nothing: ${wrong.slice(0, 2000)}`));
    });
  });
}
