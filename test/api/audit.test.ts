import type { Config } from '../../core/base/config.js';
import { silentLog } from '../../core/base/log.js';
import { AUDIT_LOG, CONFIG } from '../../core/base/tokens.js';
import { auditCommands } from '../../core/cli/audit-commands.js';
import type { Command } from '../../core/cli/commands.js';
import type { AuditLog } from '../../core/sdk/index.js';
import { DATABASE, type Database } from '../../core/storage/index.js';
import { ADMIN, signIn, startApp, startNode, type TestApp } from '../support/app.js';
import { expectOk, until, type Answer, type Client, type Loose } from '../support/client.js';
import { makePlugin } from '../support/made-plugin.js';
import { settledPerson } from '../support/people.js';
import { applyChange } from '../support/studio.js';

let app: TestApp;
let clinic: string;
let patient: string;
const path = '/api/records/clinic.patient';

beforeAll(async () => {
  const text = (more: object) => ({ title: 'T', type: 'string', 'x-field': { kind: 'text', ...more } });
  clinic = await makePlugin('clinic', [
    {
      name: 'patient',
      properties: {
        diagnosis: text({ sensitivity: 'sensitive', searchable: true }),
        ward: text({}),
        summary: {
          title: 'Summary',
          'x-field': { kind: 'formula', returns: 'text', expression: 'diagnosis + "!"' },
        },
      },
    },
    {
      name: 'visit',
      properties: {
        patient: { title: 'Patient', 'x-field': { kind: 'link', to: 'clinic.patient' } },
      },
    },
  ]);
  app = await startApp({ plugins: [clinic] });
  patient = String(
    expectOk(await app.admin.post(path, { name: 'Ann', diagnosis: 'flu', ward: 'B2' }), 201).body.data.id,
  );
  expectOk(await app.admin.post('/api/records/clinic.visit', { name: 'First', patient }), 201);
});
afterAll(() => app?.stop());

const listed = async (query: string, client: Client = app.admin): Promise<Loose> =>
  expectOk(await client.get(`/api/audit?${query}`)).body.data;

/** Entries of a kind about the request that was answered. */
const told = async (kind: string, answer: { headers: Headers }): Promise<Loose> => {
  const id = String(answer.headers.get('x-request-id'));
  return (await listed(`kind=${kind}&limit=500`)).filter((entry) => String(entry.requestId) === id) as unknown as Loose;
};

/** What the reads of these requests left, once it is written. */
async function readsOf(...answers: { headers: Headers }[]): Promise<Loose[]> {
  // Written in order: once the mark is there, so is all before it.
  const mark = expectOk(await app.admin.get(`${path}/${patient}?fields=diagnosis`));
  await until(
    () => told('records.read', mark),
    ({ length }) => length === 1,
    60_000,
  );
  return Promise.all(
    answers.map(async (answer) => {
      const found = await told('records.read', answer);
      expect(found.length).toBeLessThanOrEqual(1);
      return (found.slice(0)[0]?.payload ?? null) as Loose;
    }),
  );
}

