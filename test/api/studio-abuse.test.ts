import { startApp, testEnv, type TestApp } from '../support/app.js';
import { expectOk, type Answer, type Loose } from '../support/client.js';
import { runDoctor } from '../support/crash-run.js';
import { expectRefused, set, text, thing } from '../support/studio-abuse.js';
import { applyChange, companyField, type StudioOperation } from '../support/studio.js';

// What an administrator, or who holds the session of one, could try through Studio.
const companies = '/api/records/contacts.company';
let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app?.stop());

const plan = (operations: readonly unknown[]): Promise<Answer> =>
  app.admin.post('/api/catalog/plan', { reason: 'abuse', operations });
const raw = (path: string, body: string): Promise<Answer> =>
  app.admin.send('POST', path, body, { 'content-type': 'application/json' });

describe('prototypes and bombs', () => {
  const pointers = [
    '/__proto__/polluted',
    '/constructor/prototype/polluted',
    '/properties/__proto__/polluted',
    '/x-entity/__proto__',
  ];

  test.each(pointers)('a pointer %s reaches none', async (at) => {
    for (const op of ['set', 'unset', 'insert-before', 'remove', 'move']) {
      const operation = {
        type: 'entity',
        id: 'contacts.company',
        op,
        at,
        ...(op === 'set' || op === 'insert-before' ? { value: true } : {}),
        ...(op === 'insert-before' || op === 'move' ? { before: null } : {}),
      };
      expectRefused(await plan([operation]), at);
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test.each([
    [
      'apply',
      '/api/catalog/apply',
      '{"reason":"r","operations":[{"type":"entity","id":"x.a","op":"set","at":"","value":{"__proto__":{"polluted":1}}}]}',
    ],
    [
      'a package',
      '/api/catalog/package',
      '{"manifest":{"format":"trellis-workspace/1"},"files":{"__proto__":{"polluted":1}}}',
    ],
    ['a manifest', '/api/catalog/package', '{"manifest":{"__proto__":{"format":"trellis-workspace/1"}},"files":{}}'],
    [
      'a document',
      '/api/catalog/package',
      '{"manifest":{"format":"trellis-workspace/1"},"files":{"entities/a.json":{"$id":"x.a","__proto__":{"polluted":1}}}}',
    ],
    [
      'a plugin',
      '/api/plugins/install',
      '{"files":{"plugin.json":{"id":"evil","version":"1.0.0","title":"E","constructor":{"prototype":{"polluted":1}}}}}',
    ],
    [
      'a name of a place',
      '/api/plugins/install',
      '{"files":{"plugin.json":{"id":"evil","version":"1.0.0","title":"E"},"constructor/a.json":{}}}',
    ],
    [
      'the workspace as a plugin',
      '/api/plugins/install',
      '{"files":{"plugin.json":{"id":"x","version":"1.0.0","title":"E"}}}',
    ],
    [
      'the kernel as a plugin',
      '/api/plugins/install',
      '{"files":{"plugin.json":{"id":"core","version":"9.0.0","title":"E"}}}',
    ],
  ])('%s with a dangerous key or name is refused', async (_what, path, body) => {
    expectRefused(await raw(path, body));
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  const operation = (value: string): string =>
    `{"reason":"r","operations":[{"type":"entity","id":"contacts.company","op":"set","at":"/properties/x_bomb","value":${value}}]}`;
  test.each([
    ['nested too deep', operation(`{"title":"B","x-field":{"kind":"json"},"properties":${deep(60)}}`)],
    ['nested far too deep', operation(deep(50_000))],
    ['of too many values', operation(`{"title":"B","x-field":{"kind":"json"},"enum":[${'1,'.repeat(250_000)}1]}`)],
    ['a text without end', operation(`{"title":"${'B'.repeat(300_000)}","x-field":{"kind":"integer"}}`)],
    ['a reference to a file', operation('{"title":"B","$ref":"file:///etc/passwd","x-field":{"kind":"json"}}')],
    [
      'a reference to a server',
      operation('{"title":"B","$ref":"http://127.0.0.1:1/schema.json","x-field":{"kind":"json"}}'),
    ],
    ['a reference to itself', operation('{"title":"B","$ref":"#/properties/x_bomb","x-field":{"kind":"json"}}')],
    [
      'options without end',
      operation(
        `{"title":"B","x-field":{"kind":"choice","options":[${Array.from({ length: 60_000 }, (_, i) => `{"value":"o${i}","title":"o"}`).join(',')}]}}`,
      ),
    ],
    ['no JSON', '{"reason":"r","operations":['],
    ['a list', '[]'],
    ['null', 'null'],
  ])('a value %s is refused quickly', async (_what, body) => {
    const began = Date.now();
    for (const path of ['/api/catalog/plan', '/api/catalog/apply']) expectRefused(await raw(path, body));
    expect(Date.now() - began).toBeLessThan(60_000);
  });

  test('a packed body is not unpacked', async () => {
    const answer = await app.admin.send('POST', '/api/catalog/package', '{}', {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    });
    expectRefused(answer);
    expect(answer.status).not.toBe(200);
  });

  test('a package cannot be older than what stands', async () => {
    const files = (version: string): object => ({ files: { 'plugin.json': { id: 'aging', version, title: 'A' } } });
    expectOk(await app.admin.post('/api/plugins/install', files('2.0.0')), 200);
    expectRefused(await app.admin.post('/api/plugins/install', files('1.0.0')));
    expectOk(await app.admin.post('/api/plugins/aging/uninstall', { policy: 'keep' }), 200);
  });
});

describe('expressions', () => {
  const formula = (key: string, expression: string, returns = 'integer'): StudioOperation =>
    companyField(key, 'formula', { returns, expression });

  test('a formula that divides by zero or overflows is empty, and hurts no list', async () => {
    expectOk(
      await applyChange(app.admin, [
        formula('x_zero', 'employees / (employees - employees)', 'decimal'),
        formula('x_huge', 'employees * 9007199254740991 * 9007199254740991 * 9007199254740991'),
        formula('x_mod', 'employees % 0'),
      ]),
      200,
    );
    const made = expectOk(await app.admin.post(companies, { name: 'Formula', employees: 7 }), 201).body.data;
    const read = expectOk(await app.admin.get(`${companies}/${String(made.id)}`), 200).body.data;
    expect([read.x_zero, read.x_huge, read.x_mod]).toEqual([null, null, null]);
    for (const query of ['sort=x_zero', 'sort=-x_huge', 'filter=x_huge%20%3E%201', 'filter=ISBLANK(x_zero)'])
      expectOk(await app.admin.get(`${companies}?${query}`), 200);
  });

  test.each<[string, readonly StudioOperation[]]>([
    ['itself', [formula('x_self', 'x_self + 1')]],
    ['another that reads it', [formula('x_one', 'x_two + 1'), formula('x_two', 'x_one + 1')]],
    ['itself through a link', [formula('x_up', 'parent.x_up + 1')]],
    ['a prototype', [formula('x_bad', 'name.constructor', 'text')]],
    ['nothing', [formula('x_bad', '')]],
    ['without end', [formula('x_bad', `${'('.repeat(3_000)}1${')'.repeat(3_000)}`)]],
    ['too much', [formula('x_bad', Array.from({ length: 50_000 }, () => '1').join(' + '))]],
    ['SQL', [formula('x_bad', `1; drop table data.contacts__company`)]],
  ])('a formula that reads %s is refused', async (_what, operations) => {
    expectRefused(await plan(operations));
    expectRefused(await applyChange(app.admin, operations));
  });

  test('a pattern that could match for ever does not, or is refused', async () => {
    const pattern = (key: string, value: string): StudioOperation =>
      set(
        'entity',
        'contacts.company',
        { title: key, type: 'string', pattern: value, 'x-field': { kind: 'text' } },
        `/properties/${key}`,
      );
    for (const bad of ['(?=a)a', '(a)\\1', '(?<!a)b', '[', '(', 'a{1000000}', 'a'.repeat(600)])
      expectRefused(await applyChange(app.admin, [pattern('x_pattern', bad)]), bad);
    const slow = ['^(a+)+$', '^(a|a)*$', '^(a|aa)+$', '(x+x+)+y', '^([a-zA-Z]+)*$', '(.*a){20}'];
    const answers = await Promise.all(
      slow.map(async (value, i) => [i, await plan([pattern(`x_slow${i}`, value)])] as const),
    );
    const taken = answers
      .filter(([, answer]) => answer.status === 200 && String(answer.body.data.applicable) === 'true')
      .map(([i]) => i);
    expectOk(
      await applyChange(
        app.admin,
        taken.map((i) => pattern(`x_slow${i}`, slow[i])),
      ),
      200,
    );
    const began = Date.now();
    for (const i of taken) {
      const answer = await app.admin.post(companies, { name: 'Slow', [`x_slow${i}`]: `${'a'.repeat(200)}!` });
      expect([slow[i], answer.status === 422 || answer.status === 201]).toEqual([slow[i], true]);
    }
    expect(Date.now() - began).toBeLessThan(60_000);
    expectOk(
      await applyChange(
        app.admin,
        taken.map((i) => ({ type: 'entity', id: 'contacts.company', op: 'unset', at: `/properties/x_slow${i}` })),
      ),
      200,
    );
  });
});

describe('what was removed', () => {
  test('an option in use goes from the choice, not from the records', async () => {
    const options = ['small', 'large'].map((value) => ({ value, title: value }));
    expectOk(await applyChange(app.admin, [companyField('x_size', 'choice', { options })]), 200);
    const made = expectOk(await app.admin.post(companies, { name: 'Sized', x_size: 'large' }), 201).body.data;
    const one = `${companies}/${String(made.id)}`;
    expectOk(
      await applyChange(app.admin, [
        { type: 'entity', id: 'contacts.company', op: 'remove', at: '/properties/x_size/x-field/options/large' },
      ]),
      200,
    );
    expect(expectOk(await app.admin.get(one), 200).body.data.x_size).toBe('large');
    expectOk(await app.admin.patch(one, { name: 'Sized anew' }), 200);
    expect((await app.admin.post(companies, { name: 'Other', x_size: 'large' })).status).toBe(422);
    expectOk(await app.admin.patch(one, { x_size: 'small' }), 200);
    expect((await app.admin.patch(one, { x_size: 'large' })).status).toBe(422);
  });

  test('a field that is purged and made again is another one: no values, no history, no grants of the earlier', async () => {
    const key = 'x_secretPlan';
    const field = { type: 'entity', id: 'contacts.company', at: `/properties/${key}` };
    const node = async (): Promise<string[]> =>
      (
        await app.db.query<{ id: string }>(
          `select id from trellis.catalog_node where entity = 'contacts.company' and field = '${key}' and state <> 'purged'`,
        )
      ).map(({ id }) => id);
    expectOk(await applyChange(app.admin, [companyField(key, 'text')]), 200);
    const readWhen = `${key} == 'open'`;
    const grant = { entity: 'contacts.company', read: 'own', readWhen, create: false, update: 'none', delete: 'none' };
    const role = { title: 'Reader', grants: [grant] };
    expectOk(await applyChange(app.admin, [set('role', 'x.planReader', role)]), 200);
    const made = expectOk(await app.admin.post(companies, { name: 'Planned', [key]: 'the old plan' }), 201).body.data;
    const one = `${companies}/${String(made.id)}`;
    expectOk(await app.admin.patch(one, { [key]: 'open' }), 200);
    const reader = await app.member({ roles: ['x.planReader'] });
    expectOk(await reader.get(one), 200);
    const [before] = await node();
    expectOk(
      await app.admin.post('/api/catalog/apply', {
        reason: 'gone',
        onBroken: 'remove',
        operations: [{ ...field, op: 'unset' }],
      }),
      200,
    );
    expect((await reader.get(one)).status).toBe(404);
    expectOk(await applyChange(app.admin, [{ ...field, op: 'purge' }]), 200);
    expectOk(await applyChange(app.admin, [companyField(key, 'text')]), 200);
    const [after] = await node();
    expect(after).not.toBe(before);
    expect(expectOk(await app.admin.get(one), 200).body.data[key]).toBeNull();
    const history = (await app.admin.get(`${one}/history`)).text;
    expect(history).not.toMatch(/the old plan|open/);
    expectOk(await app.admin.patch(one, { [key]: 'open' }), 200);
    expect((await reader.get(one)).status).toBe(404);
    const past = await app.admin.get(`${one}?asOf=${encodeURIComponent(String(made.createdAt))}`);
    expect(past.text).not.toMatch(/the old plan/);
  });

  test('an entity that is purged and made again has no record, history or grant of the earlier', async () => {
    const operations = [set('entity', 'x.ghost', thing('x.ghost', { note: text('Note') }))];
    expectOk(await applyChange(app.admin, operations), 200);
    const made = expectOk(await app.admin.post('/api/records/x.ghost', { name: 'Old ghost', note: 'n' }), 201).body
      .data;
    const grant = { entity: 'x.ghost', read: 'all', create: true, update: 'all', delete: 'all' };
    expectOk(await applyChange(app.admin, [set('role', 'x.ghosts', { title: 'Ghosts', grants: [grant] })]), 200);
    const member = await app.member({ roles: ['x.ghosts'] });
    expectOk(await member.get('/api/records/x.ghost'), 200);
    expectOk(
      await app.admin.post('/api/catalog/apply', {
        reason: 'gone',
        onBroken: 'remove',
        operations: [{ type: 'entity', id: 'x.ghost', op: 'remove', at: '' }],
      }),
      200,
    );
    expect((await member.get('/api/records/x.ghost')).status).toBe(404);
    expectOk(await applyChange(app.admin, [{ type: 'entity', id: 'x.ghost', op: 'purge', at: '' }]), 200);
    expectOk(await applyChange(app.admin, operations), 200);
    expect(expectOk(await app.admin.get('/api/records/x.ghost'), 200).body.data).toEqual([]);
    expect((await app.admin.get(`/api/records/x.ghost/${String(made.id)}/history`)).status).toBe(404);
    expect((await member.get('/api/records/x.ghost')).status).toBe(404);
  });
});

test('after all of it the database is as the catalog says', async () => {
  const found = (await app.admin.get('/api/catalog')).body.data as Loose;
  expect(found.entities.length).toBeGreaterThan(0);
  const doctor = await runDoctor({ env: testEnv({}, app.db.url, app.dataDir) });
  expect(doctor).toEqual({ code: 0, said: expect.not.stringContaining('ERROR') as string });
});
