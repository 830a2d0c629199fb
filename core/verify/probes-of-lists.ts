import { markerWord, sampleValue } from './sample-value.js';
import { at, linksTo, readableFields, recordsOf, some, type Probe, type ProbeInput } from './probe.js';
import { isGuarded } from './seen.js';
import { nearRows } from './world.js';
import type { FieldModel } from '../schema/index.js';

/** Everything that is asked of what the actor may read: lists, pages, search, sums, history, exports. */
export function probesOfLists(input: ProbeInput): Probe[] {
  const { entity, seen, world, pick } = input;
  const base = recordsOf(entity);
  const fields = readableFields(input);
  const plain = (surface: string, what: string, path: string): Probe => ({
    surface,
    what: `${what}: ${entity.id}`,
    ask: { path },
  });
  const aggregate = (what: string, body: object): Probe => ({
    surface: 'aggregate',
    what: `${what}: ${entity.id}`,
    ask: { method: 'POST', path: `${base}/aggregate`, body },
  });
  const probes: Probe[] = [
    plain('list', 'as it comes', base),
    { ...plain('list', 'page by page', at(base, { limit: '2', sort: 'createdAt', count: 'exact' })), follow: 'pages' },
    plain('list', 'the bin', at(base, { deleted: 'only', count: 'exact' })),
    plain('count', 'estimate', at(base, { limit: '1', count: 'estimate' })),
    plain('list', 'with lines', at(base, { fields: fields.map(({ key }) => key).join(',') })),
    aggregate('count', { groupBy: [], measures: [{ fn: 'count' }] }),
    ...['csv', 'ndjson', 'xlsx'].map((format) => plain('export', format, at(`${base}/export`, { format }))),
    plain('export', 'of the bin', at(`${base}/export`, { format: 'csv', deleted: 'only' })),
    ...searches(input).map((word) => plain('search', word, at(base, { q: word, count: 'exact' }))),
    plain('search', 'in an export', at(`${base}/export`, { format: 'csv', q: searches(input)[0], fields: 'id' })),
  ];
  const asked = some(fields, 12, pick);
  const computed = fields.filter(
    (field) =>
      ((field.formula ?? field.rollup ?? field.lines) !== undefined || isGuarded(seen, entity.id, field.key)) &&
      !asked.includes(field),
  );
  for (const field of [...asked, ...computed]) probes.push(...probesOfField(input, field, aggregate));
  for (const { id, n } of world.rows.get(entity.id) ?? []) {
    if (!(seen.get(entity.id)?.ids.has(id) ?? false)) continue;
    probes.push(
      { surface: 'get', what: `row ${n} of ${entity.id}`, ask: { path: `${base}/${id}` } },
      { surface: 'history', what: `row ${n} of ${entity.id}`, ask: { path: `${base}/${id}/history` } },
      {
        surface: 'explain',
        what: `row ${n} of ${entity.id}`,
        ask: { path: at(`${base}/${id}/access`, { user: world.readerId }) },
      },
      {
        surface: 'as of',
        what: `row ${n} of ${entity.id}`,
        ask: { path: at(`${base}/${id}`, { asOf: '2100-01-01T00:00:00Z' }) },
      },
      {
        surface: 'delete',
        what: `dry run: row ${n} of ${entity.id}`,
        ask: { method: 'DELETE', path: `${base}/${id}?dryRun=true` },
        writes: true,
      },
    );
  }
  return probes;
}

