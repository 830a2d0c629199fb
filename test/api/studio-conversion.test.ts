import { expectOk, until } from '../support/client.js';
import { applyChange, companyField } from '../support/studio.js';
import { spawnApp, type SpawnedApp } from '../support/spawn-app.js';

let app: SpawnedApp;
const path = '/api/records/contacts.company';
const rows = 60_000;

beforeAll(async () => {
  app = await spawnApp();
  for (const key of ['x_code', 'x_size'])
    expectOk(await applyChange(app.admin, [companyField(key, 'text', { index: true })]), 200);
  await app.db.query(
    `insert into data.contacts__company (id, name, x__code, x__size) select gen_random_uuid(), 'Bulk ' || i, i::text, i::text from generate_series(1, ${rows}) i`,
  );
  await app.db.query('analyze data.contacts__company');
});
afterAll(() => app.stop());

const stateOf = async (id: string): Promise<{ state: string; problem?: { code: string } }> =>
  expectOk(await app.admin.get(`/api/catalog/changes/${id}`), 200).body.data as never;
const kindOf = async (key: string): Promise<unknown> => {
  const { document } = expectOk(await app.admin.get('/api/catalog/definitions/entity/contacts.company'), 200).body
    .data as unknown as { document: { properties: Record<string, { 'x-field': { kind: string } }> } };
  return document.properties[key]['x-field'].kind;
};
const toKind = (key: string, kind: string, more: object = {}) =>
  applyChange(app.admin, [companyField(key, kind, { index: true })], more);

test('a kind changes in a large table while people read and write, through a kill -9, and nothing is lost', async () => {
  const begun = expectOk(await toKind('x_code', 'integer'), 200).body.data;
  expect(begun).toMatchObject({ state: 'preparing', epoch: null });
  const id = String(begun.id);
  // Until the switch everybody has the old kind.
  expect(await kindOf('x_code')).toBe('text');
  const odd: string[] = [];
  const waits: number[] = [];
  const written = new Map<string, number>();
  let goesOn = true;
  let isUp = true;
  const write = async (writer: number): Promise<void> => {
    for (let n = 0; goesOn; n++) {
      if (!isUp) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        continue;
      }
      const value = writer * 100_000 + n;
      const asText = (await kindOf('x_code').catch(() => 'text')) === 'text';
      const began = performance.now();
      const answer = await app.admin
        .post(path, { name: `W${writer}`, x_code: asText ? String(value) : value })
        .catch(() => null);
      const seen = await app.admin
        .get(`${path}?filter=${encodeURIComponent("name == 'W1'")}&limit=5`)
        .catch(() => null);
      if (!isUp || answer === null || seen === null) continue;
      waits.push(performance.now() - began);
      // The kind may change between the question and the write: then the value is refused as one of the other kind.
      if (answer.status === 201) written.set(String(answer.body.data.id), value);
      else if (answer.status !== 422) odd.push(`${answer.status} ${answer.text.slice(0, 300)}`);
      if (seen.status !== 200) odd.push(`${seen.status} ${seen.text.slice(0, 300)}`);
    }
  };
  const writers = [1, 2].map(write);
  await until(
    async () => {
      const [task] = await app.db.query<{ done: string }>(
        'select done from trellis.storage_task where kind = $$convert-column$$',
      );
      return Number(task?.done ?? rows);
    },
    (done) => done > 1_000,
  );
  isUp = false;
  await app.kill();
  const [left] = await app.db.query<{ state: string; kind: string }>(
    `select c.state, coalesce(k.state, 'none') as kind from trellis.change_set c left join trellis.storage_task k on k.key = any(c.preparing) where c.id = '${id}'`,
  );
  expect([left.state, left.kind !== 'none']).toEqual(['preparing', true]);
  await app.restart();
  isUp = true;
  const done = await until(
    () => stateOf(id),
    ({ state }) => state !== 'preparing',
  );
  expect(done).toMatchObject({ state: 'applied', epoch: expect.any(Number) });
  expect(await kindOf('x_code')).toBe('integer');
  const enough = written.size + 4;
  await until(
    () => Promise.resolve(odd.length > 0 || written.size > enough),
    (isEnough) => isEnough,
  );
  goesOn = false;
  await Promise.all(writers);
  expect(odd).toEqual([]);
  const stored = await app.db.query<{ id: string; code: string }>(
    `select id, x__code as code from data.contacts__company where id = any('{${[...written.keys()].join(',')}}')`,
  );
  expect(stored.filter((row) => written.get(row.id) !== Number(row.code))).toEqual([]);
  expect(stored).toHaveLength(written.size);
  const [sum] = await app.db.query(
    `select sum(x__code)::text as sum, count(*)::int as n from data.contacts__company where name like 'Bulk%'`,
  );
  expect(sum).toEqual({ sum: String((rows * (rows + 1)) / 2), n: rows });
  const found = await app.admin.get(`${path}?filter=${encodeURIComponent('x_code == 777')}`);
  expect(expectOk(found, 200).body.data.map(({ name }) => name)).toContain('Bulk 777');
  // And back, by a revert: that is a change of kind too.
  const back = expectOk(await app.admin.post(`/api/catalog/changes/${id}/revert`, {}), 200).body.data;
  expect([back.state, (await stateOf(id)).state]).toEqual(['preparing', 'applied']);
  expect(
    await until(
      () => stateOf(String(back.id)),
      ({ state }) => state !== 'preparing',
    ),
  ).toMatchObject({
    state: 'applied',
  });
  expect((await stateOf(id)).state).toBe('reverted');
  expect(await kindOf('x_code')).toBe('text');
});

