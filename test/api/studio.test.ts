import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Answer, type Client } from '../support/client.js';

let app: TestApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

type Operation = Record<string, unknown>;
const company = (op: Operation): Operation => ({ type: 'entity', id: 'contacts.company', ...op });
const field = (key: string, property: Operation): Operation =>
  company({ op: 'set', at: `/properties/${key}`, value: property });
const apply = (client: Client, operations: Operation[], more: Operation = {}): Promise<Answer> =>
  client.post('/api/catalog/apply', { reason: 'test', operations, ...more });
const plan = (client: Client, operations: Operation[], more: Operation = {}): Promise<Answer> =>
  client.post('/api/catalog/plan', { reason: 'test', operations, ...more });

test('a custom field is planned, applied, and in use at once', async () => {
  const operations = [field('x_vipLevel', { title: 'VIP level', 'x-field': { kind: 'integer' } })];
  const planned = expectOk(await plan(app.admin, operations), 200).body.data;
  expect([planned.applicable, planned.problems, planned.broken]).toEqual([true, [], []]);
  expect(planned.statements.map(({ sql }) => String(sql)).join('\n')).toContain('add column "x__vip_level" bigint');
  expect(planned.diff).toEqual([
    {
      type: 'entity',
      id: 'contacts.company',
      at: '/properties/x_vipLevel',
      after: { title: 'VIP level', 'x-field': { kind: 'integer' } },
    },
  ]);
  expect((await app.admin.post('/api/records/contacts.company', { name: 'Early', x_vipLevel: 1 })).status).toBe(422);
  const applied = expectOk(await apply(app.admin, operations, { epoch: planned.epoch }), 200).body.data;
  expect(applied).toMatchObject({ state: 'applied', reason: 'test', revertible: true, by: { title: 'Administrator' } });
  const made = expectOk(await app.admin.post('/api/records/contacts.company', { name: 'Late', x_vipLevel: 3 }), 201);
  expect(made.body.data.x_vipLevel).toBe(3);
  const found = await app.admin.get(`/api/records/contacts.company?filter=${encodeURIComponent('x_vipLevel > 2')}`);
  expect(found.body.data.map(({ name }) => name)).toEqual(['Late']);
  const openapi = await app.admin.get('/api/openapi.json');
  expect(openapi.text).toContain('x_vipLevel');
});

test('a field of another prefix, a look-alike, a reserved word and a name of 70 letters are named', async () => {
  const text = { title: 'X', 'x-field': { kind: 'text' } };
  for (const [key, code] of [
    ['vip', 'change.bad_prefix'],
    ['x_viр', 'definition.bad_key'],
    ["x_a'b", 'definition.bad_key'],
    ['x_a; drop table x', 'definition.bad_key'],
    [`x_${'a'.repeat(70)}`, 'definition.bad_key'],
    ['constructor', 'change.bad_pointer'],
  ]) {
    const planned = expectOk(await plan(app.admin, [field(key, text)]), 200).body.data;
    expect([key, planned.applicable, planned.problems.map((problem) => problem.code)]).toEqual([
      key,
      false,
      expect.arrayContaining([code]),
    ]);
    const refused = await apply(app.admin, [field(key, text)]);
    expect([key, refused.status, refused.body.code]).toEqual([key, 422, 'change.refused']);
  }
});

test('what is no operation is refused with its place', async () => {
  const refused = await apply(app.admin, [{ op: 'st', type: 'entty', id: 'a', at: 'x', valu: 1 }]);
  expect([refused.status, refused.body.code]).toEqual([422, 'change.bad_operation']);
  expect(refused.body.issues.map(({ path }) => path)).toEqual([
    '/operations/0/type',
    '/operations/0/at',
    '/operations/0/op',
  ]);
  const many = await apply(
    app.admin,
    Array.from({ length: 5001 }, () => ({ op: 'unset', type: 'entity', id: 'a', at: '/x' })),
  );
  expect([many.status, many.body.code]).toEqual([413, 'change.too_many_operations']);
  const without = await app.admin.post('/api/catalog/apply', { operations: [] });
  expect(without.body.code).toBe('change.no_reason');
});

test('only administrators may look or change', async () => {
  const member = await app.member();
  for (const answer of [
    await plan(member, []),
    await apply(member, []),
    await member.get('/api/catalog/changes'),
    await member.get('/api/catalog/definitions?type=entity'),
  ])
    expect(answer.status).toBe(403);
});

