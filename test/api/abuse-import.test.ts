import iconv from 'iconv-lite';
import { startApp, type TestApp } from '../support/app.js';
import { listAll, runImport } from '../support/imports.js';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app?.stop());

const entity = 'contacts.company';
const text = 'externalId,name,description\nK,华为技术有限公司,"总部设在中国广东省深圳市, ""quoted""\r\nsecond line"\n';

test.each([
  ['utf-8', false],
  ['utf-8', true],
  ['utf-16le', true],
  ['utf-16be', true],
  ['utf-16le', false],
  ['gb18030', false],
])('a file in %s (mark: %s) is read without being told', async (encoding, addBOM) => {
  const key = `${encoding}-${String(addBOM)}`;
  const content = iconv.encode(text.replace('K,', `${key},`), encoding, { addBOM });
  expect(await runImport(app.admin, { entity, content })).toMatchObject({ status: 'done', created: 1, refused: 0 });
  const found = (await listAll(app.admin, entity)).find((row) => String(row.externalId) === key);
  expect(found).toMatchObject({
    name: '华为技术有限公司',
    description: '总部设在中国广东省深圳市, "quoted"\r\nsecond line',
  });
});

test('empty and repeated headers, ragged rows and open quotes are told, and never a fault', async () => {
  for (const content of [
    'name,,name\nA,b,C\n',
    'name,description\nonly\nB,two,three\n',
    'name\n"never closed\n',
    'name\n\n\n',
    'name',
    '\n\n',
    '',
    '\u0000\u0001\u0002',
    `name\n${'x'.repeat(300_000)}\n`,
    `${Array.from({ length: 5_000 }, (_, n) => `c${n}`).join(',')}\n1\n`,
  ]) {
    const answer = await app.admin.upload('/api/imports', { content, fileName: 'x.csv', fields: { entity } });
    expect(answer.status).toBeLessThan(500);
    if (answer.status !== 201) expect(answer.headers.get('content-type')).toContain('application/problem+json');
  }
});

test('a number past 2^53 and a date that is none refuse their rows by field', async () => {
  const done = await runImport(app.admin, {
    entity: 'contacts.contact',
    content: 'lastName,annualIncome,birthdate\nA,1e999,\nB,,0000-00-00\nC,12345678901234567890,\nD,5,2024-02-29\n',
  });
  expect(done).toMatchObject({ status: 'done', created: 1, refused: 3 });
});
