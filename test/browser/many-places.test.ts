import { expectOk } from '../support/client.js';
import { applyChange, companyField, type StudioOperation } from '../support/studio.js';
import { keysShown } from './support/audit.js';
import { useStage } from './support/stage.js';
import { see } from './support/wait.js';

const scene = useStage();
const views: readonly StudioOperation[] = [
  companyField('x_place', 'geo'),
  companyField('x_due', 'date'),
  ...(['map', 'calendar'] as const).map((type) => ({
    type: 'view',
    id: `x.many-${type}`,
    op: 'set',
    at: '',
    value: {
      entity: 'contacts.company',
      title: `Many on a ${type}`,
      type,
      columns: [{ field: 'name' }],
      filter: "CONTAINS(name, 'Many')",
      [type]: type === 'map' ? { location: 'x_place' } : { start: 'x_due' },
    },
  })),
];

scene(
  'a map and a calendar say when they are empty and why, and how many of all they show',
  {},
  async ({ page, app, open }) => {
    expectOk(await applyChange(app.admin, views), 200);
    // In the middle of a month: at its end another one would be shown, by the zone.
    await page.clock.setFixedTime('2026-06-15T12:00:00Z');
    const [map, calendar] = ['map', 'calendar'].map((type) => `/records/contacts.company?view=x.many-${type}`);
    await open(map);
    await see(page.getByRole('heading', { name: 'No Companies here' }));
    await open(calendar);
    await see(page.getByText('No Companies in this period. Those without “x_due” are not on the calendar.'));

    await app.db.query(
      `insert into data.contacts__company (id, name) select gen_random_uuid(), 'Many ' || i from generate_series(1, 620) i`,
    );
    await open(map);
    await see(page.getByRole('heading', { name: 'None of these Companies has a position' }));
    await see(page.getByText('620 records would be here. Fill in “x_place” to see them on the map.'));

    // One by the API tells what a place and a day look like in the table; the others get the same.
    const { body } = await app.admin.get('/api/records/contacts.company?q=Many&limit=1&fields=id');
    expectOk(
      await app.admin.patch(`/api/records/contacts.company/${String(body.data[0].id)}`, {
        x_place: { latitude: 52.5, longitude: 13.4 },
        x_due: '2026-06-15',
      }),
      200,
    );
    const columns = await app.db.query<{ name: string }>(
      `select column_name as name from information_schema.columns where table_schema = 'data' and table_name = 'contacts__company' and (column_name like 'x\\_\\_place%' or column_name like 'x\\_\\_due%')`,
    );
    const set = columns.map(({ name }) => `"${name}" = s."${name}"`).join(', ');
    await app.db.query(
      `update data.contacts__company c set ${set} from data.contacts__company s where s.id = $1 and c.name like 'Many%' and c.name < 'Many 610'`,
      [body.data[0].id],
    );
    const [{ placed }] = await app.db.query<{ placed: number }>(
      `select count(x__due)::int as placed from data.contacts__company where name like 'Many%'`,
    );
    expect(placed).toBeGreaterThan(500);
    await open(map);
    await see(page.getByText(`The first 500 of ${placed} places are shown.`));
    await see(page.getByText(`${620 - placed} records have no known position.`));
    await open(calendar);
    await see(page.getByText(`The first 500 of ${placed} records of this period are shown.`));
    expect(await keysShown(page)).toEqual([]);
  },
  120_000,
);