test('an author who saw another epoch is told', async () => {
  const { epoch } = (await plan(app.admin, [])).body.data;
  expectOk(await apply(app.admin, [field('x_epoch', { title: 'E', 'x-field': { kind: 'text' } })]), 200);
  const late = await apply(app.admin, [field('x_epochTwo', { title: 'E', 'x-field': { kind: 'text' } })], { epoch });
  expect([late.status, late.body.code]).toEqual([409, 'catalog.changed']);
});

test('an entity of the workspace, with a view, a form and a rule', async () => {
  const operations = [
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
          name: { title: 'Name', type: 'string', 'x-field': { kind: 'text' } },
          company: {
            title: 'Company',
            'x-field': { kind: 'link', to: 'contacts.company', inverse: { key: 'x_projects', title: 'Projects' } },
          },
          hours: { title: 'Hours', 'x-field': { kind: 'integer' } },
        },
        'x-entity': {
          titleField: 'name',
          titlePlural: 'Projects',
          rules: [{ id: 'hours', check: 'ISBLANK(hours) || hours < 1000', message: { en: 'Too many hours.' } }],
        },
      },
    },
    {
      type: 'view',
      id: 'x.projects',
      op: 'set',
      at: '',
      value: { entity: 'x.project', title: 'Projects', type: 'list', columns: [{ field: 'name' }, { field: 'hours' }] },
    },
  ];
  expectOk(await apply(app.admin, operations), 200);
  const company = await app.admin.post('/api/records/contacts.company', { name: 'Owner' });
  const body = { name: 'P1', hours: 5, company: String(company.body.data.id) };
  expect((await app.admin.post('/api/records/x.project', body)).status).toBe(201);
  expect((await app.admin.post('/api/records/x.project', { ...body, hours: 1000 })).status).toBe(422);
  const catalog = (await app.admin.get('/api/catalog')).body.data;
  expect(catalog.views.some(({ id }) => String(id) === 'x.projects')).toBe(true);
});

test('what uses a removed field is named; apply refuses it unless told to take it out', async () => {
  const gone = { type: 'entity', id: 'x.project', op: 'unset', at: '/properties/hours' };
  const planned = expectOk(await plan(app.admin, [gone]), 200).body.data;
  expect(planned.applicable).toBe(false);
  expect(planned.broken).toContainEqual(
    expect.objectContaining({
      type: 'view',
      id: 'x.projects',
      at: '/columns/hours/field',
      uses: 'x.project/hours',
      title: 'Projects',
      removable: true,
    }),
  );
  expect(planned.broken).toContainEqual(
    expect.objectContaining({ type: 'entity', id: 'x.project', at: '/x-entity/rules/hours/check', removable: true }),
  );
  expect((await apply(app.admin, [gone])).body.code).toBe('change.refused');
  const told = expectOk(await plan(app.admin, [gone], { onBroken: 'remove' }), 200).body.data;
  expect([told.applicable, told.problems, told.broken.length]).toEqual([true, [], 2]);
  expect(told.warnings.map(({ code }) => code)).toContain('catalog.field_retired');
  expectOk(await apply(app.admin, [gone], { onBroken: 'remove' }), 200);
  const views = (await app.admin.get('/api/catalog')).body.data.views;
  expect(views.find(({ id }) => String(id) === 'x.projects')?.columns).toEqual([{ field: 'name' }]);
});

test('a change set is taken back with everything in it, and its data with the field', async () => {
  const list = (await app.admin.get('/api/catalog/changes?limit=1')).body.data;
  const answer = expectOk(await app.admin.post(`/api/catalog/changes/${String(list[0].id)}/revert`, {}), 200).body.data;
  expect(answer).toMatchObject({ state: 'applied', reverts: String(list[0].id) });
  const rows = await app.admin.get('/api/records/x.project?fields=name,hours');
  expect(rows.body.data.map(({ hours }) => hours)).toEqual([5]);
  const views = (await app.admin.get('/api/catalog')).body.data.views;
  expect(views.find(({ id }) => String(id) === 'x.projects')?.columns).toEqual([{ field: 'name' }, { field: 'hours' }]);
  const before = (await app.admin.get(`/api/catalog/changes/${String(list[0].id)}`)).body.data;
  expect(before).toMatchObject({ state: 'reverted', revertedBy: String(answer.id) });
  const again = await app.admin.post(`/api/catalog/changes/${String(list[0].id)}/revert`, {});
  expect(again.body.code).toBe('change.not_applied');
});