describe('reads of sensitive fields', () => {
  test('who read which field of which record, on every surface that shows or asks by it', async () => {
    const get = (rest: string) => app.admin.get(rest).then((answer) => expectOk(answer));
    const aggregate = (body: object) => app.admin.post(`${path}/aggregate`, body).then((answer) => expectOk(answer));
    const answers = [
      await get(`${path}/${patient}`),
      await get(`${path}/${patient}?fields=summary`),
      await get(`${path}?fields=name,diagnosis`),
      await get(`${path}?fields=name&filter=${encodeURIComponent('diagnosis == "flu"')}`),
      await get(`${path}?fields=name&sort=-diagnosis`),
      await get(`${path}?fields=name&q=flu`),
      await get(`/api/records/clinic.visit?fields=name,patient.diagnosis`),
      await get(`/api/records/clinic.visit?fields=name&filter=${encodeURIComponent('patient.diagnosis == "flu"')}`),
      await get(`${path}/${patient}/history`),
      await get(`${path}/${patient}?asOf=${new Date().toISOString()}`),
      await aggregate({ groupBy: [{ field: 'diagnosis' }], measures: [{ fn: 'count' }] }),
      expectOk(await app.admin.patch(`${path}/${patient}`, { ward: 'B3' })),
    ];
    const found = await readsOf(...answers);
    const ids = [patient];
    const visit = expect.any(Array);
    const both = expect.arrayContaining(['diagnosis', 'summary']);
    expect(found).toEqual([
      { entity: 'clinic.patient', how: 'record', fields: both, ids },
      { entity: 'clinic.patient', how: 'record', fields: ['summary'], ids },
      { entity: 'clinic.patient', how: 'list', fields: ['diagnosis'], ids },
      { entity: 'clinic.patient', how: 'list', fields: ['diagnosis'], ids },
      { entity: 'clinic.patient', how: 'list', fields: ['diagnosis'], ids },
      { entity: 'clinic.patient', how: 'list', fields: ['diagnosis'], ids },
      { entity: 'clinic.visit', how: 'list', fields: ['patient.diagnosis'], ids: visit },
      { entity: 'clinic.visit', how: 'list', fields: ['patient.diagnosis'], ids: visit },
      { entity: 'clinic.patient', how: 'record', fields: both, ids },
      { entity: 'clinic.patient', how: 'asOf', fields: both, ids },
      { entity: 'clinic.patient', how: 'aggregate', fields: ['diagnosis'], ids: [] },
      { entity: 'clinic.patient', how: 'change', fields: both, ids },
    ]);
  });

  test('reads that show none leave nothing, and neither does what one may not read', async () => {
    const answers = [
      expectOk(await app.admin.get(`${path}?fields=name,ward`)),
      expectOk(await app.admin.get('/api/records/clinic.visit')),
      await app.admin.get(`${path}/00000000-0000-7000-8000-000000000000`),
    ];
    expect(await readsOf(...answers)).toEqual([null, null, null]);
  });

  test('what was read just before a server stops is written', async () => {
    const node = await startNode(app, { plugins: [clinic] });
    const seen = await app.admin.at(node.url).get(`${path}/${patient}?fields=diagnosis`);
    await node.stop();
    expect((await told('records.read', seen)).length).toBe(1);
  });

  test('cost no statement before the answer', async () => {
    const db = app.app.get<{ statementCount: number; onStatement: unknown }>(DATABASE);
    const url = `${path}/${patient}`;
    const counts = async (fields: string, enough: number): Promise<number> => {
      await app.admin.get(`${url}?fields=${fields}`);
      let least = Infinity;
      // Others' work in the background counts too: the quietest of some is the read's own.
      for (let n = 0; n < 200 && least > enough; n++) {
        const before = db.statementCount;
        expectOk(await app.admin.get(`${url}?fields=${fields}`));
        least = Math.min(least, db.statementCount - before);
      }
      return least;
    };
    const plain = await counts('ward', 1);
    expect(await counts('diagnosis', plain)).toBe(plain);
  });
});

test('changes tell who changed which fields of which record, never the values', async () => {
  const changed = expectOk(await app.admin.patch(`${path}/${patient}`, { ward: 'C9-secret' }));
  const made = expectOk(await app.admin.post(path, { name: 'Bob' }), 201);
  const gone = await app.admin.delete(`${path}/${String(made.body.data.id)}`);
  const [entry] = await until(
    () => told('records.changed', changed),
    ({ length }) => length > 0,
  );
  expect(entry).toMatchObject({
    actor: { title: expect.any(String) },
    payload: { entity: 'clinic.patient', operation: 'update', ids: [patient], fields: ['ward'] },
  });
  const [created] = await until(
    () => told('records.changed', made),
    ({ length }) => length > 0,
  );
  expect(created.payload).toMatchObject({ operation: 'create', ids: [String(made.body.data.id)] });
  const [deleted] = await until(
    () => told('records.changed', gone),
    ({ length }) => length > 0,
  );
  expect(deleted.payload).toMatchObject({ operation: 'delete' });
  expect(JSON.stringify(await listed('kind=records.changed&limit=500'))).not.toContain('C9-secret');
});

test('what events tell has nothing of who made the change', async () => {
  const rows = await app.db.query<{ payload: object }>(
    `select payload from trellis.outbox where topic = 'record.changed'`,
  );
  expect(rows.length).toBeGreaterThan(0);
  for (const { payload } of rows)
    expect(Object.keys(payload).filter((key) => !['entity', 'operation', 'ids', 'owners'].includes(key))).toEqual([]);
});

