import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Answer, type Loose } from '../support/client.js';
import { runImport } from '../support/imports.js';
import { applyChange } from '../support/studio.js';

// Text that tries to become code, and values at the edge of what their kinds hold.
const companies = '/api/records/contacts.company';
const contacts = '/api/records/contacts.contact';
let app: TestApp;
let record: Loose;
beforeAll(async () => {
  app = await startApp();
  record = expectOk(await app.admin.post(companies, { name: 'Target', employees: 3 }), 201).body.data;
});
afterAll(() => app?.stop());

const at = (path: string, query: Record<string, string>): string => `${path}?${new URLSearchParams(query).toString()}`;

/** Refused, by name, quickly, with nothing of the machinery in the words. */
function expectRefused(answer: Answer, sent = ''): void {
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  // What was sent is named in the answer, as text.
  const words = sent === '' ? answer.text : answer.text.replaceAll(JSON.stringify(sent).slice(1, -1), '');
  expect(words).not.toMatch(/syntax error|pg_(?!sleep)|trellis\.|data\.contacts|\.ts:\d|node_modules|SQLSTATE/);
}

describe('SQL', () => {
  const attacks = [
    'name"; drop table data.contacts__company; --',
    "name'; select pg_sleep(90); --",
    "' or '1'='1",
    '1; select 1',
    'name) union select null --',
    'name/**/desc',
    'name desc nulls first',
    't."name"',
    'pg_sleep(90)',
    'name::text',
    '$1',
    'name\\',
    '*',
    '(select password from trellis.credential)',
    'toString',
    'constructor',
    '__proto__',
    'hasOwnProperty',
  ];

  test.each(attacks)('%j opens no door', async (attack) => {
    const before = (await app.admin.get(`${companies}/${String(record.id)}`)).text;
    const began = Date.now();
    const refused = await Promise.all([
      app.admin.get(at(companies, { sort: attack })),
      app.admin.get(at(companies, { sort: `-${attack}` })),
      app.admin.get(at(companies, { fields: attack })),
      app.admin.get(at(companies, { fields: `parent.${attack}` })),
      app.admin.get(at(companies, { filter: attack })),
      app.admin.get(at(companies, { after: attack })),
      app.admin.get(at(companies, { limit: attack })),
      app.admin.get(at(companies, { count: attack })),
      app.admin.get(at(companies, { deleted: attack })),
      app.admin.get(`/api/records/${encodeURIComponent(attack)}`),
      app.admin.get(`${companies}/${encodeURIComponent(attack)}`),
      app.admin.post(`${companies}/aggregate`, { groupBy: [{ field: attack }], measures: [{ fn: 'count' }] }),
      app.admin.post(`${companies}/aggregate`, {
        groupBy: [{ field: 'createdAt', bucket: attack }],
        measures: [{ fn: 'count' }],
      }),
      app.admin.post(`${companies}/aggregate`, { measures: [{ fn: 'sum', field: attack }] }),
      app.admin.post(`${companies}/aggregate`, { measures: [{ fn: attack, field: 'employees' }] }),
      app.admin.post(`${companies}/aggregate`, { measures: [{ fn: 'count' }], sort: [attack] }),
      app.admin.post(`${companies}/aggregate`, { measures: [{ fn: 'count', as: attack }] }),
      app.admin.post(`${companies}/bulk?${new URLSearchParams({ mode: 'update', key: attack }).toString()}`, [{}]),
      app.admin.post(
        companies,
        JSON.parse(`{"name":"x","${attack === '__proto__' ? 'prototype' : attack.replace(/["\\]/g, '\\$&')}":1}`),
      ),
      app.admin.get(at(`${companies}/export`, { format: attack })),
      app.admin.get(at(`${companies}/export`, { fields: attack })),
    ]);
    for (const answer of refused) expectRefused(answer, attack);
    // As plain text it is a text like any other.
    const literal = JSON.stringify(attack);
    expectOk(await app.admin.get(at(companies, { q: attack })));
    expectOk(await app.admin.get(at(companies, { filter: `name == ${literal} || name.contains(${literal})` })));
    const made = expectOk(await app.admin.post(companies, { name: attack, externalId: attack, tags: [attack] }), 201);
    const found = await app.admin.get(at(companies, { filter: `externalId == ${literal} && ${literal} in tags` }));
    expect(found.body.data).toMatchObject([{ id: made.body.data.id, name: attack, tags: [attack] }]);
    expect(Date.now() - began).toBeLessThan(60_000);
    expect((await app.admin.get(`${companies}/${String(record.id)}`)).text).toBe(before);
  });

  test('percent and underscore are no wildcards', async () => {
    expectOk(await app.admin.post(companies, { name: 'abc' }), 201);
    for (const text of ['a_c', 'a%c', '%bc'])
      expect((await app.admin.get(at(companies, { filter: `name.contains("${text}")` }))).body.data).toEqual([]);
  });

  test('a header of a file is no name in a statement', async () => {
    const done = await runImport(app.admin, {
      entity: 'contacts.company',
      content: `name,"x""; drop table data.contacts__company; --","__proto__",constructor\n"Robert'); drop table x;--",1,2,3\n`,
    });
    expect(done).toMatchObject({ status: 'done', created: 1, refused: 0 });
    expect(
      (await app.admin.get(at(companies, { filter: `name == "Robert'); drop table x;--"` }))).body.data,
    ).toHaveLength(1);
  });
});

