import { startApp, type TestApp } from '../support/app.js';
import { expectOk } from '../support/client.js';
import { listAll, runImport } from '../support/imports.js';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ seed: 'demo' });
});
afterAll(() => app?.stop());

describe('export', () => {
  it.each(['contacts.company', 'contacts.contact', 'contacts.activity'])(
    'of %s as CSV comes back without changing anything',
    async (entity) => {
      const before = await listAll(app.admin, entity);
      expect(before.length).toBeGreaterThan(3);
      const csv = expectOk(await app.admin.get(`/api/records/${entity}/export?format=csv`));
      expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
      expect(csv.headers.get('content-disposition')).toMatch(/attachment; filename/);
      const state = await runImport(app.admin, { entity, content: csv.text });
      expect(state).toMatchObject({
        status: 'done',
        total: before.length,
        unchanged: before.length,
        created: 0,
        updated: 0,
        refused: 0,
        warnings: {},
      });
      expect(await listAll(app.admin, entity)).toEqual(before);
    },
  );

  it('as JSON lines comes back without changing anything', async () => {
    const lines = expectOk(await app.admin.get('/api/records/contacts.contact/export?format=ndjson')).text;
    const state = await runImport(app.admin, {
      entity: 'contacts.contact',
      content: lines,
      fileName: 'contacts.ndjson',
    });
    expect(state).toMatchObject({ created: 0, updated: 0, refused: 0 });
  });

  it('as a workbook comes back without changing anything', async () => {
    const response = await fetch(`${app.url}/api/records/contacts.company/export?format=xlsx`, {
      headers: { authorization: await bearer() },
    });
    const content = new Uint8Array(await response.arrayBuffer());
    expect(response.status).toBe(200);
    const state = await runImport(app.admin, { entity: 'contacts.company', content, fileName: 'companies.xlsx' });
    expect(state).toMatchObject({ created: 0, updated: 0, refused: 0 });
  });

  it('holds what the list shows: filter, fields, order', async () => {
    const filter = encodeURIComponent('!ISBLANK(company)');
    const listed = await listAll(app.admin, 'contacts.contact', `&filter=${filter}`);
    const csv = expectOk(
      await app.admin.get(
        `/api/records/contacts.contact/export?format=csv&filter=${filter}&sort=createdAt&fields=lastName,company`,
      ),
    ).text;
    const [header, ...rows] = csv.replace('\ufeff', '').trimEnd().split('\r\n');
    expect(header).toBe('id,lastName,company,company.title');
    expect(rows).toHaveLength(listed.length);
  });

  it('is complete past one chunk', async () => {
    const rows = Array.from({ length: 1203 }, (_, n) => ({ name: `Chunk ${n}` }));
    expectOk(await app.admin.post('/api/records/contacts.company/bulk?mode=create', rows));
    const csv = expectOk(
      await app.admin.get(
        `/api/records/contacts.company/export?fields=name&filter=${encodeURIComponent('name.startsWith("Chunk ")')}`,
      ),
    ).text;
    const names = csv
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(',')[1]);
    expect(new Set(names).size).toBe(1203);
  });

  it('shows a member its own records and fields only', async () => {
    const member = await app.member();
    expectOk(await member.post('/api/records/contacts.contact', { lastName: 'Own' }), 201);
    const csv = expectOk(await member.get('/api/records/contacts.contact/export'))
      .text.replace('\ufeff', '')
      .trimEnd()
      .split('\r\n');
    expect(csv).toHaveLength(2);
    expect(csv[0].split(',')).not.toContain('annualIncome');
    expect((await member.get('/api/records/contacts.contact/export?fields=annualIncome')).status).toBe(422);
  });

  it('is refused with its own words for a bad query', async () => {
    expect((await app.admin.get('/api/records/contacts.company/export?filter=nonsense')).status).toBe(422);
    expect((await app.admin.get('/api/records/contacts.company/export?format=pdf')).status).toBe(422);
  });

  it('is audited', async () => {
    const entries = await app.db.query<{ n: string }>(
      `select count(*) as n from trellis.audit_entry where kind = 'records.exported'`,
    );
    expect(Number(entries[0].n)).toBeGreaterThan(3);
  });

  async function bearer(): Promise<string> {
    const session = await fetch(`${app.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'admin@example.com', password: 'a-long-enough-password' }),
    });
    const cookie = (session.headers.get('set-cookie') ?? '').split(';')[0];
    const key = await fetch(`${app.url}/api/api-keys`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify({ name: 'x' }),
    });
    return `Bearer ${((await key.json()) as { data: { key: string } }).data.key}`;
  }
});