test('sign-ins, also failed ones, keys, roles and teams leave entries', async () => {
  const person = await settledPerson(app);
  await app.anonymous.post('/api/session', { email: person.email, password: 'not this one' });
  expectOk(await app.admin.patch(`/api/users/${person.id}`, { roles: ['core.member', 'core.administrator'] }));
  const team = expectOk(await app.admin.post('/api/records/core.team', { name: 'Ward B' }), 201).body.data;
  expectOk(await app.admin.post('/api/records/core.teamMember', { team: String(team.id), user: person.id }), 201);
  expectOk(await person.client.post('/api/api-keys', { name: 'k' }), 201);
  const about = async (query: string) => new Set((await listed(query)).map((entry) => String(entry.kind)));
  const named = await about(`record=${person.id}&limit=500`);
  for (const kind of ['user.created', 'user.rolesChanged', 'team.membersChanged']) expect([...named]).toContain(kind);
  const own = await about(`actor=${person.id}&limit=500`);
  for (const kind of ['session.started', 'apiKey.created']) expect([...own]).toContain(kind);
  expect([...(await about(`q=${encodeURIComponent(person.email)}`))]).toContain('session.refused');
});

test('a changed role is a change of access, named apart from other changes of definitions', async () => {
  const operation = { type: 'role', id: 'core.member', op: 'set', at: '/description', value: 'Whoever works here' };
  expectOk(await applyChange(app.admin, [operation]));
  const [entry] = await listed('kind=access.changed&limit=1');
  expect(entry.payload.documents).toEqual(['role:core.member']);
  const [change] = await listed('kind=catalog.applied&limit=1');
  expect(change.payload).toMatchObject({ documents: ['role:core.member'], changeSet: entry.payload.changeSet });
});

test('finds by kind, user, entity, record, time and text, and pages without gaps', async () => {
  const audit = app.app.get<AuditLog>(AUDIT_LOG);
  const before = new Date().toISOString();
  const names = Array.from({ length: 7 }, (_, n) => `paged-${n}`);
  for (const name of names)
    await audit.append(null, { kind: 'test.paged', actor: null, payload: { name, entity: 'a.b' } });
  const seen: string[] = [];
  let after = '';
  do {
    const { body } = expectOk(await app.admin.get(`/api/audit?kind=test.paged&limit=3${after && `&after=${after}`}`));
    seen.push(...body.data.map((entry) => String(entry.payload.name)));
    after = (body.page.next as unknown as string | null) ?? '';
  } while (after !== '');
  expect(seen).toEqual([...names].reverse());
  expect((await listed('entity=a.b&limit=500')).length).toBe(7);
  expect((await listed(`kind=test.paged&from=${before}`)).length).toBe(7);
  expect((await listed(`kind=test.paged&to=${before}`)).length).toBe(0);
  expect((await listed('q=PAGED-4')).length).toBe(1);
  // Signs that a pattern would take for others.
  expect((await listed('kind=test.paged&q=%25aged')).length).toBe(0);
  expect((await listed('actor=nobody')).length).toBe(0);
  expect((await app.admin.get('/api/audit?from=yesterday')).status).toBe(422);
  expect((await app.admin.get('/api/audit?after=x')).status).toBe(422);
  const [first] = await listed('kind=test.paged&limit=1');
  expect(expectOk(await app.admin.get(`/api/audit/${String(first.id)}`)).body.data).toMatchObject({
    kind: 'test.paged',
    payload: { name: 'paged-6' },
  });
  expect((await app.admin.get('/api/audit/nothing')).status).toBe(404);
});

test('exports as NDJSON and CSV, and says so in an entry', async () => {
  const audit = app.app.get<AuditLog>(AUDIT_LOG);
  await audit.append(null, { kind: 'test.exported', actor: null, payload: { name: '=cmd()', text: 'a "b", c' } });
  const lines = expectOk(await app.admin.get('/api/audit/export?kind=test.exported'))
    .text.trim()
    .split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { payload: object }).payload)).toEqual([
    { name: '=cmd()', text: 'a "b", c' },
  ]);
  const csv = expectOk(await app.admin.get('/api/audit/export?kind=test.exported&format=csv'));
  expect(csv.headers.get('content-disposition')).toMatch(/audit-.*\.csv/);
  expect(csv.text).toContain('"{""name"":""=cmd()"",""text"":""a \\""b\\"", c""}"');
  const [entry] = await listed('kind=audit.exported&limit=1');
  expect(entry.payload).toMatchObject({ format: 'csv', kind: 'test.exported' });
});

