import { blankOperators } from '../operators.js';
import { quoteName, suffixedColumn } from '../names.js';
import { columnKind, ok, refuse } from './column-kind.js';
import type { FieldModel } from '../model.js';
import type { Coerced, FieldKind } from './kind.js';

/** A place by latitude (−90 to 90) and longitude (−180 to 180) in degrees. */
export const geo: FieldKind = columnKind({
  id: 'geo',
  pgType: 'double precision',
  expr: { t: 'object', name: 'geo', members: { latitude: { t: 'number' }, longitude: { t: 'number' } } },
  bytes: 16,
  sorted: false,
  grouped: false,
  measures: ['count'],
  ops: blankOperators,
  widget: 'geo',
  columns: (field) => [
    { name: suffixedColumn(field.key, 'latitude'), type: 'double precision' },
    { name: suffixedColumn(field.key, 'longitude'), type: 'double precision' },
  ],
  encode: (value, field) => {
    const place = value as { latitude: number; longitude: number } | null;
    return {
      [suffixedColumn(field.key, 'latitude')]: place?.latitude ?? null,
      [suffixedColumn(field.key, 'longitude')]: place?.longitude ?? null,
    };
  },
  select: (field, alias) =>
    `case when ${part(field, alias, 'latitude')} is not null then json_build_object('latitude', ${part(field, alias, 'latitude')}, 'longitude', ${part(field, alias, 'longitude')}) end`,
  exprSql: (field, alias, [member]) =>
    member === undefined
      ? part(field, alias, 'latitude')
      : `${part(field, alias, member === 'longitude' ? 'longitude' : 'latitude')}::numeric`,
  valueSchema: () => ({
    type: 'object',
    additionalProperties: false,
    required: ['latitude', 'longitude'],
    properties: {
      latitude: { type: 'number', minimum: -90, maximum: 90 },
      longitude: { type: 'number', minimum: -180, maximum: 180 },
    },
  }),
  normalize: (value) => {
    const place = value as { latitude: number; longitude: number };
    return ok({ latitude: place.latitude, longitude: place.longitude });
  },
  coerce: (text) => parse(text),
  format: (value) => {
    const place = value as { latitude: number; longitude: number };
    return `${place.latitude}, ${place.longitude}`;
  },
  cases: {
    valid: [{ input: { latitude: 52.52, longitude: 13.405 } }, { input: { latitude: -90, longitude: 180 } }],
    invalid: [
      '52,13',
      { latitude: 91, longitude: 0 },
      { latitude: 1 },
      { latitude: 1, longitude: 2, height: 3 },
      [1, 2],
    ],
    texts: [
      { text: '52.52, 13.405', value: { latitude: 52.52, longitude: 13.405 } },
      { text: '52.52 13.405', value: { latitude: 52.52, longitude: 13.405 } },
      { text: '{"latitude":1,"longitude":2}', value: { latitude: 1, longitude: 2 } },
      { text: '91, 0', problem: 'field.geo' },
      { text: 'here', problem: 'field.geo' },
    ],
  },
});

function part(field: FieldModel, alias: string, name: string): string {
  return `${alias}.${quoteName(suffixedColumn(field.key, name))}`;
}

function parse(text: string): Coerced {
  const number = '(-?\\d{1,3}(?:\\.\\d{1,20})?(?:e-?\\d{1,3})?)';
  const pair =
    new RegExp(`^\\s*${number}(?:\\s*[,;]\\s*|\\s+)${number}\\s*$`).exec(text) ??
    new RegExp(`^\\s*\\{"latitude":${number},"longitude":${number}\\}\\s*$`).exec(text);
  const latitude = Number(pair?.[1]);
  const longitude = Number(pair?.[2]);
  if (!pair || Math.abs(latitude) > 90 || Math.abs(longitude) > 180)
    return refuse('field.geo', `"${text.slice(0, 40)}" is not a place; write latitude, longitude.`);
  return ok({ latitude, longitude });
}
