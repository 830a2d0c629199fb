import { isPlain, sampleValue } from './sample-value.js';
import { importAsk } from './probes-of-fields.js';
import { at, linksTo, noField, readableFields, recordsOf, type Probe, type ProbeInput } from './probe.js';
import type { Ask } from './speak.js';
import { binnedRows, type Row } from './world.js';

/** Every way to name a record that is hidden: each is answered like an id that nothing has. */
export function probesOfHiddenRows(input: ProbeInput): Probe[] {
  const { entity, world } = input;
  const base = recordsOf(entity);
  const hidden = hiddenRows(input);
  const [field] = readableFields(input).filter((each) => isPlain(each) && !each.unique);
  const patch = field ? { [field.key]: sampleValue(field, 7) ?? null } : {};
  const ways: [surface: string, what: string, make: (id: string) => Ask][] = [
    ['get', 'by id', (id) => ({ path: `${base}/${id}` })],
    ['filter', 'by id', (id) => ({ path: at(base, { filter: `id == "${id}"`, fields: 'id', count: 'exact' }) })],
    ['history', 'by id', (id) => ({ path: `${base}/${id}/history` })],
    ['as of', 'by id', (id) => ({ path: at(`${base}/${id}`, { asOf: '2100-01-01T00:00:00Z' }) })],
    ['explain', 'by id', (id) => ({ path: at(`${base}/${id}/access`, { user: world.readerId }) })],
    ['update', 'by id', (id) => ({ method: 'PATCH', path: `${base}/${id}`, body: patch })],
    ['update', 'of a version', (id) => ({ method: 'PATCH', path: `${base}/${id}?dryRun=true`, body: patch })],
    ['delete', 'dry run', (id) => ({ method: 'DELETE', path: `${base}/${id}?dryRun=true` })],
    ['delete', 'by id', (id) => ({ method: 'DELETE', path: `${base}/${id}` })],
    ['restore', 'by id', (id) => ({ method: 'POST', path: `${base}/${id}/restore` })],
    ['purge', 'by id', (id) => ({ method: 'POST', path: `${base}/${id}/purge` })],
    ['bulk', 'update', (id) => ({ method: 'POST', path: `${base}/bulk?mode=update`, body: [{ id, ...patch }] })],
    ['bulk', 'delete', (id) => ({ method: 'POST', path: `${base}/bulk?mode=delete`, body: [{ id }] })],
    [
      'bulk',
      'all that match',
      (id) => ({ method: 'POST', path: `${base}/bulk`, body: { filter: `id == "${id}"`, patch } }),
    ],
    [
      'files',
      'for it',
      (id) => ({
        method: 'POST',
        path: '/api/files',
        form: { name: 'a.txt', content: 'a', parts: { entity: entity.id, id } },
      }),
    ],
  ];
  for (const link of linksTo(input)) {
    const from = `/api/records/${link.entity}`;
    ways.push(
      [
        'related',
        `${link.entity} of it`,
        (id) => ({ path: at(from, { filter: `${link.key} == "${id}"`, fields: 'id', count: 'exact' }) }),
      ],
      [
        'link',
        `${link.entity} to it`,
        (id) => ({ method: 'POST', path: `${from}?dryRun=true`, body: { [link.key]: id } }),
      ],
      [
        'import',
        `${link.entity} to it`,
        (id) => importAsk(link.entity, [{ column: 'a', field: link.key, matchBy: 'id' }], {}, `a\n${id}\n`),
      ],
    );
  }
  return hidden.flatMap((row) =>
    ways.map(([surface, what, make]): Probe => ({
      surface,
      what: `${what}: row ${row.n} of ${entity.id}`,
      ask: make(row.id),
      none: { ask: make(world.nobody), names: [[row.id, world.nobody]] },
      writes: true,
    })),
  );
}

/** An import that looks for a hidden record by its title finds none. */
export function probesOfImports(input: ProbeInput): Probe[] {
  const { entity, schema, seen } = input;
  const hidden = hiddenRows(input);
  const title = entity.fields.get(entity.titleField);
  const link = linksTo(input).find((each) => !each.entity.startsWith('core.'));
  const row = hidden.find(({ n }) => !binnedRows.has(n));
  const from = link && schema.entities.get(link.entity);
  const isTitleShown = title !== undefined && (seen.get(entity.id)?.fields.has(title.key) ?? false);
  if (!row || !from || !title || !isPlain(title) || !isTitleShown) return [];
  const value = sampleValue(title, row.n);
  if (typeof value !== 'string') return [];
  const none = noField(value);
  const needed = [...from.fields.values()].filter((field) => field.required && isPlain(field));
  const content = (name: string): string =>
    [
      ['a', ...needed.map(({ key }) => key)],
      [name, ...needed.map((field) => field.kind.format(sampleValue(field, 400), field))],
    ]
      .map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','))
      .join('\n');
  const mapping = [
    { column: 'a', field: link.key, matchBy: title.key },
    ...needed.map(({ key }) => ({ column: key, field: key })),
  ];
  return [
    {
      surface: 'import',
      what: `run: ${link.entity}.${link.key} by the title of row ${row.n} of ${entity.id}`,
      ask: importAsk(from.id, mapping, { mode: 'create' }, content(value)),
      none: { ask: importAsk(from.id, mapping, { mode: 'create' }, content(none)), names: [[value, none]] },
      writes: true,
      follow: 'import',
    },
  ];
}

function hiddenRows({ entity, world, seen }: ProbeInput): Row[] {
  return (world.rows.get(entity.id) ?? []).filter(({ id }) => !(seen.get(entity.id)?.ids.has(id) ?? false));
}

/** Downloads, by the id of the attachment; uploads of hidden records are answered like none. */
export function probesOfFiles({ world, seen }: ProbeInput): Probe[] {
  const attachments = seen.get('core.attachment')?.ids ?? new Set<string>();
  return world.files.map((id): Probe => {
    const probe: Probe = { surface: 'files', what: `download ${id}`, ask: { path: `/api/files/${id}` } };
    if (attachments.has(id)) return probe;
    return { ...probe, none: { ask: { path: `/api/files/${world.nobody}` }, names: [[id, world.nobody]] } };
  });
}