test('values that do not convert refuse the plan and the apply, and say which', async () => {
  await app.db.query(`update data.contacts__company set x__size = 'much' where name = 'Bulk 5'`);
  const operations = [companyField('x_size', 'integer')];
  const planned = expectOk(await app.admin.post('/api/catalog/plan', { reason: 'r', operations }), 200).body.data;
  expect([planned.applicable, planned.problems.map(({ code }) => code)]).toEqual([false, ['catalog.values_lost']]);
  expect(planned.warnings.map(({ code }) => code)).toContain('catalog.copied_first');
  expect((await applyChange(app.admin, operations)).body).toMatchObject({ status: 409, code: 'catalog.values_lost' });
  await app.db.query(`update data.contacts__company set x__size = '5' where name = 'Bulk 5'`);
});

test('one that is being prepared does not undo what somebody changed meanwhile: it becomes a draft, and knows what its author had read', async () => {
  const company = '/api/catalog/definitions/entity/contacts.company';
  const basis = { 'entity:contacts.company': Number(expectOk(await app.admin.get(company), 200).body.data.epoch) };
  const at = (place: string, value: string) => ({
    type: 'entity',
    id: 'contacts.company',
    op: 'set',
    at: `/properties/x_size/${place}`,
    value,
  });
  const mine = [at('x-field/kind', 'integer'), at('title', 'Mine')];
  const begun = expectOk(await applyChange(app.admin, mine, { basis }), 200).body.data;
  expect([begun.state, begun.basis]).toEqual(['preparing', basis]);
  expectOk(await applyChange(app.admin, [at('title', 'Theirs')]), 200);
  const ended = await until(
    () => stateOf(String(begun.id)),
    ({ state }) => state !== 'preparing',
  );
  expect(ended).toMatchObject({ state: 'draft', problem: { code: 'change.overtaken' }, basis });
  expect(await kindOf('x_size')).toBe('text');
});

test('one that is being prepared can be thrown away, and one that no longer fits becomes a draft that says why', async () => {
  const first = expectOk(await toKind('x_size', 'integer'), 200).body.data;
  expect(first.state).toBe('preparing');
  const refused = await app.admin.post(path, { name: 'No number', x_size: 'much' });
  expect([refused.status, refused.body.code]).toEqual([422, 'database.kind_changing']);
  expect((await app.admin.delete(`/api/catalog/drafts/${String(first.id)}`)).status).toBe(204);
  expectOk(await app.admin.post(path, { name: 'No number', x_size: 'much' }), 201);
  await app.db.query(`update data.contacts__company set x__size = null where x__size = 'much'`);
  const kind = { type: 'entity', id: 'contacts.company', op: 'set', at: '/properties/x_size/x-field/kind' };
  const second = expectOk(await applyChange(app.admin, [{ ...kind, value: 'integer' }]), 200).body.data;
  expect(second.state).toBe('preparing');
  // Somebody takes the field away meanwhile; what was prepared for has no place.
  const gone = { type: 'entity', id: 'contacts.company', op: 'unset', at: '/properties/x_size' };
  expectOk(await applyChange(app.admin, [gone]), 200);
  const ended = await until(
    () => stateOf(String(second.id)),
    ({ state }) => state !== 'preparing',
  );
  expect(ended).toMatchObject({ state: 'draft', problem: { code: 'change.refused' } });
  const left = await app.db.query(
    `select tgname from pg_trigger where not tgisinternal and tgname like '%convert%' union all select key from trellis.storage_task where kind = 'convert-column'`,
  );
  expect(left).toEqual([]);
});
