import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Answer } from '../support/client.js';

let app: TestApp;
let other: TestApp;

beforeAll(async () => {
  [app, other] = [await startApp(), await startApp()];
  expectOk(await app.admin.post('/api/catalog/apply', { reason: 'the start', operations }), 200);
});
afterAll(async () => {
  await app.stop();
  await other.stop();
});

const text = (title: string) => ({ title, type: 'string', 'x-field': { kind: 'text' } });
const operations = [
  {
    type: 'entity',
    id: 'contacts.company',
    op: 'set',
    at: '/properties/x_vip',
    value: { title: 'VIP', 'x-field': { kind: 'integer' } },
  },
  { type: 'entity', id: 'contacts.company', op: 'set', at: '/properties/name/title', value: 'Firm with x_vip' },
  {
    type: 'entity',
    id: 'x.project',
    op: 'set',
    at: '',
    value: {
      $id: 'x.project',
      title: 'Project',
      type: 'object',
      required: ['name'],
      properties: {
        name: text('Name'),
        company: {
          title: 'Company',
          'x-field': { kind: 'link', to: 'contacts.company', inverse: { key: 'x_projects', title: 'Projects' } },
        },
      },
      'x-entity': {
        titleField: 'name',
        rules: [
          {
            id: 'vip',
            check: `ISBLANK(company) || company.x_vip != 13 || name == 'x_vip'`,
            message: { en: 'Not 13.' },
          },
        ],
      },
    },
  },
  {
    type: 'view',
    id: 'x.vips',
    op: 'set',
    at: '',
    value: {
      entity: 'contacts.company',
      title: 'VIPs',
      type: 'list',
      columns: [{ field: 'name' }, { field: 'x_vip' }],
      sort: ['-x_vip'],
      filter: 'x_vip > 1',
    },
  },
  { type: 'translation', id: 'x.zh-CN', op: 'set', at: '/messages/entity:x.project/~1title', value: '项目' },
  {
    type: 'translation',
    id: 'x.zh-CN',
    op: 'set',
    at: '/messages/entity:contacts.company/~1properties~1x_vip~1title',
    value: '贵宾',
  },
];
const shape = (db: TestApp['db']) =>
  db.query(
    `select table_name, column_name, data_type, collation_name from information_schema.columns where table_schema = 'data' order by 1, 2`,
  );

test('the workspace goes as files into another system and is the same there', async () => {
  const bundle = expectOk(await app.admin.get('/api/catalog/package'), 200).body.data;
  expect(Object.keys(bundle.files)).toEqual([
    'changes/entity.contacts.company.json',
    'entities/project.json',
    'i18n/zh-CN.json',
    'views/vips.json',
  ]);
  expect(bundle.manifest).toEqual({
    format: 'trellis-workspace/1',
    requires: { contacts: expect.any(String) as string },
  });
  const planned = expectOk(await other.admin.post('/api/catalog/package?plan=true', bundle), 200).body.data;
  expect([planned.applicable, planned.problems]).toEqual([true, []]);
  expectOk(await other.admin.post('/api/catalog/package', bundle), 200);
  expect((await other.admin.get('/api/catalog/package')).text).toBe((await app.admin.get('/api/catalog/package')).text);
  expect(await shape(other.db)).toEqual(await shape(app.db));
  const entity = (await other.admin.get('/api/catalog/entities/x.project?locale=zh-CN')).body.data;
  expect(entity.title).toBe('项目');
});

test('installed again it changes nothing; what is here in another form is a collision', async () => {
  const bundle = (await app.admin.get('/api/catalog/package')).body.data as unknown as {
    manifest: object;
    files: Record<string, object>;
  };
  const again = expectOk(await other.admin.post('/api/catalog/package?plan=true', bundle), 200).body.data;
  expect([again.applicable, again.diff, again.statements]).toEqual([true, [], []]);
  const changed = {
    ...bundle,
    files: {
      ...bundle.files,
      'views/vips.json': { ...bundle.files['views/vips.json'], title: 'Other' },
      'changes/entity.contacts.company.json': {
        target: { type: 'entity', id: 'contacts.company' },
        operations: [{ op: 'set', at: '/properties/name/title', value: 'Business' }],
      },
    },
  };
  const planned = expectOk(await other.admin.post('/api/catalog/package?plan=true', changed), 200).body.data;
  expect(planned.problems.map(({ code, id, at }) => [code, id, at])).toEqual([
    ['package.collision', 'contacts.company', '/properties/name/title'],
    ['package.collision', 'x.vips', ''],
  ]);
  const refused = await other.admin.post('/api/catalog/package', changed);
  expect([refused.status, refused.body.code]).toEqual([409, 'package.collision']);
});

