import type { EntityModel } from '../schema/index.js';
import { isPlain, sampleValue } from './sample-value.js';
import { readableFields, recordsOf, type Probe, type ProbeInput } from './probe.js';
import { isGuarded } from './seen.js';

/** What is told of the whole system: definitions, one's own settings, notifications, saved views, actions. */
export function probesOfSystem({ entity }: Pick<ProbeInput, 'entity'>): Probe[] {
  const of = (surface: string, path: string): Probe => ({ surface, what: path, ask: { path } });
  return [
    ...probesOfDefinitions(entity.id),
    of('notifications', '/api/notifications'),
    of('notifications', '/api/notifications?limit=1'),
    of('saved views', '/api/records/core.savedView?sort=name'),
    of('actions', '/api/actions'),
    of('session', '/api/roles'),
  ];
}

/** Definitions as the actor may see them. */
export function probesOfDefinitions(entity: string): Probe[] {
  const of = (surface: string, path: string): Probe => ({ surface, what: path, ask: { path } });
  return [
    of('catalog', '/api/catalog?provenance=true'),
    of('catalog', `/api/catalog/entities/${entity}?provenance=true`),
    of('openapi', '/api/openapi.json'),
  ];
}

/** Writes of what the actor may write: their answers and findings tell no more than the record does. */
export function probesOfWrites(input: ProbeInput): Probe[] {
  const { entity, world, seen } = input;
  const base = recordsOf(entity);
  const fields = readableFields(input).filter(
    (field) => isPlain(field) && !field.unique && field.key !== 'externalId' && !isGuarded(seen, entity.id, field.key),
  );
  const values = Object.fromEntries(
    fields.flatMap((field) => {
      const value = sampleValue(field, 300);
      return value === undefined ? [] : [[field.key, value] as const];
    }),
  );
  const [first] = fields;
  const patch = first ? { [first.key]: sampleValue(first, 301) ?? null } : {};
  const rows = (world.rows.get(entity.id) ?? []).filter(({ id }) => seen.get(entity.id)?.ids.has(id) ?? false);
  // A rule tells of what it reads, also where that is hidden (docs/security.md).
  const isRuled = fieldsOfRules(entity).some(
    (key) => !seen.get(entity.id)?.fields.has(key) || isGuarded(seen, entity.id, key),
  );
  const changed = isRuled ? [] : rows;
  const write = (surface: string, what: string, ask: Probe['ask']): Probe => ({
    surface,
    what: `${what}: ${entity.id}`,
    ask,
    writes: true,
  });
  return [
    write('create', 'dry run', { method: 'POST', path: `${base}?dryRun=true`, body: values }),
    write('create', 'nothing', { method: 'POST', path: `${base}?dryRun=true`, body: {} }),
    ...changed
      .slice(0, 2)
      .flatMap(({ id, n }) => [
        write('update', `dry run of row ${n}`, { method: 'PATCH', path: `${base}/${id}?dryRun=true`, body: patch }),
        write('update', `row ${n}`, { method: 'PATCH', path: `${base}/${id}`, body: patch }),
        write('history', `row ${n} after`, { path: `${base}/${id}/history` }),
      ]),
    ...rows
      .filter(({ n }) => n === 2)
      .map(({ id }) => write('restore', 'row 2', { method: 'POST', path: `${base}/${id}/restore` })),
    ...(isRuled
      ? []
      : [write('bulk', 'all that match', { method: 'POST', path: `${base}/bulk`, body: { filter: 'true', patch } })]),
    write('bulk', 'nothing matches', { method: 'POST', path: `${base}/bulk`, body: { filter: 'id in []', patch } }),
    write('bulk', 'what contradicts itself', {
      method: 'POST',
      path: `${base}/bulk`,
      body: { filter: 'id == null && id != null', patch },
    }),
    write('list', 'after the writes', { path: `${base}?sort=createdAt&count=exact` }),
  ];
}

/** Fields of an entity that its rules and conditions name. */
export function fieldsOfRules(entity: EntityModel): string[] {
  const texts = [
    ...entity.rules.flatMap(({ when, check }) => [when ?? '', check]),
    ...[...entity.fields.values()].flatMap(({ conditions }) =>
      [conditions?.show, conditions?.require, conditions?.readOnly].map((condition) => condition?.source ?? ''),
    ),
  ];
  const words = new Set(texts.flatMap((text) => text.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []));
  return [...entity.fields.keys()].filter((key) => words.has(key));
}
