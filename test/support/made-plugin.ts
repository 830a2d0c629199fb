import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An entity of a plugin that a test makes for itself; `name` is added as its title. */
export interface MadeEntity {
  readonly name: string;
  readonly properties: Readonly<Record<string, object>>;
  readonly more?: object;
}

/** Writes a plugin without code into a folder of its own; returns the folder. */
export async function makePlugin(id: string, entities: readonly MadeEntity[]): Promise<string> {
  const dir = join(await mkdtemp(join(tmpdir(), 'trellis-plugin-')), id);
  await mkdir(join(dir, 'entities'), { recursive: true });
  await writeFile(
    join(dir, 'plugin.json'),
    JSON.stringify({ id, version: '1.0.0', title: id, requires: { core: '*' } }),
  );
  for (const { name, properties, more } of entities) {
    const document = {
      $id: `${id}.${name}`,
      title: name,
      type: 'object',
      properties: {
        name: { title: 'Name', type: 'string', 'x-field': { kind: 'text', searchable: true } },
        ...properties,
      },
      'x-entity': { titleField: 'name', titlePlural: `${name}s`, icon: 'box', ownership: 'none', ...more },
    };
    await writeFile(join(dir, 'entities', `${name}.json`), JSON.stringify(document));
  }
  return dir;
}