test('a package that lets a role read more says so in its plan; one that takes away does not', async () => {
  const planOf = async (operations: object[]): Promise<unknown[]> => {
    const change = { target: { type: 'role', id: 'core.member' }, operations };
    const bundle = { manifest: { format: 'trellis-workspace/1' }, files: { 'changes/role.core.member.json': change } };
    const planned = expectOk(await other.admin.post('/api/catalog/package?plan=true', bundle), 200).body.data;
    return [...planned.warnings].filter(({ code }) => String(code) === 'catalog.access_widened');
  };
  const all = { entity: 'core.team', read: 'all', create: true, update: 'all', delete: 'all', purge: true };
  expect(await planOf([{ op: 'set', at: '/grants/core.team', value: all }])).toEqual([
    expect.objectContaining({
      message: expect.stringContaining('core.member allows more to be read or done') as string,
    }),
  ]);
  const none = { entity: 'core.team', read: 'none', create: false, update: 'none', delete: 'none' };
  expect(await planOf([{ op: 'set', at: '/grants/core.team', value: none }])).toEqual([]);
});

test.each<[string, object, string]>([
  ['../../etc/passwd.json', {}, 'package.bad_path'],
  ['entities/../../x.json', {}, 'package.bad_path'],
  ['entities\\x.json', {}, 'package.bad_path'],
  ['/entities/x.json', {}, 'package.bad_path'],
  ['hooks/x.json', {}, 'package.bad_path'],
  ['entities/deep/x.json', {}, 'package.bad_path'],
  ['views/x.js', {}, 'package.bad_path'],
  ['entities/company.json', { $id: 'contacts.company' }, 'package.foreign_id'],
  [
    'changes/entity.contacts.company.json',
    { target: { type: 'entity', id: 'core.user' }, operations: [] },
    'package.foreign_id',
  ],
])('a package with %s is refused', async (path, document, code) => {
  const bundle = { manifest: { format: 'trellis-workspace/1' }, files: { [path]: document } };
  const refused = await app.admin.post('/api/catalog/package', bundle);
  expect([refused.status, refused.body.code]).toEqual([422, code]);
});

test('a package too large, too deep or of too many files is refused', async () => {
  const manifest = { format: 'trellis-workspace/1' };
  const many = Object.fromEntries(Array.from({ length: 5_001 }, (_, i) => [`views/v${i}.json`, {}]));
  expect((await app.admin.post('/api/catalog/package', { manifest, files: many })).status).toBe(413);
  const big = { manifest, files: { 'views/a.json': { title: 'a'.repeat(33_600_000) } } };
  expect((await app.admin.post('/api/catalog/package', big)).status).toBe(413);
  const deep = `{"manifest":{"format":"trellis-workspace/1"},"files":{"views/a.json":${'{"a":'.repeat(100)}1${'}'.repeat(100)}}}`;
  expect(
    (await app.admin.send('POST', '/api/catalog/package', deep, { 'content-type': 'application/json' })).status,
  ).toBe(400);
});

test('published, it is a plugin with keys of its own', async () => {
  const published = expectOk(
    await app.admin.post('/api/catalog/publish', { id: 'acme', version: '1.0.0', title: 'Acme' }),
    200,
  ).body.data;
  expect(published.renames).toEqual({
    ids: { 'x.project': 'acme.project', 'x.vips': 'acme.vips' },
    keys: { x_projects: 'acme_projects', x_vip: 'acme_vip' },
  });
  const files = published.files as unknown as Record<string, Record<string, unknown>>;
  expect(files['views/vips.json']).toMatchObject({
    columns: [{ field: 'name' }, { field: 'acme_vip' }],
    sort: ['-acme_vip'],
    filter: 'acme_vip > 1',
  });
  expect(JSON.stringify(files['entities/project.json'])).toContain(`company.acme_vip != 13 || name == 'x_vip'`);
  expect(JSON.stringify(files['changes/entity.contacts.company.json'])).toContain('"value":"Firm with x_vip"');
  expect(Object.keys(files['i18n/zh-CN.json'].messages as object)).toEqual([
    'entity:acme.project',
    'entity:contacts.company',
  ]);
  const fresh = await startApp();
  try {
    const planned = expectOk(await fresh.admin.post('/api/plugins/install?plan=true', { files }), 200).body.data;
    expect([planned.applicable, planned.problems, planned.from]).toEqual([true, [], null]);
    expect(planned.statements.some(({ sql }) => String(sql).includes('acme__vip'))).toBe(true);
    expect((await fresh.admin.get('/api/records/acme.project')).status).toBe(404);
    const info = expectOk(await fresh.admin.post('/api/plugins/install', { files }), 200).body.data;
    expect(info).toMatchObject({ id: 'acme', state: 'enabled', origin: 'installed', problems: [] });
    const made = expectOk(await fresh.admin.post('/api/records/contacts.company', { name: 'A', acme_vip: 13 }), 201)
      .body.data;
    const broken = await fresh.admin.post('/api/records/acme.project', { name: 'P', company: made.id });
    expect([broken.status, broken.body.issues[0].code]).toEqual([422, 'rule.broken']);
  } finally {
    await fresh.stop();
  }
});