test('nobody but an administrator sees any of it, and nobody changes it', async () => {
  const member = await app.member();
  const { client } = await signIn(app.anonymous, ADMIN.email, ADMIN.password);
  const key = expectOk(await client.post('/api/api-keys', { name: 'narrow', scopes: ['clinic.patient:write'] }), 201);
  const narrow = app.anonymous.with({ authorization: `Bearer ${String(key.body.data.key)}` });
  const [entry] = await listed('limit=1');
  const one = `/api/audit/${String(entry.id)}`;
  for (const client of [member, narrow, app.anonymous])
    for (const [method, url] of [
      ['GET', '/api/audit'],
      ['GET', one],
      ['GET', '/api/audit/export'],
      ['GET', '/api/audit/kinds'],
      ['GET', '/api/audit/chain'],
      ['POST', '/api/audit/check'],
      ['PUT', '/api/audit/kinds/test.paged'],
    ])
      expect([401, 403]).toContain((await client.send(method, url, method === 'PUT' ? { days: 1 } : undefined)).status);
  for (const method of ['PUT', 'PATCH', 'DELETE', 'POST'])
    expect([404, 405]).toContain((await app.admin.send(method, one, method === 'DELETE' ? undefined : {})).status);
  for (const entity of ['core.audit', 'trellis.audit_entry', 'audit_entry'])
    expect((await app.admin.get(`/api/records/${entity}`)).status).toBe(404);
});

test('a role can let read the audit, never change it, and gives nothing else', async () => {
  const auditor = { type: 'role', id: 'x.auditor' };
  expectOk(
    await applyChange(app.admin, [
      { ...auditor, op: 'set', at: '', value: { title: 'Auditor', audit: true, grants: [] } },
      { type: 'role', id: 'x.clerk', op: 'set', at: '', value: { title: 'Clerk', grants: [] } },
    ]),
  );
  const person = await settledPerson(app, ['x.auditor']);
  const clerk = await settledPerson(app, ['x.clerk']);
  const sees = async (client: Client) => expectOk(await client.get('/api/catalog')).body.data.mayReadAudit;
  expect([await sees(person.client), await sees(clerk.client), await sees(app.admin)]).toEqual([true, false, true]);
  const [entry] = await listed('limit=1', person.client);
  for (const path of [
    `/api/audit/${String(entry.id)}`,
    '/api/audit/chain',
    '/api/audit/kinds',
    '/api/audit/export?q=x',
  ])
    expect([path, (await person.client.get(path)).status]).toEqual([path, 200]);
  expect((await person.client.post('/api/audit/check')).status).toBe(202);
  expect((await person.client.send('PUT', '/api/audit/kinds/test.paged', { days: 1 })).status).toBe(403);
  expect((await clerk.client.get('/api/audit')).body.code).toBe('audit.not_a_reader');
  expect((await person.client.get(path)).status).toBe(404);
  expect((await person.client.get('/api/users')).status).toBe(403);
  const key = expectOk(await person.client.post('/api/api-keys', { name: 'n', scopes: ['read'] }), 201).body.data.key;
  expect((await app.anonymous.with({ authorization: `Bearer ${String(key)}` }).get('/api/audit')).status).toBe(403);
  // Taken away, it counts in the next request.
  expectOk(await applyChange(app.admin, [{ ...auditor, op: 'unset', at: '/audit' }]));
  expect((await person.client.get('/api/audit')).status).toBe(403);
});

const bulkBy = (filter: string) => ({
  entity: 'clinic.patient',
  operation: 'update',
  filter,
  q: null,
  fields: ['ward'],
});