test('what was changed again since is not taken back unasked', async () => {
  const label = (value: string): Operation => company({ op: 'set', at: '/properties/name/title', value });
  const first = expectOk(await apply(app.admin, [label('Firm')]), 200).body.data;
  expectOk(await apply(app.admin, [label('Business')]), 200);
  const refused = await app.admin.post(`/api/catalog/changes/${String(first.id)}/revert`, {});
  expect([refused.status, refused.body.code]).toEqual([409, 'change.changed_since']);
  expect(refused.body.issues.map(({ path }) => path)).toEqual(['entity:contacts.company#/properties/name/title']);
  expectOk(await app.admin.post(`/api/catalog/changes/${String(first.id)}/revert`, { overwrite: true }), 200);
  const entity = (await app.admin.get('/api/catalog/entities/contacts.company')).body.data;
  expect(entity.fields.find(({ key }) => String(key) === 'name')?.title).toBe('Name');
});

test('a definition tells where each property comes from, and what stands below', async () => {
  const made = expectOk(
    await apply(app.admin, [company({ op: 'set', at: '/properties/name/title', value: 'Firm' })], {
      reason: 'they say firm',
    }),
    200,
  ).body.data;
  const answer = expectOk(await app.admin.get('/api/catalog/definitions/entity/contacts.company'), 200).body.data;
  expect(answer.provenance['']).toMatchObject({ layer: 'plugin', plugin: 'contacts' });
  expect(answer.provenance['/properties/name/title']).toMatchObject({
    layer: 'workspace',
    changeSet: String(made.id),
    reason: 'they say firm',
    by: { title: 'Administrator' },
  });
  expect([answer.document.properties.name.title, answer.below.properties.name.title]).toEqual(['Firm', 'Name']);
  const list = (await app.admin.get('/api/catalog/definitions?type=entity')).body.data;
  expect(list.find(({ id }) => String(id) === 'contacts.company')).toMatchObject({
    plugin: 'contacts',
    customized: true,
  });
  expect(answer.usedBy).toContainEqual(
    expect.objectContaining({
      uses: 'entity:contacts.company',
      by: expect.objectContaining({ type: 'entity', id: 'x.project' }) as object,
      as: 'link',
    }),
  );
  expect((await app.admin.get('/api/catalog/definitions/entity/contacts.compny')).body.detail).toContain(
    'contacts.company',
  );
});

test('a draft is kept, changed, applied; it cannot be changed then', async () => {
  const operations = [field('x_draft', { title: 'D', 'x-field': { kind: 'text' } })];
  const draft = expectOk(await app.admin.post('/api/catalog/drafts', { reason: 'later', operations: [] }), 201).body
    .data;
  expect(draft).toMatchObject({ state: 'draft', epoch: null });
  const path = `/api/catalog/drafts/${String(draft.id)}`;
  expectOk(await app.admin.patch(path, { operations }), 200);
  expect((await app.admin.get('/api/catalog/drafts')).body.data.map(({ id }) => id)).toEqual([draft.id]);
  const applied = expectOk(await apply(app.admin, operations, { draft: draft.id }), 200).body.data;
  expect([applied.id, applied.state]).toEqual([draft.id, 'applied']);
  expect((await apply(app.admin, [], { draft: draft.id })).body.code).toBe('change.not_a_draft');
  expect((await app.admin.patch(path, { reason: 'x' })).body.code).toBe('change.not_a_draft');
  expect((await app.admin.delete(path)).body.code).toBe('change.not_a_draft');
});

test('a retired field can be purged: column, values and key are gone', async () => {
  const key = '/properties/x_draft';
  expect((await apply(app.admin, [company({ op: 'purge', at: key })])).body.code).toBe('change.refused');
  expectOk(await apply(app.admin, [company({ op: 'set', at: `${key}/x-field/retired`, value: true })]), 200);
  const purged = expectOk(await apply(app.admin, [company({ op: 'purge', at: key })]), 200).body.data;
  expect(purged.revertible).toBe(false);
  const columns = await app.db.query<{ name: string }>(
    `select column_name as name from information_schema.columns where table_name = 'contacts__company' and column_name = 'x__draft'`,
  );
  expect(columns).toEqual([]);
  const revert = await app.admin.post(`/api/catalog/changes/${String(purged.id)}/revert`, {});
  expect(revert.body.code).toBe('change.not_revertible');
  expectOk(await apply(app.admin, [field('x_draft', { title: 'D', 'x-field': { kind: 'integer' } })]), 200);
});

