import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';
import type { Loose } from '../support/client.js';
import { listAll, runImport, undoImport } from '../support/imports.js';

const folder = join(process.cwd(), '../shared/data/salesforce-export/data');
const describeWithData = existsSync(folder) ? describe : describe.skip;

/** A firm moves from Salesforce: accounts, then contacts, then tasks, and changes its mind about the last. */
describeWithData('moving from Salesforce', () => {
  let app: TestApp;
  const imports: Record<string, Loose> = {};
  const load = async (file: string, entity: string): Promise<Loose> =>
    (imports[file] = await runImport(app.admin, {
      entity,
      content: { path: join(folder, `${file}.csv`) },
      fileName: `${file}.csv`,
    }));
  const all = (entity: string): Promise<Loose[]> => listAll(app.admin, entity);

  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app?.stop());

  it('takes all accounts, with their addresses, owners that exist in no file, and when they were made', async () => {
    expect(await load('Account', 'contacts.company')).toMatchObject({
      status: 'done',
      total: 22,
      done: 22,
      created: 22,
      refused: 0,
    });
    const companies = await all('contacts.company');
    const one = companies.find((company) => String(company.externalId) === '001Ec00000GGw3hIAD');
    expect(one).toMatchObject({
      name: 'Walker Henson and Compton',
      billingAddress: {
        street: '757 William Pass Apt. 782',
        city: 'Katherinemouth',
        region: 'ID',
        postalCode: '74929',
        country: 'US',
      },
      phone: '+13456588094',
      website: 'https://www.WalkerHensonandCompton.com',
      industry: 'finance',
      annualRevenue: 6759560,
      employees: 577,
      createdAt: '2024-01-22T14:49:34.000Z',
      updatedAt: '2024-01-22T15:17:54.000Z',
      ownerId: { title: 'Administrator' },
    });
  });

  it('links contacts to their accounts by the ids of the export', async () => {
    expect(await load('Contact', 'contacts.contact')).toMatchObject({
      status: 'done',
      total: 102,
      created: 102,
      refused: 0,
      pendingLinks: 0,
    });
    const contacts = await all('contacts.contact');
    expect(contacts.filter((contact) => contact.company !== null)).toHaveLength(18);
    expect(contacts.find((contact) => String(contact.externalId) === '003Ec00000Cz30UIAR')).toMatchObject({
      fullName: 'Ashley Brock',
      salutation: 'mrs',
      company: { title: 'Walker Henson and Compton' },
      email: 'ashley.brock@example.com',
      birthdate: '1982-10-01',
      mailingAddress: { city: 'East Aaron', country: 'US' },
    });
  });

  it('keeps references of tasks to leads that are not there yet', async () => {
    expect(await load('Task', 'contacts.activity')).toMatchObject({
      status: 'done',
      total: 75,
      created: 75,
      refused: 0,
      pendingLinks: 15,
    });
    const tasks = await all('contacts.activity');
    expect(tasks.filter((task) => task.who !== null)).toHaveLength(60);
    expect(tasks.filter((task) => task.regarding !== null)).toHaveLength(30);
    expect(tasks.find((task) => String(task.externalId) === '00TEc00000Co1WhMAJ')).toMatchObject({
      subject: 'Customer Onboarding',
      dueDate: '2023-12-25',
      status: 'notStarted',
      priority: 'normal',
      who: { entity: 'contacts.contact' },
    });
  });

  it('resolves a kept reference when its record comes by another file', async () => {
    const [waiting] = await app.db.query<{ value: string; record_id: string }>(
      'select value, min(record_id::text) as record_id from trellis.import_pending_link where resolved_at is null group by value having count(*) = 1 order by value limit 1',
    );
    const late = await runImport(app.admin, {
      entity: 'contacts.contact',
      content: `Id,LastName\n${waiting.value},Latecomer\n`,
    });
    expect(late).toMatchObject({ created: 1 });
    const task = await app.admin.get(`/api/records/contacts.activity/${waiting.record_id}`);
    expect(task.body.data.who).toMatchObject({ entity: 'contacts.contact', title: 'Latecomer' });
    expect((await app.admin.get(`/api/imports/${String(imports.Task.id)}`)).body.data.pendingLinks).toBe(14);

    expect(await undoImport(app.admin, String(late.id))).toMatchObject({ status: 'undone', kept: {} });
    expect((await app.admin.get(`/api/records/contacts.activity/${waiting.record_id}`)).body.data.who).toBeNull();
    expect((await app.admin.get(`/api/imports/${String(imports.Task.id)}`)).body.data.pendingLinks).toBe(15);
  });

  it('changes nothing when the same files come again', async () => {
    const again = await runImport(app.admin, {
      entity: 'contacts.contact',
      content: { path: join(folder, 'Contact.csv') },
      fileName: 'Contact.csv',
    });
    expect(again).toMatchObject({ created: 0, updated: 0, unchanged: 102, refused: 0 });
  });

  it('is undone in reverse, keeping what somebody has worked on since', async () => {
    const [touched] = await all('contacts.activity');
    expect(
      (await app.admin.patch(`/api/records/contacts.activity/${String(touched.id)}`, { subject: 'Called already' }))
        .status,
    ).toBe(200);
    expect(await undoImport(app.admin, String(imports.Task.id))).toMatchObject({
      status: 'undone',
      kept: { changed: 1 },
    });
    expect((await all('contacts.activity')).map((task) => task.subject)).toEqual(['Called already']);

    expect((await app.admin.delete(`/api/records/contacts.activity/${String(touched.id)}`)).status).toBe(204);
    expect((await app.admin.post(`/api/records/contacts.activity/${String(touched.id)}/purge`)).status).toBe(204);
    for (const file of ['Contact', 'Account'])
      expect(await undoImport(app.admin, String(imports[file].id))).toMatchObject({ status: 'undone', kept: {} });
    for (const entity of ['contacts.activity', 'contacts.contact', 'contacts.company']) {
      expect(await all(entity)).toEqual([]);
      expect((await app.admin.get(`/api/records/${entity}?deleted=only`)).body.data).toEqual([]);
    }
  });
});
