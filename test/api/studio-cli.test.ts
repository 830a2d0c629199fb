import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { applyChange, companyField } from '../support/studio.js';
import { expectOk } from '../support/client.js';
import { spawnApp, type SpawnedApp } from '../support/spawn-app.js';

let app: SpawnedApp;
let folder: string;

beforeAll(async () => {
  app = await spawnApp();
  folder = await mkdtemp(join(tmpdir(), 'trellis-package-'));
});
afterAll(async () => {
  await app.stop();
  await rm(folder, { recursive: true, force: true });
});

async function run(file: string, ...args: string[]): Promise<{ code: number; said: string }> {
  const env = { PATH: process.env.PATH ?? '', ...app.env };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(process.cwd(), file), ...args], {
      env,
    });
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
}
const trellis = (...args: string[]) => run('dist/core/cli/trellis.js', ...args);

test('the workspace is written as files, compared, planned and applied on the command line', async () => {
  expectOk(await applyChange(app.admin, [companyField('x_one'), companyField('x_two')]), 200);
  expect(await trellis('catalog', 'export', folder)).toEqual({
    code: 0,
    said: expect.stringContaining('wrote workspace.json') as string,
  });
  expect((await readdir(folder)).sort()).toEqual(['changes', 'workspace.json']);
  const path = join(folder, 'changes', 'entity.contacts.company.json');
  const first = await readFile(path, 'utf8');
  expect(first).toContain('/properties/x_one');
  expect(await trellis('catalog', 'diff', folder)).toMatchObject({ code: 0, said: 'The same.\n' });

  const document = JSON.parse(first) as { operations: object[] };
  document.operations.push({
    op: 'set',
    at: '/properties/x_three',
    value: { title: 'Three', 'x-field': { kind: 'integer' } },
  });
  await writeFile(path, JSON.stringify(document));
  expect((await trellis('catalog', 'diff', folder)).said).toContain('differs  changes/entity.contacts.company.json');
  const planned = await trellis('catalog', 'plan', folder);
  expect([planned.code, planned.said]).toEqual([0, expect.stringContaining('add column "x__three" bigint')]);
  expect((await trellis('catalog', 'apply', folder)).said).toContain('Applied as change set');
  const made = await app.admin.post('/api/records/contacts.company', { name: 'By file', x_three: 3 });
  expect(made.status).toBe(201);
  expect(await trellis('catalog', 'diff', folder)).toMatchObject({ code: 0 });
});

test('codegen writes the types of what stands in the database', async () => {
  const out = join(folder, 'records.ts');
  const { code, said } = await run('core/cli/codegen.mjs', '--database', app.env.DATABASE_URL, '--out', out);
  expect([code, said]).toEqual([0, expect.stringContaining('records.ts')]);
  const text = await readFile(out, 'utf8');
  expect(text.slice(text.indexOf('interface ContactsCompany'))).toContain('x_one: number | null;');
});