test('a plan warns of values that a change leaves behind', async () => {
  const options = (values: string[]) => values.map((value) => ({ value, title: value }));
  expectOk(
    await apply(app.admin, [
      field('x_size', { title: 'Size', 'x-field': { kind: 'choice', options: options(['small', 'large']) } }),
      field('x_code', { title: 'Code', type: 'string', maxLength: 20, 'x-field': { kind: 'text' } }),
    ]),
    200,
  );
  await app.admin.post('/api/records/contacts.company', { name: 'W1', x_size: 'large', x_code: '1234567890' });
  await app.admin.post('/api/records/contacts.company', { name: 'W2', x_size: 'large', x_code: '12345' });
  const planned = expectOk(
    await plan(app.admin, [
      company({ op: 'remove', at: '/properties/x_size/x-field/options/large' }),
      company({ op: 'set', at: '/properties/x_code/maxLength', value: 6 }),
      company({ op: 'insert-before', at: '/required/x_size', value: 'x_size', before: null }),
    ]),
    200,
  ).body.data;
  const warned = new Map(planned.warnings.map(({ code, params }) => [String(code), Number(params?.rows)]));
  expect([warned.get('catalog.option_in_use'), warned.get('catalog.out_of_limits')]).toEqual([2, 1]);
  expect(warned.get('catalog.required_empty')).toBeGreaterThan(1);
});

test("texts in another language are the workspace's own translation", async () => {
  const at = '/messages/entity:contacts.company/~1properties~1x_size~1title';
  expectOk(await apply(app.admin, [{ type: 'translation', id: 'x.zh-CN', op: 'set', at, value: '规模' }]), 200);
  const entity = (await app.admin.get('/api/catalog/entities/contacts.company?locale=zh-CN')).body.data;
  expect(entity.fields.find(({ key }) => String(key) === 'x_size')?.title).toBe('规模');
});

test('every apply is in the audit', async () => {
  const audit = (await app.admin.get('/api/audit?kind=catalog.applied&limit=1')).body.data;
  expect(audit[0]).toMatchObject({ actor: { title: 'Administrator' }, payload: { reason: 'test', operations: 1 } });
});

describe('an expression is checked as one types', () => {
  const check = async (body: object) =>
    (await app.admin.post('/api/catalog/check-expression', { entity: 'contacts.company', ...body })).body.data;

  test('with its type, and its value on a record', async () => {
    const made = await app.admin.post('/api/records/contacts.company', { name: 'Sample', employees: 20 });
    const id = made.body.data.id;
    expect(await check({ expression: 'employees * 2', record: id })).toMatchObject({
      ok: true,
      type: 'number',
      problem: null,
      result: 40,
      record: { id, title: 'Sample' },
    });
    expect((await check({ expression: `name + '!'` })).ok).toBe(true);
  });

  test('with what is wrong, where, and what was meant', async () => {
    expect(await check({ expression: 'emploiees > 2', type: 'boolean' })).toMatchObject({
      ok: false,
      type: null,
      problem: { at: { start: 0, end: 9 }, suggestion: 'employees' },
    });
    expect(await check({ expression: 'employees', type: 'boolean' })).toMatchObject({ ok: false });
    expect(await check({ expression: '1 +' })).toMatchObject({ ok: false });
  });

  test('with the names that may follow', async () => {
    const names = (answer: Awaited<ReturnType<typeof check>>) => answer.completions.map(({ name }) => String(name));
    expect(names(await check({ expression: 'emp' }))[0]).toBe('employees');
    expect(names(await check({ expression: 'parent.nam' }))[0]).toBe('name');
    expect(names(await check({ expression: 'ROU' }))).toContain('ROUND');
  });

  test('also where it is long: what is typed never holds the server up', async () => {
    const begun = Date.now();
    expect((await check({ expression: `${'a'.repeat(60_000)}!` })).ok).toBe(false);
    expect(Date.now() - begun).toBeLessThan(20_000);
  });
});

test('a change set is taken back once, also where two say so at the same time', async () => {
  const made = await app.admin.post('/api/catalog/apply', {
    reason: 'twice',
    operations: [{ type: 'entity', id: 'contacts.company', op: 'set', at: '/properties/name/title', value: 'Twice' }],
  });
  const { id } = expectOk(made).body.data;
  const revert = () => app.admin.post(`/api/catalog/changes/${String(id)}/revert`, { overwrite: true });
  const answers = await Promise.all([revert(), revert(), revert()]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  expect(answers.flatMap(({ body }) => body.code ?? [])).toEqual(['change.not_applied', 'change.not_applied']);
});
