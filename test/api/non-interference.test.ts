import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';
import { linesOf, verifyApp } from '../support/verify.js';

// A sample of the suite; all actors, and each check taken out in turn, in test/soak/non-interference.test.ts.
const fixtures = ['vault', 'computed'].map((name) => join(import.meta.dirname, '../fixtures', name));

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ plugins: fixtures });
});
afterAll(() => app?.stop());

test('what a sample of roles hides changes no answer on any surface', async () => {
  const report = await verifyApp(app, {
    entities: ['vault.item', 'shop.order', 'shop.orderLine', 'contacts.contact', 'contacts.company'],
    roles: ['vault.keeper', 'core.member'],
    only: [
      'without vault.item.cipher',
      'without shop.order.amount',
      'own shop.orderLine',
      'masked contacts.contact',
      'partly contacts.company',
      'shared vault.item',
      'vault.keeper on vault.item',
    ],
  });
  expect(linesOf(report)).toEqual([]);
  expect([report.actors, report.compared > 900, report.surfaces.length > 30]).toEqual([7, true, true]);
  expect(report.notes.filter((note) => note.includes('could be made'))).toEqual([]);
}, 1_200_000);
