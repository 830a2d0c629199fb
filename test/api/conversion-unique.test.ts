import { startApp, type TestApp } from '../support/app.js';
import { expectOk } from '../support/client.js';
import { applyChange, companyField } from '../support/studio.js';

/** While a unique field is copied into another kind, two indexes watch; what either refuses names the field. */
let app: TestApp;
const path = '/api/records/contacts.company';

beforeAll(async () => {
  app = await startApp();
  expectOk(await applyChange(app.admin, [companyField('x_no', 'text', { unique: true })]));
  expectOk(await app.admin.post(path, { name: 'a', x_no: '7' }), 201);
  // What `prepareSteps` makes of a large table, held in the moment between the copy and the switch.
  for (const text of [
    `alter table data.contacts__company add column "x__no$0a1b2c3d" bigint`,
    `update data.contacts__company set "x__no$0a1b2c3d" = "x__no"::numeric::bigint`,
    `create unique index "contacts__company$to$0a1b2c3d" on data.contacts__company ("x__no$0a1b2c3d") where deleted_at is null`,
    `create function data."contacts__company$convert$x__no"() returns trigger language plpgsql as $$ begin new."x__no$0a1b2c3d" := new."x__no"::numeric::bigint; return new; end $$`,
    `create trigger "contacts__company$convert$x__no" before insert or update of "x__no" on data.contacts__company for each row execute function data."contacts__company$convert$x__no"()`,
  ])
    await app.db.query(text);
  const payload = {
    table: 'contacts__company',
    column: 'x__no',
    copy: 'x__no$0a1b2c3d',
    value: '("x__no")::numeric::bigint',
  };
  await app.db.query(
    `insert into trellis.storage_task (key, kind, entity, hash, payload, state) values ('convert:contacts__company.x__no', 'convert-column', 'contacts.company', '0a1b2c3d', $1::jsonb, 'done')`,
    [JSON.stringify(payload)],
  );
}, 120_000);
afterAll(() => app.stop());

const taken = [{ path: 'x_no', code: 'field.unique', params: { field: 'x_no' } }];

test('a new record that is equal only as the new kind is refused by the field, whatever else is unique', async () => {
  const refused = await app.admin.post(path, { name: 'b', externalId: 'e1', x_no: '7.0' });
  expect([refused.status, refused.body.issues]).toMatchObject([409, taken]);
  expect(refused.text).not.toContain('$');
});

test('a change to such a value too', async () => {
  const made = expectOk(await app.admin.post(path, { name: 'c', x_no: '8' }), 201).body.data;
  const refused = await app.admin.patch(`${path}/${String(made.id)}`, { x_no: '07', externalId: 'e2' });
  expect([refused.status, refused.body.issues]).toMatchObject([409, taken]);
});

test('in bulk each row is told by itself', async () => {
  const rows = [
    { name: 'd', x_no: '9' },
    { name: 'e', x_no: '7.00', externalId: 'e3' },
    { name: 'f', x_no: '10' },
  ];
  const { body } = expectOk(await app.admin.post(`${path}/bulk?mode=create`, rows), 200, 207);
  const results = body.data as unknown as { issues?: unknown[] }[];
  expect(results.map((each) => each.issues ?? null)).toMatchObject([null, taken, null]);
});

test('what is equal as it stands is refused as ever', async () => {
  const refused = await app.admin.post(path, { name: 'g', x_no: '7' });
  expect([refused.status, refused.body.issues]).toMatchObject([409, taken]);
});