describe('expressions', () => {
  test.each([
    'name.constructor',
    'name.constructor == null',
    '__proto__',
    'name.__proto__.polluted == 1',
    'this',
    'globalThis',
    'process.exit()',
    'constructor.constructor("return process")()',
    'name["constructor"] == ""',
    '{}.constructor',
    '[].map(x, x)',
    'name.toString()',
    'name.matches("(a+)+$")',
    'EVAL("1")',
    'name == ',
    '"unclosed',
    '1 + + 1',
    'name == "a" &&',
    ')',
    '\u0000',
    'name = "x"',
    'name; name',
    '1',
    '"text"',
    'name > 1',
    'employees + name > 1',
  ])('%j is refused', async (filter) => {
    expectRefused(await app.admin.post(`${companies}/query`, { filter }), filter);
  });

  test.each([
    ['a long name', 'a'.repeat(100_000)],
    ['parentheses', `${'('.repeat(5_000)}true${')'.repeat(5_000)}`],
    ['negations', `${'!'.repeat(5_000)}true`],
    ['conjunctions', Array.from({ length: 5_000 }, () => 'true').join(' && ')],
    ['a long list', `name in [${Array.from({ length: 20_000 }, (_, n) => `"${n}"`).join(',')}]`],
    ['a long text', `"${'x'.repeat(200_000)}" == name`],
    ['minus signs', `${'-'.repeat(3_000)}1 > 0`],
    ['a long path', `parent${'.parent'.repeat(200)}.name == "x"`],
    ['an endless number', 'employees > 1e400'],
    ['a long number', `employees == ${'9'.repeat(2_000)}`],
    ['a repeated text', '"a".repeat(1000000000) == name'],
  ])('%s: an answer in short time', async (_what, filter) => {
    const began = Date.now();
    const answer = await app.admin.post(`${companies}/query`, { filter });
    expect(Date.now() - began).toBeLessThan(30_000);
    if (answer.status !== 200) expectRefused(answer);
  });

  test('several hard filters at once leave room for others', async () => {
    const nested = `${'ABS('.repeat(60)}employees${')'.repeat(60)} > 0`;
    const many = Array.from({ length: 8 }, () => app.admin.post(`${companies}/query`, { filter: nested }));
    const began = Date.now();
    expect((await app.anonymous.get('/api/health')).status).toBe(200);
    expect(Date.now() - began).toBeLessThan(30_000);
    for (const answer of await Promise.all(many)) expect(answer.status).toBeLessThan(500);
  });
});

test.each([
  '{{constructor}}',
  '{{name.constructor.constructor}}',
  '{{__proto__.polluted}}',
  '{{#with (lookup this "constructor")}}{{this}}{{/with}}',
  '{{#with "s" as |string|}}{{#with split as |list|}}{{list.push (lookup string.sub "constructor")}}{{/with}}{{/with}}',
  '{{{name}}}',
  '{{&name}}',
  '{{> partial}}',
  '{{* decorator}}',
  '{{log name}}',
  '<script>alert(1)</script>',
  '<img src=x onerror="{{name}}">',
  '<a href={{name}}>x</a>',
  '<a href="javascript:{{name}}">x</a>',
  '<style>{{name}}</style>',
])('the template %j is neither shown nor kept (35)', async (body) => {
  const shown = expectOk(await app.admin.post('/api/templates/preview', { subject: 'x', body, sample: { name: 'x' } }));
  expect(shown.body.data.issues.length).toBeGreaterThan(0);
  expect(shown.body.data.html).toBeNull();
  const kept = await applyChange(app.admin, [
    { type: 'template', id: 'core.test-mail', op: 'set', at: '/body', value: body },
  ]);
  expect([kept.status, kept.body.code]).toEqual([422, 'change.refused']);
});

