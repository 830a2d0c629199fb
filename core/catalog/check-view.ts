import { didYouMean } from '../base/suggest.js';
import type { EntityModel, FieldModel } from '../schema/index.js';
import { checkCel, findEntity, findField, findPath, list, type Check } from './check-names.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** Columns, sort, grouping, totals, filter, and what a calendar or map places records by. */
export function checkView(check: Check): void {
  const view = check.definition.document;
  const entity = findEntity(check, view.entity, '/entity');
  if (!entity) return;
  list(view.columns).forEach((column, i) =>
    findPath(check, entity, (column as JsonObject).field, `/columns/${i}/field`),
  );
  list(view.sort).forEach((key, i) => {
    const field = findPath(check, entity, String(key).replace(/^-/, ''), `/sort/${i}`);
    if (field && field.kind.sortSql(field, 't', '"C"') === null)
      check.report(`/sort/${i}`, 'definition.not_sortable', `records cannot be sorted by "${field.key}".`);
  });
  if (view.groupBy !== undefined) {
    const field = findPath(check, entity, view.groupBy, '/groupBy');
    if (field && view.type === 'board' && field.options.length === 0)
      check.report(
        '/groupBy',
        'definition.no_options',
        `a board needs a choice field for its columns; "${field.key}" has no options.`,
      );
  }
  list((view.card as JsonObject | undefined)?.fields).forEach((key, i) =>
    findPath(check, entity, key, `/card/fields/${i}`),
  );
  checkTotals(check, entity);
  checkCalendar(check, entity);
  checkMap(check, entity);
  checkCel(check, entity, view.filter, '/filter');
}

function checkTotals(check: Check, entity: EntityModel): void {
  list(check.definition.document.totals).forEach((total, i) => {
    const { field: key, fn } = total as { field: string; fn: string };
    const field = findPath(check, entity, key, `/totals/${i}/field`);
    const fns = field?.kind.aggregates(field) as readonly string[] | undefined;
    if (fns && !fns.includes(fn))
      check.report(
        `/totals/${i}/fn`,
        'definition.no_aggregate',
        `"${key}" has no "${fn}".${didYouMean(fn, fns)} It has ${fns.join(', ') || 'none'}.`,
      );
  });
}

function checkCalendar(check: Check, entity: EntityModel): void {
  const calendar = check.definition.document.calendar as JsonObject | undefined;
  if (!calendar) return;
  const start = findDate(check, entity, calendar.start, '/calendar/start');
  const end = calendar.end === undefined ? null : findDate(check, entity, calendar.end, '/calendar/end');
  if (start && end && start.kind.exprType(start).t !== end.kind.exprType(end).t)
    check.report(
      '/calendar/end',
      'definition.mixed_dates',
      `"${start.key}" and "${end.key}" must both be dates, or both instants.`,
    );
  checkColor(check, entity, calendar.color, '/calendar/color');
}

function findDate(check: Check, entity: EntityModel, key: unknown, pointer: string): FieldModel | null {
  const field = findField(check, entity, key, pointer);
  if (!field || ['date', 'dateTime'].includes(field.kind.exprType(field).t)) return field;
  check.report(pointer, 'definition.no_date', `a calendar needs a date or an instant; "${field.key}" is neither.`);
  return null;
}

function checkMap(check: Check, entity: EntityModel): void {
  const map = check.definition.document.map as JsonObject | undefined;
  if (!map) return;
  const field = findField(check, entity, map.location, '/map/location');
  const type = field?.kind.exprType(field);
  if (field && !(type?.t === 'object' && 'latitude' in type.members && 'longitude' in type.members))
    check.report('/map/location', 'definition.no_place', `a map needs a field of kind geo; "${field.key}" is none.`);
  checkColor(check, entity, map.color, '/map/color');
}

function checkColor(check: Check, entity: EntityModel, key: unknown, pointer: string): void {
  if (key === undefined) return;
  const field = findField(check, entity, key, pointer);
  if (field && field.options.length === 0)
    check.report(pointer, 'definition.no_options', `colours come from a choice; "${field.key}" has no options.`);
}
