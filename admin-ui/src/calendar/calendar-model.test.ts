import type { CatalogEntity, CatalogField } from '../meta/index.js';
import { eventOf, movedValues, rangeFilter } from './calendar-model.js';

const field = (key: string, kind: string): CatalogField => ({ key, kind, title: key }) as CatalogField;
const day = { start: field('dueDate', 'date') };
const span = { start: field('startsAt', 'dateTime'), end: field('endsAt', 'dateTime') };
const entity = { title: 'Task' } as CatalogEntity;

test('days are compared as days, instants as instants', () => {
  expect(rangeFilter(day, '2026-02-23T00:00:00Z', '2026-04-06T00:00:00Z')).toBe(
    "dueDate >= '2026-02-23' && dueDate < '2026-04-06'",
  );
  expect(rangeFilter(span, '2026-03-01T00:00:00Z', '2026-03-02T00:00:00Z')).toBe(
    "startsAt < '2026-03-02T00:00:00Z' && (startsAt >= '2026-03-01T00:00:00Z' || endsAt >= '2026-03-01T00:00:00Z')",
  );
});

test('a last day is shown, so the end handed over is the day after', () => {
  const days = { start: field('from', 'date'), end: field('to', 'date') };
  expect(eventOf({ id: '1', from: '2026-02-27', to: '2026-02-28' }, entity, days, 'Trip')).toMatchObject({
    start: '2026-02-27',
    end: '2026-03-01',
    allDay: true,
    title: 'Trip',
  });
});

test('an option colours its event; one without a colour is gray', () => {
  const status = { ...field('status', 'choice'), options: [{ value: 'done', title: 'Done', color: 'green' }] };
  const places = { ...day, color: status };
  expect(eventOf({ id: '1', dueDate: '2026-02-27', status: 'done' }, entity, places, '')?.color).toMatch(/green/);
  expect(eventOf({ id: '1', dueDate: '2026-02-27', status: null }, entity, places, '')?.color).toMatch(/gray/);
});

test('a record without a start is not on the calendar', () => {
  expect(eventOf({ id: '1', dueDate: null }, entity, day, '')).toBeNull();
});

test('a move shifts start and end alike, over the end of a month', () => {
  const record = { startsAt: '2026-02-28T09:00:00.000Z', endsAt: '2026-02-28T10:00:00.000Z' };
  expect(movedValues(record, span, { days: 1, ms: 3_600_000 })).toEqual({
    startsAt: '2026-03-01T10:00:00.000Z',
    endsAt: '2026-03-01T11:00:00.000Z',
  });
  expect(movedValues({ dueDate: '2026-02-28' }, day, { days: -1, ms: 5 })).toEqual({ dueDate: '2026-02-27' });
});
