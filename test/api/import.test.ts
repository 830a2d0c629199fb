import { startApp, type TestApp } from '../support/app.js';
import { createImport, finished, listAll, runImport, undoImport } from '../support/imports.js';

const entity = 'contacts.company';
let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app?.stop());

describe('a new import', () => {
  it('answers columns, guessed mapping, total and a preview with problems', async () => {
    const made = await createImport(app.admin, {
      entity,
      content: 'Company Name,Employees,Webseite,Industry\nAcme,12,x,Finance\nInitech,many,y,Juggling\n',
    });
    expect(made).toMatchObject({
      status: 'ready',
      total: 2,
      columns: ['Company Name', 'Employees', 'Webseite', 'Industry'],
    });
    expect(made.mapping.map((entry) => [entry.column, entry.field])).toEqual([
      ['Company Name', 'name'],
      ['Employees', 'employees'],
      ['Webseite', null],
      ['Industry', 'industry'],
    ]);
    expect(made.preview).toMatchObject([
      { row: 1, values: { name: 'Acme', employees: 12, industry: 'finance' }, problems: [] },
      {
        row: 2,
        problems: [
          { column: 'Employees', severity: 'error' },
          { column: 'Industry', severity: 'warning' },
        ],
      },
    ]);
  });

  it('can be mapped again before it starts', async () => {
    const made = await createImport(app.admin, { entity, content: 'A,B\nx,y\n' });
    const mapped = await app.admin.patch(`/api/imports/${String(made.id)}`, {
      mapping: [{ column: 'B', field: 'name' }],
    });
    expect(mapped.body.data).toMatchObject({ preview: [{ values: { name: 'y' } }] });
  });

  it('is guessed anew where the file is read another way', async () => {
    const made = await createImport(app.admin, {
      entity,
      content: 'name|employees\nx|3\n',
      options: { delimiter: ',' },
    });
    expect(made.columns.map(String)).toEqual(['name|employees']);
    const read = await app.admin.patch(`/api/imports/${String(made.id)}`, {
      mapping: made.mapping,
      options: { delimiter: '|' },
    });
    expect(read.body.data).toMatchObject({
      columns: ['name', 'employees'],
      preview: [{ values: { name: 'x', employees: 3 } }],
    });
  });

  it('says which required field no column fills', async () => {
    const made = await createImport(app.admin, { entity, content: 'Employees\n5\n' });
    expect(made.problems).toMatchObject([{ code: 'import.required_unmapped', field: 'name' }]);
  });

  it.each([
    [{ mapping: [{ column: 'Nmae', field: 'name' }] }, 'import.unknown_column'],
    [{ mapping: [{ column: 'Name', field: 'nmae' }] }, 'import.unknown_field'],
    [{ mode: 'insert' }, 'import.bad_option'],
    [{ encoding: 'ebcdic-9' }, 'import.encoding_unknown'],
  ])('refuses options %j', async (options, code) => {
    const answer = await app.admin.upload('/api/imports', {
      content: 'Name\nx\n',
      fileName: 'a.csv',
      fields: { entity, options: JSON.stringify(options) },
    });
    expect([answer.status, String(answer.body.code)]).toEqual([422, code]);
  });

  it('needs the permission to import', async () => {
    const member = await app.member();
    const answer = await member.upload('/api/imports', { content: 'Name\nx\n', fileName: 'a.csv', fields: { entity } });
    expect([answer.status, String(answer.body.code)]).toEqual([403, 'access.denied']);
  });

  it('exists only for who made it', async () => {
    const made = await createImport(app.admin, { entity, content: 'Name\nx\n' });
    const other = await app.member({ roles: ['core.administrator'] });
    expect((await other.get(`/api/imports/${String(made.id)}`)).status).toBe(404);
    expect((await other.post(`/api/imports/${String(made.id)}/start`)).status).toBe(404);
  });
});