/** What others show of the entity, be it readable itself or not: titles, paths, formulas, rollups, lines. */
export function probesOfNeighbours(input: ProbeInput): Probe[] {
  const { schema, seen, world } = input;
  const probes: Probe[] = [];
  for (const link of linksTo(input)) {
    const from = `/api/records/${link.entity}`;
    const there = `${link.entity}.${link.key}`;
    probes.push(
      { surface: 'titles', what: there, ask: { path: at(from, { fields: link.key, sort: 'createdAt' }) } },
      { surface: 'titles', what: `sorted by ${there}`, ask: { path: at(from, { fields: 'id', sort: link.key }) } },
      {
        surface: 'titles',
        what: `without ${there}`,
        ask: { path: at(from, { fields: 'id', filter: `${link.key} == null`, count: 'exact' }) },
      },
      {
        surface: 'titles',
        what: `grouped by ${there}`,
        ask: {
          method: 'POST',
          path: `${from}/aggregate`,
          body: { groupBy: [{ field: link.key }], measures: [{ fn: 'count' }] },
        },
      },
      {
        surface: 'titles',
        what: `different ${there}`,
        ask: {
          method: 'POST',
          path: `${from}/aggregate`,
          body: { groupBy: [], measures: [{ fn: 'countDistinct', field: link.key }] },
        },
      },
      {
        surface: 'titles',
        what: `exported ${there}`,
        ask: { path: at(`${from}/export`, { format: 'csv', fields: link.key }) },
      },
    );
    const rows = (world.rows.get(link.entity) ?? []).filter(({ id }) => seen.get(link.entity)?.ids.has(id));
    for (const { id, n } of rows)
      probes.push({ surface: 'history', what: `row ${n} of ${link.entity}`, ask: { path: `${from}/${id}/history` } });
    const totals = [...(schema.entities.get(link.entity)?.fields.values() ?? [])].filter(
      (field) => field.formula?.followsLinks === true && (seen.get(link.entity)?.fields.has(field.key) ?? false),
    );
    for (const field of totals)
      probes.push({
        surface: 'formula',
        what: `${link.entity}.${field.key}`,
        ask: { path: at(from, { fields: field.key, sort: 'createdAt' }) },
      });
  }
  for (const target of neighbours(input))
    probes.push(
      { surface: 'rollup', what: target, ask: { path: at(`/api/records/${target}`, { sort: 'createdAt' }) } },
      {
        surface: 'rollup',
        what: `${target} with all`,
        ask: {
          path: at(`/api/records/${target}`, {
            sort: 'createdAt',
            fields: [...(seen.get(target)?.fields ?? [])].join(','),
          }),
        },
      },
    );
  return probes;
}

function probesOfField(
  { entity, seen }: ProbeInput,
  field: FieldModel,
  aggregate: (what: string, body: object) => Probe,
): Probe[] {
  const base = recordsOf(entity);
  const { key } = field;
  const list = (surface: string, what: string, parameters: Record<string, string>): Probe => ({
    surface,
    what: `${what} ${entity.id}.${key}`,
    ask: { path: at(base, { fields: 'id', ...parameters }) },
  });
  const value = JSON.stringify(sampleValue(field, 0) ?? null);
  const far = JSON.stringify(sampleValue(field, nearRows + 1) ?? null);
  return [
    ...(isGuarded(seen, entity.id, key) && !far.startsWith('{')
      ? [
          list('filter', 'far', { filter: `${key} == ${far}`, count: 'exact' }),
          list('filter', 'from', { filter: `${key} >= ${far}`, count: 'exact' }),
        ]
      : []),
    { ...list('sort', 'by', { sort: key, limit: '3' }), follow: 'pages' },
    list('sort', 'down', { sort: `-${key}` }),
    list('filter', 'null', { filter: `${key} == null`, count: 'exact' }),
    list('filter', '=', { filter: `${key} == ${value}`, count: 'exact' }),
    aggregate(`group by ${key}`, { groupBy: [{ field: key }], measures: [{ fn: 'count' }] }),
    ...field.kind
      .aggregates(field)
      .filter((fn) => fn !== 'count')
      .map((fn) => aggregate(`${fn} of ${key}`, { groupBy: [], measures: [{ fn, field: key }] })),
  ];
}

/** Words of hidden values before and after, and of visible ones. */
function searches({ entity, actor, world, seen }: ProbeInput): string[] {
  const guarded = [...entity.fields.values()].filter((field) => isGuarded(seen, entity.id, field.key));
  const hidden = actor.hides === null ? undefined : entity.fields.get(actor.hides);
  const title = entity.fields.get(entity.titleField);
  const of = (field: FieldModel | undefined, n: number): string | null => {
    const value = field === undefined || field.kind.relation !== undefined ? undefined : sampleValue(field, n);
    return typeof value === 'string' && value.trim().length > 2 ? value.slice(0, 100) : null;
  };
  const numbers = (world.rows.get(entity.id) ?? []).map(({ n }) => n);
  const ofGuarded = guarded.flatMap((field) => [of(field, 0), of(field, nearRows), of(field, nearRows + 1)]);
  const words = [
    of(hidden, 0),
    of(hidden, 100),
    ...ofGuarded,
    ...numbers.flatMap((n) => [of(title, n), of(title, n + 100)]),
  ];
  return [...new Set([...words.filter((word): word is string => word !== null), markerWord(3)])];
}

/** Entities whose rollups or lines are of this one. */
function neighbours({ schema, entity, seen }: ProbeInput): string[] {
  return [...schema.entities.values()]
    .filter(
      (other) =>
        seen.has(other.id) &&
        [...other.fields.values()].some(
          (field) => field.rollup?.entity === entity.id || field.lines?.entity === entity.id,
        ),
    )
    .map(({ id }) => id);
}
