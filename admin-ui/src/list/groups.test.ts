import type { RecordData } from '../api/index.js';
import type { CatalogField } from '../meta/index.js';
import { canGroupBy, groupKey, groupSort, linesOf, withoutGroups } from './groups.js';

const field = (key: string, more: Partial<CatalogField>) =>
  ({ key, title: key, kind: 'text', exprType: 'text', groupable: true, sortable: true, ...more }) as CatalogField;
const status = field('status', { kind: 'choice', options: [{ value: 'new', title: 'New' }] });
const company = field('company', { kind: 'link', exprType: 'record' });
const day = field('day', { kind: 'date', exprType: 'date' });
const at = field('at', { kind: 'dateTime', exprType: 'dateTime' });
const flag = field('flag', { kind: 'boolean', exprType: 'boolean' });
const rows = ['new', 'new', 'won', null].map((value, index) => ({ id: String(index), status: value }) as RecordData);

describe('groups of a list', () => {
  it('are offered by choices, yes or no, dates and links, not by plain texts, numbers or what cannot be sorted', () => {
    expect([status, company, day, at, flag].map(canGroupBy)).toEqual([true, true, true, true, true]);
    expect(canGroupBy(field('name', {}))).toBe(false);
    expect(canGroupBy(field('size', { exprType: 'number' }))).toBe(false);
    expect(canGroupBy({ ...status, sortable: false })).toBe(false);
    expect(canGroupBy(field('id', { exprType: 'record' }))).toBe(false);
    expect(canGroupBy(field('deletedAt', { exprType: 'dateTime' }))).toBe(false);
  });

  it('come first in the sort, in the direction it has already; of what happened the newest; links kept apart by id', () => {
    expect(groupSort(status, ['name', '-status'])).toEqual(['-status', 'name']);
    expect(groupSort(day, ['name'])).toEqual(['day', 'name']);
    expect(groupSort({ ...at, system: true }, ['name'])).toEqual(['-at', 'name']);
    expect(groupSort(company, ['-createdAt'])).toEqual(['company', 'company.id', '-createdAt']);
  });

  it('take instants in the month of the zone, and buckets of the server as they are', () => {
    expect(groupKey(at, '2026-02-28T23:30:00.000Z', 'UTC')).toBe('2026-02');
    expect(groupKey(at, '2026-02-28T23:30:00.000Z', 'Asia/Shanghai')).toBe('2026-03');
    expect(groupKey(at, '2026-03-01', 'America/New_York')).toBe('2026-03');
    expect(groupKey(company, { id: 'x', title: 'X' }, 'UTC')).toBe('x');
    expect(groupKey(status, null, 'UTC')).toBe('');
  });

  it('have a header with the exact count wherever the value changes; a closed one hides its rows', () => {
    const counts = new Map([
      ['new', 7],
      ['', 1],
    ]);
    const lines = linesOf(rows, status, { zone: 'UTC', counts, isClosed: (key) => key === 'new' });
    expect(lines.map((line) => (line.kind === 'group' ? [line.group.key, line.group.count] : line.record.id))).toEqual([
      ['new', 7],
      ['won', null],
      '2',
      ['', 1],
      '3',
    ]);
    expect(lines.flatMap((line) => (line.kind === 'row' ? [line.index] : []))).toEqual([0, 1]);
  });

  it('keep their headers apart even if a group comes up twice', () => {
    const mixed = [rows[0], rows[2], rows[1]] as RecordData[];
    const lines = linesOf(mixed, status, { zone: 'UTC', counts: null, isClosed: () => false });
    expect(new Set(lines.map((line) => line.key)).size).toBe(lines.length);
  });

  it('that were passed are left out by a condition that keeps what comes after', () => {
    expect(withoutGroups(status, ['new', 'won'], false)).toBe('!(status in ["new", "won"])');
    expect(withoutGroups(status, ['', 'won'], true)).toBe('!ISBLANK(status) && !(status in ["won"])');
    expect(withoutGroups(flag, ['false'], false)).toBe('flag != false');
    expect(withoutGroups(day, ['2026-03', '2026-02'], true)).toBe("day < DATE('2026-02-01')");
    expect(withoutGroups(at, ['2026-11', '2026-12'], false)).toBe("!(at < DATETIME('2027-01-01T00:00'))");
    expect(
      withoutGroups(
        company,
        Array.from({ length: 301 }, (_, n) => `id${n}`),
        false,
      ),
    ).toBeNull();
  });
});