test('what stands in the data of a template is text in its HTML, and no address that runs', async () => {
  const body = '<p>{{name}}</p><a href="{{name}}">x</a>';
  for (const name of ['<img src=x onerror=alert(1)>', 'javascript:alert(1)', '{{constructor}}', '" onclick="x']) {
    const { data } = expectOk(
      await app.admin.post('/api/templates/preview', { subject: 'x', body, sample: { name } }),
    ).body;
    expect(String(data.html)).not.toMatch(/<img|href="javascript|" onclick|function/);
  }
});

describe('prototypes', () => {
  test.each([
    '{"__proto__":{"polluted":1}}',
    '{"name":"x","constructor":{"prototype":{"polluted":1}}}',
    '{"billingAddress":{"__proto__":{"polluted":1}}}',
    '{"billingAddress":{"constructor":{"prototype":{"polluted":1}}}}',
    '{"prototype":1}',
    '{"toString":"x"}',
    '{"hasOwnProperty":1}',
    '{"tags":{"__proto__":["x"]}}',
    '{"\\u005f_proto__":{"polluted":1}}',
  ])('PATCH %s is refused and pollutes nothing', async (body) => {
    const json = { 'content-type': 'application/json' };
    expectRefused(await app.admin.send('PATCH', `${companies}/${String(record.id)}`, body, json));
    expectRefused(await app.admin.send('POST', `${companies}/query`, body, json));
    const bulk = await app.admin.send('POST', `${companies}/bulk?mode=update&key=id`, `[${body}]`, json);
    if (bulk.status === 200) expect(bulk.body.data).toMatchObject([{ status: 'refused' }]);
    else expectRefused(bulk);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('a JSON field keeps no such key either', async () => {
    const settings = {
      entity: 'contacts.company',
      name: 'v',
      definition: JSON.parse('{"a":{"constructor":1}}') as unknown,
    };
    const answer = await app.admin.post('/api/records/core.savedView', settings);
    expect(answer.status).toBeLessThan(500);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('names that are not known', () => {
  test.each<[string, () => Promise<Answer>, string]>([
    ['entity', () => app.admin.get('/api/records/contacts.compny'), 'contacts.company'],
    ['field in sort', () => app.admin.get(at(companies, { sort: 'employes' })), 'employees'],
    ['field in fields', () => app.admin.get(at(companies, { fields: 'nme' })), 'name'],
    ['field through a link', () => app.admin.get(at(contacts, { fields: 'company.nme' })), 'name'],
    ['field in a filter', () => app.admin.get(at(companies, { filter: 'employes > 1' })), 'employees'],
    ['function in a filter', () => app.admin.get(at(companies, { filter: 'ISBLNK(name)' })), 'ISBLANK'],
    ['field of a body', () => app.admin.post(companies, { name: 'x', employes: 1 }), 'employees'],
    [
      'field of a group',
      () => app.admin.post(`${companies}/aggregate`, { groupBy: [{ field: 'industri' }], measures: [{ fn: 'count' }] }),
      'industry',
    ],
    ['key of a query', () => app.admin.post(`${companies}/query`, { filtr: 'true' }), 'filter'],
    ['parameter', () => app.admin.get(at(companies, { sorted: 'name' })), 'sort'],
    ['parameter of one', () => app.admin.get(at(`${companies}/${String(record.id)}`, { field: 'name' })), 'fields'],
    ['parameter of an export', () => app.admin.get(at(`${companies}/export`, { fromat: 'csv' })), 'format'],
    ['choice', () => app.admin.post(companies, { name: 'x', industry: 'finanse' }), 'finance'],
    ['bulk mode', () => app.admin.post(`${companies}/bulk?mode=creat`, []), 'create'],
    [
      'measure',
      () => app.admin.post(`${companies}/aggregate`, { measures: [{ fn: 'sums', field: 'employees' }] }),
      'sum',
    ],
  ])('a %s is named, with a suggestion', async (_what, ask, suggestion) => {
    const answer = await ask();
    expect([404, 422]).toContain(answer.status);
    expect(answer.text).toContain(suggestion);
  });
});

describe('values at the edge', () => {
  const write = (values: object | string): Promise<Answer> =>
    app.admin.send('POST', contacts, typeof values === 'string' ? values : JSON.stringify(values), {
      'content-type': 'application/json',
    });

  test.each([
    '{"lastName":"x","annualIncome":1e999}',
    '{"lastName":"x","annualIncome":NaN}',
    '{"lastName":"x","annualIncome":Infinity}',
    '{"lastName":"x","annualIncome":12345678901234567890}',
    '{"lastName":"x","annualIncome":1e300}',
    '{"lastName":"x","annualIncome":"12 apples"}',
    '{"lastName":"x","annualIncome":{}}',
    '{"lastName":"x","relationship":2.5}',
    '{"lastName":"x","relationship":9007199254740993}',
    '{"lastName":"x","birthdate":"0000-01-01"}',
    '{"lastName":"x","birthdate":"10000-01-01"}',
    '{"lastName":"x","birthdate":"2023-02-29"}',
    '{"lastName":"x","birthdate":"2023-13-01"}',
    '{"lastName":"x","birthdate":"infinity"}',
    '{"lastName":"x","birthdate":"epoch"}',
    '{"lastName":"x","birthdate":12}',
    '{"lastName":"\\ud800"}',
    '{"lastName":"\\udfff\\ud800"}',
    '{"lastName":"a\\u0000b"}',
    '{"lastName":""}',
    '{"lastName":["x"]}',
    `{"lastName":"${'x'.repeat(121)}"}`,
    '{"lastName":"x","tags":"x"}',
    '{"lastName":"x","email":"@"}',
    '{"lastName":"x","phone":"12"}',
    '{"lastName":"x","linkedin":"javascript:alert(1)"}',
    '{"lastName":"x","linkedin":"data:text/html,<script>1</script>"}',
    '{"lastName":"x","company":"not-an-id"}',
    '{"lastName":"x","company":{"id":{"$ne":null}}}',
    '{"lastName":"x","mailingAddress":{"planet":"Mars"}}',
    '{"lastName":"x","mailingAddress":"Berlin"}',
  ])('%s is refused by name', async (body) => expectRefused(await write(body)));

  test.each([
    ['birthdate', '0001-01-01'],
    ['birthdate', '9999-12-31'],
    ['birthdate', '2024-02-29'],
    ['annualIncome', 999_999_999_999.99],
    ['annualIncome', 0],
    ['lastName', '\u202eevil\u202c'],
    ['lastName', 'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L'],
    ['lastName', '👩‍👩‍👧‍👦🏳️‍🌈'],
    ['lastName', '𠜎𠜱𠝹'],
  ])('%s %j comes back as it was', async (key, value) => {
    const made = expectOk(await write({ lastName: 'Edge', [key]: value }), 201).body.data;
    expect((await app.admin.get(`${contacts}/${String(made.id)}`)).body.data[key]).toEqual(value);
    const literal = key === 'birthdate' ? `DATE("${String(value)}")` : JSON.stringify(value);
    const found = await app.admin.get(at(contacts, { filter: `${key} == ${literal} && id == "${String(made.id)}"` }));
    expect(found.text).toContain(String(made.id));
  });

  test('dates past the calendar are refused in filters too, and a leap second is no fault of ours', async () => {
    for (const filter of [
      'birthdate > DATE("0000-00-00")',
      'createdAt > DATETIME("2016-12-31T23:59:60Z")',
      'birthdate > DATE("99999-01-01")',
    ])
      expect((await app.admin.get(at(contacts, { filter }))).status).toBeLessThan(500);
  });

  test('markup is kept as text where it is text, and cleaned where it is rich', async () => {
    const made = expectOk(
      await write({ lastName: '<img src=x onerror=alert(1)>', description: '<script>1</script>' }),
      201,
    );
    expect(made.body.data).toMatchObject({
      lastName: '<img src=x onerror=alert(1)>',
      description: '<script>1</script>',
    });
    expect(made.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(made.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('cells that a spreadsheet would run are guarded on export', async () => {
    for (const name of ['=cmd|/c calc', '+1+1', '-1+1', '@SUM(1)', '\t=1', "'=1", '\r=1'])
      expectOk(await app.admin.post(companies, { name: `x${name}`, description: name }), 201);
    const csv = (await app.admin.get(at(`${companies}/export`, { fields: 'description' }))).text;
    const cells = csv.split(/\r\n/).slice(1).filter(Boolean);
    for (const cell of cells) expect(cell).not.toMatch(/^"?[=+\-@\t\r]/);
  });
});