test('a change of all that match tells its filter and how many; a download the file', async () => {
  const made = expectOk(await app.admin.post(path, { name: 'Bulk', ward: 'Q1' }), 201).body.data;
  const body = { filter: 'ward == "Q1"', patch: { ward: 'Q2' } };
  const bulk = expectOk(await app.admin.post(`${path}/bulk`, body));
  const [entry] = await told('records.bulk', bulk);
  expect((await told('records.bulkBegun', bulk)).length).toBe(0);
  expect(entry.payload).toEqual({ ...bulkBy(body.filter), matched: 1, changed: 1, refused: 0 });
  const file = expectOk(
    await app.admin.upload('/api/files', {
      content: 'x-ray',
      fileName: 'x.txt',
      fields: { entity: 'clinic.patient', id: String(made.id) },
    }),
    201,
  ).body.data;
  const taken = await app.admin.get(`/api/files/${String(file.id)}`);
  const [download] = await until(
    () => told('file.downloaded', taken),
    ({ length }) => length > 0,
  );
  expect(download.payload).toMatchObject({ entity: 'core.attachment', ids: [String(file.id)] });
});

test('a change of all that match tells its filter with the first piece, before the others are written', async () => {
  const rows = Array.from({ length: 1001 }, (_, n) => ({ name: `Many ${n}`, ward: 'M1' }));
  expectOk(await app.admin.post(`${path}/bulk?mode=create`, rows));
  const what = bulkBy('ward == "M1"');
  let bulk: Promise<Answer> | null = null;
  await app.app.get<Database>(DATABASE).transaction(async (tx) => {
    // The second piece waits for its only record.
    await tx.query(`select 1 from data.clinic__patient where ward = 'M1' order by id desc limit 1 for update`);
    bulk = app.admin.post(`${path}/bulk`, { filter: what.filter, patch: { ward: 'M2' } });
    const [first] = await until(
      () => listed('kind=records.bulkBegun'),
      ({ length }) => length > 0,
    );
    expect(first.payload).toEqual(what);
  });
  const done = expectOk(await (bulk as unknown as Promise<Answer>));
  const [last] = await told('records.bulk', done);
  expect(last.payload).toEqual({ ...what, matched: 1001, changed: 1001, refused: 0 });
  expect((await told('records.bulkBegun', done)).length).toBe(1);
});

test('how long a kind is kept is set, refused where the proof needs it, and itself an entry', async () => {
  const put = (kind: string, days: unknown) => app.admin.send('PUT', `/api/audit/kinds/${kind}`, { days });
  const kinds = expectOk(await put('session.refused', 90)).body.data;
  expect(kinds.find((each) => String(each.kind) === 'session.refused')).toMatchObject({ days: 90, canEnd: true });
  expect(kinds.find((each) => String(each.kind) === 'audit.retentionChanged')).toMatchObject({
    days: null,
    canEnd: false,
  });
  expect((await put('audit.pruned', 1)).status).toBe(422);
  for (const days of [0, -1, 1.5, '7', 1e9]) expect([days, (await put('a.b', days)).status]).toEqual([days, 422]);
  expectOk(await put('session.refused', null));
  const [entry] = await listed('kind=audit.retentionChanged&limit=1');
  expect(entry.payload).toEqual({ kind: 'session.refused', days: null, before: 90 });
});

test('a check that is asked for seals and finds the chain whole; one row changed by hand, and it names the link', async () => {
  const node = await startNode(app, { plugins: [clinic] });
  try {
    const chain = async () => expectOk(await app.admin.get('/api/audit/chain')).body.data;
    const checked = async () => {
      const { checkedAt } = await chain();
      expect((await app.admin.at(node.url).post('/api/audit/check')).status).toBe(202);
      return until(chain, (state) => String(state.checkedAt) !== String(checkedAt));
    };
    expect(await checked()).toMatchObject({ found: { ok: true, problem: null }, isChecking: false });
    const { seq, anchor } = await until(chain, (state) => Number(state.seq) > 5);
    expect(String(anchor)).toMatch(new RegExp(`^${Number(seq)}:[0-9a-f]{64}$`));
    await app.db.query(
      `begin; set local session_replication_role = replica; update trellis.audit_entry set kind = 'nothing.happened' where seq = 3; commit`,
    );
    expect(await checked()).toMatchObject({ found: { ok: false, problem: { seq: 3, code: 'entry' } } });
    const said: string[] = [];
    const verify = auditCommands.find(({ name }) => name === 'audit verify') as Command;
    const input = { config: app.app.get<Config>(CONFIG), log: silentLog, values: [], flags: new Set<string>() };
    expect(await verify.run({ ...input, print: (line) => void said.push(line) })).toBe(1);
    expect(said.join(' ')).toMatch(/BROKEN at 3: this entry/);
  } finally {
    await node.stop();
  }
});
