import { resolve } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Loose } from '../support/client.js';
import { runImport, undoImport } from '../support/imports.js';

/** Lines come as records of their own entity, a row a line, under the key of their parent: as docs/administrator.md says. */
let app: TestApp;

beforeAll(async () => {
  app = await startApp({ plugins: [resolve('test/fixtures/computed')] });
}, 120_000);
afterAll(() => app.stop());

async function orderOf(externalId: string): Promise<Loose> {
  const filter = encodeURIComponent(`externalId == '${externalId}'`);
  const [found] = expectOk(await app.admin.get(`/api/records/shop.order?filter=${filter}`)).body
    .data as unknown as Loose[];
  return expectOk(await app.admin.get(`/api/records/shop.order/${String(found.id)}`)).body.data;
}
const linesOf = async (externalId: string): Promise<unknown[]> =>
  ((await orderOf(externalId)).lines as unknown as Loose[]).map(({ name, quantity, position }) => [
    name,
    quantity,
    position,
  ]);

const orders = 'externalId,name,gift\nO1,First,x\nO2,Second,x';
const lines = [
  'externalId,order,name,quantity,price,position',
  'L1,O1,pen,2,10,2',
  'L2,O2,ink,1,5,1',
  'L3,O1,cap,3,1,1',
].join('\n');
const mapping = ['externalId', 'name', 'quantity', 'price', 'position'].map((field) => ({ column: field, field }));
const options = {
  key: 'externalId',
  mode: 'upsert',
  mapping: [...mapping, { column: 'order', field: 'order', matchBy: 'externalId' }],
};
const importLines = (content: string) => runImport(app.admin, { entity: 'shop.orderLine', content, options });

test('a row a line, found by the key of its parent, in the order of its position; sums follow', async () => {
  await runImport(app.admin, { entity: 'shop.order', content: orders, options: { key: 'externalId', mode: 'upsert' } });
  expect(await importLines(lines)).toMatchObject({ status: 'done', created: 3, refused: 0 });
  expect(await linesOf('O1')).toEqual([
    ['cap', 3, 1],
    ['pen', 2, 2],
  ]);
  expect(await orderOf('O1')).toMatchObject({ lineCount: 2 });
});

test('the same file again changes lines instead of doubling them', async () => {
  expect(await importLines(lines.replace('pen,2', 'pen,7'))).toMatchObject({ created: 0, updated: 1 });
  expect(await linesOf('O1')).toEqual([
    ['cap', 3, 1],
    ['pen', 7, 2],
  ]);
});

test('lines before their records wait for them, and undo takes them back', async () => {
  const early = await importLines('externalId,order,name,quantity,price,position\nL9,O9,late,1,1,1');
  expect(early).toMatchObject({ status: 'done', created: 1 });
  await runImport(app.admin, {
    entity: 'shop.order',
    content: 'externalId,name,gift\nO9,Ninth,x',
    options: { key: 'externalId', mode: 'upsert' },
  });
  expect(await linesOf('O9')).toEqual([['late', 1, 1]]);
  expect(await undoImport(app.admin, String(early.id))).toMatchObject({ status: 'undone' });
  expect(await linesOf('O9')).toEqual([]);
});