describe('running', () => {
  it('writes good rows, and keeps refused ones with reasons in a file of the same columns', async () => {
    const state = await runImport(app.admin, {
      entity,
      content: 'Name,Employees,Note\nGood,1,"a, b"\n,2,=x\nBad,many,\n',
    });
    expect(state).toMatchObject({ status: 'done', total: 3, done: 3, created: 1, refused: 2 });
    const file = await app.admin.get(`/api/imports/${String(state.id)}/refused`);
    const lines = file.text.replace('\ufeff', '').split('\r\n');
    expect(lines[0]).toBe('Name,Employees,Note,row,reasons');
    expect(lines[1]).toMatch(/^,2,'=x,2,.*[Nn]ame/);
    expect(lines[2]).toMatch(/^Bad,many,,3,.*not a number/);
  });

  it('counts a cell as left empty only where its row was written', async () => {
    const state = await runImport(app.admin, {
      entity,
      content: 'Name,Employees,Industry\nRich,1,Finance\nPoorer,1,Juggling\nNowhere,many,Juggling\n',
    });
    expect(state).toMatchObject({ created: 2, refused: 1, warnings: { 'field.choice': 1 } });
  });

  it('updates by key, and counts what stays as it is', async () => {
    await runImport(app.admin, { entity, content: 'externalId,name,employees\nu1,One,1\nu2,Two,2\n' });
    const again = await runImport(app.admin, {
      entity,
      content: 'externalId,name,employees\nu1,One,1\nu2,Two,22\nu3,Three,3\n',
    });
    expect(again).toMatchObject({ created: 1, updated: 1, unchanged: 1 });
    const found = await app.admin.get(`/api/records/${entity}?filter=${encodeURIComponent('externalId == "u2"')}`);
    expect(found.body.data).toMatchObject([{ employees: 22, version: 2 }]);

    expect(await undoImport(app.admin, String(again.id))).toMatchObject({ status: 'undone', kept: {} });
    const back = await app.admin.get(
      `/api/records/${entity}?filter=${encodeURIComponent('externalId in ["u1","u2","u3"]')}&sort=externalId`,
    );
    expect(back.body.data.map((record) => [record.externalId, record.employees])).toEqual([
      ['u1', 1],
      ['u2', 2],
    ]);
  });

  it('takes the last row where a key stands twice in a file', async () => {
    expect(
      await runImport(app.admin, { entity, content: 'externalId,name\ntwice,First\ntwice,Second\n' }),
    ).toMatchObject({ created: 1, updated: 1 });
    const found = await app.admin.get(`/api/records/${entity}?filter=${encodeURIComponent('externalId == "twice"')}`);
    expect(found.body.data).toMatchObject([{ name: 'Second' }]);
  });

  it('links rows of one file to each other, whichever comes first', async () => {
    const state = await runImport(app.admin, {
      entity,
      content: 'Id,Name,ParentId\nchild-1,Child,parent-1\nparent-1,Parent,\n',
    });
    expect(state).toMatchObject({ created: 2, pendingLinks: 0 });
    const found = await app.admin.get(`/api/records/${entity}?filter=${encodeURIComponent('externalId == "child-1"')}`);
    expect(found.body.data).toMatchObject([{ parent: { title: 'Parent' } }]);
    expect(await undoImport(app.admin, String(state.id))).toMatchObject({ kept: {} });
  });

  it('gives unknown owners to the chosen user', async () => {
    const member = await app.member({ name: 'Olga' });
    await runImport(app.admin, {
      entity,
      content: 'externalId,name,OwnerId\nowned,Owned,005Ec000004o8yHIAQ\n',
      options: { ownerId: member.id },
    });
    const found = await app.admin.get(`/api/records/${entity}?filter=${encodeURIComponent('externalId == "owned"')}`);
    expect(found.body.data).toMatchObject([{ ownerId: { id: member.id, title: 'Olga' } }]);
  });

  it('lets two imports of the same keys run at once, with no record twice', async () => {
    const content = ['externalId,name', ...Array.from({ length: 3000 }, (_, n) => `both-${n},Both ${n}`)].join('\n');
    const states = await Promise.all([1, 2].map(() => runImport(app.admin, { entity, content })));
    const sum = (key: string) => states.reduce((total, state) => total + Number(state[key]), 0);
    expect(states.map((state) => state.status)).toEqual(['done', 'done']);
    expect([sum('created'), sum('refused')]).toEqual([3000, 0]);
    const found = await app.admin.get(
      `/api/records/${entity}?filter=${encodeURIComponent('externalId.startsWith("both-")')}&count=exact&limit=1`,
    );
    expect(found.body.page.count).toBe(3000);
  });

  it('stops when cancelled, and goes on when resumed', async () => {
    const content = ['externalId,name', ...Array.from({ length: 20_000 }, (_, n) => `c-${n},Cancelled ${n}`)].join(
      '\n',
    );
    const made = await createImport(app.admin, { entity, content });
    const id = String(made.id);
    await app.admin.post(`/api/imports/${id}/start`);
    expect((await app.admin.post(`/api/imports/${id}/start`)).status).toBe(409);
    expect((await app.admin.post(`/api/imports/${id}/cancel`)).body.data.status).toBe('cancelled');
    const stopped = await finished(app.admin, id);
    expect(Number(stopped.done)).toBeLessThan(20_000);
    expect((await app.admin.post(`/api/imports/${id}/resume`)).status).toBe(202);
    expect(await finished(app.admin, id)).toMatchObject({ status: 'done', done: 20_000, created: 20_000, refused: 0 });
    expect(await undoImport(app.admin, id)).toMatchObject({ status: 'undone', kept: {} });
    const left = await app.admin.get(
      `/api/records/${entity}?filter=${encodeURIComponent('externalId.startsWith("c-")')}&count=exact&limit=1`,
    );
    expect(left.body.page.count).toBe(0);
  });

  it('keeps on undo what others refer to', async () => {
    const state = await runImport(app.admin, { entity, content: 'externalId,name\nheld,Held\nfree,Free\n' });
    const [held] = await listAll(app.admin, entity, `&filter=${encodeURIComponent('externalId == "held"')}`);
    const contact = await app.admin.post('/api/records/contacts.contact', {
      lastName: 'Holder',
      company: String(held.id),
    });
    expect(contact.status).toBe(201);
    expect(await undoImport(app.admin, String(state.id))).toMatchObject({ status: 'undone', kept: { referenced: 1 } });
    expect(
      (await listAll(app.admin, entity, `&filter=${encodeURIComponent('externalId in ["held","free"]')}`)).map(
        (record) => record.name,
      ),
    ).toEqual(['Held']);
  });
});

describe('files as they come', () => {
  const names = async (content: string | Uint8Array, fileName = 'a.csv', options = {}) => {
    const state = await runImport(app.admin, { entity, content, fileName, options });
    const records = await app.db.query<{ name: string }>(
      'select c.name from trellis.import_row r join data.contacts__company c on c.id = r.record_id where r.import_id = $1 order by r.row',
      [String(state.id)],
    );
    return records.map((record) => record.name);
  };

  it('reads GB18030, semicolons, and JSON lines', async () => {
    expect(
      await names(
        Uint8Array.from([0x6e, 0x61, 0x6d, 0x65, 0x0a, 0xc9, 0xcf, 0xba, 0xa3, 0xb9, 0xab, 0xcb, 0xbe, 0x0a]),
      ),
    ).toEqual(['上海公司']);
    expect(await names('name;employees\r\nSemi;3\r\n')).toEqual(['Semi']);
    expect(await names('{"name":"Line","employees":4,"tags":["a"]}\n', 'a.ndjson')).toEqual(['Line']);
  });

  it('refuses ragged rows one by one', async () => {
    expect(await runImport(app.admin, { entity, content: 'name,employees\nLeft\nRight,1\n' })).toMatchObject({
      created: 1,
      refused: 1,
    });
  });
});
