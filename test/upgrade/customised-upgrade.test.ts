import { randomUpgrades } from '../support/upgrade-run.js';

test('a plugin goes from 1 over 2 to 3 under local changes: nothing local is lost, every conflict is shown', async () => {
  let conflicts = 0;
  for (const seed of [20261123, 7, 4711]) conflicts += (await randomUpgrades(seed)).conflicts;
  expect(conflicts).toBeGreaterThan(0);
});
