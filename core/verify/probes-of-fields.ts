import { markerWord, sampleValue } from './sample-value.js';
import { at, linksTo, noField, recordsOf, type Probe, type ProbeInput } from './probe.js';
import type { Ask } from './speak.js';

/** Every way to name a hidden field: each is answered like a name that means nothing. */
export function probesOfHiddenField(input: ProbeInput): Probe[] {
  const { actor, entity, world } = input;
  const { hides } = actor;
  const field = hides === null ? undefined : entity.fields.get(hides);
  if (!field) return [];
  const base = recordsOf(entity);
  const [near] = world.rows.get(entity.id) ?? [];
  const value = JSON.stringify(sampleValue(field, 0) ?? null);
  const other = field.key === 'externalId' ? entity.titleField : 'externalId';
  const text = String(sampleValue(field, 0) ?? 'x');
  const ways: [surface: string, what: string, make: (key: string) => Ask][] = [
    ['fields', 'by name', (key) => ({ path: at(base, { fields: key }) })],
    ['fields', 'renamed', (key) => ({ path: at(base, { fields: `${key} as id` }) })],
    ['fields', 'one level down', (key) => ({ path: at(base, { fields: `${key}.id` }) })],
    ['sort', 'up', (key) => ({ path: at(base, { sort: key, fields: 'id' }) })],
    ['sort', 'down', (key) => ({ path: at(base, { sort: `-${key}`, fields: 'id' }) })],
    ['filter', '=', (key) => ({ path: at(base, { filter: `${key} == ${value}`, fields: 'id' }) })],
    ['filter', 'null', (key) => ({ path: at(base, { filter: `${key} == null`, fields: 'id' }) })],
    ['filter', 'not null', (key) => ({ path: at(base, { filter: `!ISBLANK(${key})`, fields: 'id' }) })],
    ['filter', 'range', (key) => ({ path: at(base, { filter: `${key} > ${value}`, fields: 'id' }) })],
    [
      'filter',
      'prefix',
      (key) => ({ path: at(base, { filter: `STARTS_WITH(${key}, "${text.slice(0, 2)}")`, fields: 'id' }) }),
    ],
    ['filter', 'in nothing', (key) => ({ path: at(base, { filter: `${key} in []`, fields: 'id' }) })],
    [
      'filter',
      'in a body',
      (key) => ({ method: 'POST', path: `${base}/query`, body: { filter: `${key} == ${value}` } }),
    ],
    ['count', 'filtered', (key) => ({ path: at(base, { filter: `${key} == ${value}`, count: 'exact', limit: '1' }) })],
    ['export', 'csv', (key) => ({ path: at(`${base}/export`, { format: 'csv', fields: key }) })],
    ['export', 'ndjson', (key) => ({ path: at(`${base}/export`, { format: 'ndjson', fields: key }) })],
    [
      'export',
      'filtered',
      (key) => ({ path: at(`${base}/export`, { format: 'csv', fields: 'id', filter: `${key} == null` }) }),
    ],
    ['export', 'sorted', (key) => ({ path: at(`${base}/export`, { format: 'csv', fields: 'id', sort: key }) })],
    [
      'group',
      'by it',
      (key) => ({
        method: 'POST',
        path: `${base}/aggregate`,
        body: { groupBy: [{ field: key }], measures: [{ fn: 'count' }] },
      }),
    ],
    [
      'group',
      'by year',
      (key) => ({
        method: 'POST',
        path: `${base}/aggregate`,
        body: { groupBy: [{ field: key, bucket: 'year' }], measures: [{ fn: 'count' }] },
      }),
    ],
    ...['count', 'countDistinct', 'min', 'max', 'sum', 'avg'].map((fn): [string, string, (key: string) => Ask] => [
      'aggregate',
      fn,
      (key) => ({ method: 'POST', path: `${base}/aggregate`, body: { groupBy: [], measures: [{ fn, field: key }] } }),
    ]),
    [
      'aggregate',
      'filtered',
      (key) => ({
        method: 'POST',
        path: `${base}/aggregate`,
        body: { groupBy: [], measures: [{ fn: 'count' }], filter: `${key} == null` },
      }),
    ],
    [
      'bulk',
      'by it as key',
      (key) => ({ method: 'POST', path: `${base}/bulk?mode=update&key=${key}`, body: [{ [key]: text }] }),
    ],
    [
      'bulk',
      'all that match',
      (key) => ({ method: 'POST', path: `${base}/bulk`, body: { filter: `${key} == null && false`, patch: {} } }),
    ],
    ['import', 'onto it', (key) => importAsk(entity.id, [{ column: 'a', field: key }])],
    ['import', 'by it as key', (key) => importAsk(entity.id, [{ column: 'a', field: other }], { mode: 'update', key })],
  ];
  // That a field must be filled in is told to whoever may write (docs/security.md).
  if (!field.required)
    ways.push(['create', 'dry run', (key) => ({ method: 'POST', path: `${base}?dryRun=true`, body: { [key]: null } })]);
  if (near) {
    const one = `${base}/${near.id}`;
    ways.push(
      ['get', 'by name', (key) => ({ path: at(one, { fields: key }) })],
      ['as of', 'by name', (key) => ({ path: at(one, { fields: key, asOf: '2100-01-01T00:00:00Z' }) })],
      ['update', 'dry run', (key) => ({ method: 'PATCH', path: `${one}?dryRun=true`, body: { [key]: null } })],
    );
  }
  for (const link of linksTo(input)) {
    const from = `/api/records/${link.entity}`;
    ways.push(
      ['path', `fields of ${link.entity}`, (key) => ({ path: at(from, { fields: `${link.key}.${key}` }) })],
      ['path', `sort of ${link.entity}`, (key) => ({ path: at(from, { sort: `${link.key}.${key}`, fields: 'id' }) })],
      [
        'path',
        `filter of ${link.entity}`,
        (key) => ({ path: at(from, { filter: `${link.key}.${key} == ${value}`, fields: 'id' }) }),
      ],
      [
        'path',
        `export of ${link.entity}`,
        (key) => ({ path: at(`${from}/export`, { format: 'csv', fields: `${link.key}.${key}` }) }),
      ],
      [
        'import',
        `match of ${link.entity}`,
        (key) => importAsk(link.entity, [{ column: 'a', field: link.key, matchBy: key }]),
      ],
    );
  }
  const none = noField(field.key);
  const probes = ways.map(([surface, what, make]): Probe => ({
    surface,
    what: `${what}: ${entity.id}.${field.key}`,
    ask: make(field.key),
    none: { ask: make(none), names: [[field.key, none]] },
    writes: true,
  }));
  // What comes close to its name must not be told that it was meant.
  const near2 = `${field.key}x`;
  return [
    ...probes,
    { surface: 'suggestion', what: 'sort', ask: { path: at(base, { sort: near2 }) }, never: [`"${field.key}"`] },
    {
      surface: 'suggestion',
      what: 'filter',
      ask: { path: at(base, { filter: `${near2} == 1` }) },
      never: [`"${field.key}"`],
    },
    {
      surface: 'suggestion',
      what: 'create',
      ask: { method: 'POST', path: `${base}?dryRun=true`, body: { [near2]: 1 } },
      never: [`"${field.key}"`],
    },
  ];
}

/** An upload of one row for an import. */
export function importAsk(entity: string, mapping: readonly object[], options: object = {}, content?: string): Ask {
  return {
    method: 'POST',
    path: '/api/imports',
    form: {
      name: 'rows.csv',
      content: content ?? `a\n${markerWord(1)}\n`,
      parts: { entity, options: JSON.stringify({ mapping, ...options }) },
    },
  };
}
