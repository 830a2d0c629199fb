import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

type Json = Record<string, unknown>;

const options = ['new', 'open', 'working', 'won', 'lost'].map((value) => ({ value, title: value }));
const kinds: readonly Json[] = [
  { kind: 'text' },
  { kind: 'integer' },
  { kind: 'decimal', scale: 2 },
  { kind: 'choice', options },
  { kind: 'date' },
  { kind: 'dateTime' },
  { kind: 'boolean' },
  { kind: 'longText' },
  { kind: 'email' },
  { kind: 'tags' },
];

/** The kind of the nth field, in a fixed turn of ten. */
export const kindAt = (n: number): string => String(kinds[n % kinds.length].kind);

/** Writes a plugin `big` of so many entities, each with so many fields, a link, a formula, a rule, a view and a form. */
export async function makeBigPlugin(dir: string, size: { entities: number; fields: number }): Promise<string> {
  const files: Record<string, Json> = { 'plugin.json': manifest('big') };
  for (let e = 0; e < size.entities; e++) {
    const id = `big.${nameAt(e)}`;
    const properties: Json = { name: textField('Name') };
    for (let n = 0; n < size.fields - 3; n++) properties[`f${n}`] = { title: `Field ${n}`, 'x-field': kinds[n % 10] };
    const to = `big.${nameAt((e + 1) % size.entities)}`;
    const inverse = { key: 'previous', title: 'Previous' };
    properties.next = { title: 'Next', 'x-field': { kind: 'link', to, inverse } };
    const formula = { kind: 'formula', returns: 'decimal', scale: 2, expression: 'f2 * 2 + next.f2' };
    properties.computed = { title: 'Computed', 'x-field': formula };
    const rules = [{ id: 'sound', check: 'ISBLANK(f1) || f1 < 1000000', message: { en: 'Too much.' } }];
    files[`entities/${nameAt(e)}.json`] = entityOf(id, properties, { rules });
    const columns = ['name', 'f1', 'f3', 'f4', 'next', 'computed'].map((field) => ({ field }));
    files[`views/${nameAt(e)}.json`] = { entity: id, title: `List ${e}`, type: 'list', columns, filter: 'f1 > 0' };
    const shown = Array.from({ length: 40 }, (_, n) => ({ field: `f${n}` }));
    const sections = [{ id: 'main', title: 'Main', columns: 2, fields: [{ field: 'name' }, ...shown] }];
    files[`forms/${nameAt(e)}.json`] = { entity: id, title: `Form ${e}`, sections };
  }
  return writePlugin(dir, 'big', files);
}

/** Writes a plugin `wide` with one entity of so many fields. */
export async function makeWidePlugin(dir: string): Promise<string> {
  return writePlugin(dir, 'wide', {
    'plugin.json': manifest('wide'),
    'entities/thing.json': entityOf('wide.thing', { name: textField('Name') }, {}),
  });
}

/** Writes a plugin `roll`: parents with no, 5 and 50 rollups, and children of each. */
export async function makeRollupPlugin(dir: string): Promise<string> {
  const files: Record<string, Json> = { 'plugin.json': manifest('roll') };
  for (const [name, count] of [
    ['plain', 0],
    ['five', 5],
    ['fifty', 50],
  ] as const) {
    const properties: Json = { name: textField('Name') };
    for (let n = 0; n < count; n++) properties[`r${n}`] = { title: `Rollup ${n}`, 'x-field': rollupAt(n) };
    files[`entities/${name}.json`] = entityOf(`roll.${name}`, properties, {});
    const parent = { kind: 'link', to: `roll.${name}`, inverse: { key: 'children', title: 'Children' } };
    files[`entities/${name}Child.json`] = entityOf(
      `roll.${name}Child`,
      {
        name: textField('Name'),
        parent: { title: 'Parent', 'x-field': parent },
        stage: { title: 'Stage', 'x-field': { kind: 'choice', options } },
        ...Object.fromEntries(
          Array.from({ length: 10 }, (_, n) => [`a${n}`, { title: `A${n}`, 'x-field': { kind: 'integer' } }]),
        ),
      },
      {},
    );
  }
  return writePlugin(dir, 'roll', files);
}

/** The first five are the five of `roll.five`: count, sum, min, max, avg over a0, then the same over others and filtered. */
function rollupAt(n: number): Json {
  const fn = ['count', 'sum', 'min', 'max', 'avg'][n % 5];
  const turn = Math.floor(n / 5);
  return {
    kind: 'rollup',
    of: 'children',
    fn,
    ...(fn === 'count' ? {} : { field: `a${turn}` }),
    ...(turn === 0 ? {} : { filter: `stage == '${options[turn % options.length].value}'` }),
  };
}

/** `e` and the number in letters: an entity's name has no digits first and is one word. */
const nameAt = (n: number): string => `e${String(n).padStart(3, '0')}`;

const textField = (title: string): Json => ({
  title,
  type: 'string',
  maxLength: 200,
  'x-field': { kind: 'text', searchable: true },
});

const manifest = (id: string): Json => ({ id, version: '1.0.0', title: id, requires: { core: '*' } });

const entityOf = ($id: string, properties: Json, more: Json): Json => ({
  $id,
  title: $id,
  type: 'object',
  properties,
  'x-entity': { titleField: 'name', titlePlural: $id, icon: 'box', ownership: 'none', ...more },
});

async function writePlugin(dir: string, id: string, files: Readonly<Record<string, Json>>): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, id, path)), { recursive: true });
    await writeFile(join(dir, id, path), JSON.stringify(content));
  }
  return join(dir, id);
}
