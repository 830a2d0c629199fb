import type { Config } from '../base/config.js';
import { backupPlan } from './backup-plan.js';

const config = (backupHours: number, zone = 'UTC', databaseUrl: string | null = null) =>
  ({ backupHours, databaseUrl, workspace: { zone } }) as Pick<Config, 'databaseUrl' | 'backupHours' | 'workspace'>;
const now = new Date('2026-03-10T07:20:00Z');

test.each([
  [1, 'UTC', '2026-03-10T08:00:00.000Z'],
  [6, 'UTC', '2026-03-10T12:00:00.000Z'],
  [24, 'UTC', '2026-03-11T03:00:00.000Z'],
  [24, 'Asia/Kolkata', '2026-03-10T21:30:00.000Z'],
  [72, 'UTC', '2026-03-13T03:00:00.000Z'],
  [8760, 'UTC', '2026-03-29T03:00:00.000Z'],
])('every %i hours in %s: the next at %s', (hours, zone, next) => {
  expect(backupPlan(config(hours, zone), now)).toEqual({ everyHours: hours, next, reason: null });
});

test('says why there is none', () => {
  expect(backupPlan(config(0), now)).toEqual({ everyHours: null, next: null, reason: 'off' });
  expect(backupPlan(config(24, 'UTC', 'postgres://x'), now)).toEqual({
    everyHours: null,
    next: null,
    reason: 'external-database',
  });
});
