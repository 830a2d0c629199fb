import {
  formatBytes,
  formatDate,
  formatDateTime,
  formatTime,
  formatMoney,
  formatNumber,
  formatPercent,
  formatRelative,
} from './format.js';

const env = { locale: 'en', zone: 'Europe/Berlin', currency: 'EUR' };
const now = new Date('2026-03-10T12:00:00.000Z');

it('fixes the places of a scaled number', () =>
  expect([
    formatNumber(1234.5, env, 2),
    formatNumber(1234.5, env),
    formatNumber('9007199254740993123', env) !== '',
    formatNumber(null, env),
  ]).toEqual(['1,234.50', '1,234.5', true, '']));
it('shows money in its own currency, whole amounts without cents', () =>
  expect([formatMoney(1200, 'CNY', env), formatMoney(1200.5, null, env)]).toEqual(['CN¥1,200', '€1,200.50']));
it('counts percent from 0 to 100', () => expect(formatPercent(12.5, env)).toBe('12.5%'));
it('keeps a date on its day in every zone', () =>
  expect(formatDate('2026-03-01', { ...env, zone: 'Pacific/Honolulu' })).toBe('Mar 1, 2026'));
it('shows an instant in the zone of the reader', () =>
  expect([
    formatDateTime('2026-03-01T23:30:00.000Z', env),
    formatTime('2026-03-01T23:30:00.000Z', env).replace(/\s/, ' '),
  ]).toEqual(['Mar 2, 2026, 12:30 AM', '12:30 AM']));
it.each([
  ['2026-03-10T11:59:50.000Z', 'now'],
  ['2026-03-10T11:30:00.000Z', '30 minutes ago'],
  ['2026-03-10T15:00:00.000Z', 'in 3 hours'],
  ['2026-03-09T12:00:00.000Z', 'yesterday'],
  ['2026-01-01T00:00:00.000Z', 'Jan 1, 2026'],
])('%s reads as %s', (at, text) => expect(formatRelative(at, env, now)).toBe(text));
it('takes the unit that keeps a size readable', () =>
  expect([formatBytes(5, env), formatBytes(1_400_000, env)]).toEqual(['5 bytes', '1.4 MB']));