test('a package whose change is no list of operations on its own target is refused, whatever stands in it', async () => {
  const manifest = { format: 'trellis-workspace/1' };
  const target = { type: 'entity', id: 'contacts.company' };
  const set = { op: 'set', at: '/title', value: 'F' };
  const strange = [
    null,
    5,
    { op: 'set', value: 1 },
    { ...set, type: 'role', id: 'core.administrator' },
    { op: 'purge', at: '' },
  ];
  for (const operation of strange) {
    const files = { 'changes/entity.contacts.company.json': { target, operations: [operation] } };
    const answer = await other.admin.post('/api/catalog/package?plan=true', { manifest, files });
    expect([answer.status, answer.body.code]).toEqual([422, 'package.foreign_id']);
  }
});

describe('a plugin without code that comes over HTTP', () => {
  const plugin = (version: string, more: object = {}, id = 'loyal') => ({
    files: {
      'plugin.json': { id, version, title: 'Loyal' },
      'entities/card.json': {
        $id: `${id}.card`,
        title: 'Card',
        type: 'object',
        properties: { name: text('Name'), points: { title: 'Points', 'x-field': { kind: 'integer' } } },
        'x-entity': { titleField: 'name' },
      },
      ...more,
    },
  });
  const install = (bundle: object): Promise<Answer> => app.admin.post('/api/plugins/install', bundle);

  test('is there at once, upgraded, and gone again', async () => {
    expectOk(await install(plugin('1.0.0')), 200);
    expect((await app.admin.post('/api/records/loyal.card', { name: 'C', points: 1 })).status).toBe(201);
    const view = { entity: 'loyal.card', title: 'Cards', type: 'list', columns: [{ field: 'name' }] };
    const planned = expectOk(
      await app.admin.post('/api/plugins/install?plan=true', plugin('1.1.0', { 'views/cards.json': view })),
      200,
    ).body.data;
    expect([planned.from, planned.diff.map(({ type, id, at }) => [type, id, at])]).toEqual([
      '1.0.0',
      [['view', 'loyal.cards', '']],
    ]);
    expectOk(await install(plugin('1.1.0', { 'views/cards.json': view })), 200);
    expect((await install(plugin('1.0.0'))).body.code).toBe('package.older');
    expectOk(await app.admin.post('/api/plugins/loyal/uninstall', { policy: 'purge', confirm: 'loyal' }), 200);
    expect((await app.admin.get('/api/records/loyal.card')).status).toBe(404);
    expectOk(await install(plugin('1.0.0')), 200);
    expect((await app.admin.get('/api/records/loyal.card')).body.data).toEqual([]);
  });

  test('keeps its sound version where the next one is broken', async () => {
    const view = { entity: 'loyal.crad', title: 'Cards', type: 'list', columns: [{ field: 'name' }] };
    const broken = await install(plugin('2.0.0', { 'views/cards.json': view }));
    expect([broken.status, broken.body.code]).toEqual([409, 'plugin.broken']);
    expect(broken.body.issues[0].path).toBe('packages/loyal/views/cards.json#/entity');
    const list = (await app.admin.get('/api/plugins')).body.data;
    expect(list.find(({ id }) => String(id) === 'loyal')).toMatchObject({ version: '1.0.0', state: 'enabled' });
  });

  test('cannot take the name or the place of another, nor bring code', async () => {
    expect((await install(plugin('1.0.0', {}, 'contacts'))).body.code).toBe('package.id_taken');
    expect((await install(plugin('1.0.0', {}, 'x'))).body.code).toBe('plugin.invalid');
    expect((await install(plugin('1.0.0', {}, 'core'))).body.code).toMatch(/plugin.invalid|package.id_taken/);
    expect((await install({ files: { ...plugin('1.0.0').files, 'index.js': {} } })).body.code).toBe('package.bad_path');
    expect((await install({ files: {} })).body.code).toBe('package.no_manifest');
    const foreign = {
      $id: 'contacts.company',
      title: 'X',
      type: 'object',
      properties: {},
      'x-entity': { titleField: 'id' },
    };
    expect((await install(plugin('1.0.1', { 'entities/company.json': foreign }))).body.code).toBe('plugin.invalid');
  });
});
