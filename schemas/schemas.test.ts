import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeAjv } from '../core/schema/ajv.js';
import { definitionSchemas } from './generated/schemas.js';

const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.schema.json'));

describe.each(names)('%s', (name) => {
  const schema = JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8')) as Record<string, unknown>;

  it('is a JSON Schema of draft 2020-12', () => {
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    const ajv = makeAjv();
    expect(ajv.validateSchema(schema)).toBe(true);
  });

  it('is closed, and describes every key', () => {
    const undescribed: string[] = [];
    const open: string[] = [];
    visit(schema, '', (node, pointer) => {
      const properties = node.properties as Record<string, Record<string, unknown>>;
      if (node.additionalProperties === undefined) open.push(pointer);
      for (const [key, inner] of Object.entries(properties))
        if (typeof inner.description !== 'string') undescribed.push(`${pointer}/${key}`);
    });
    expect(undescribed).toEqual([]);
    // A record of a seed holds the fields of its entity, which the seed's schema cannot know.
    expect(open.filter((pointer) => !pointer.endsWith('/records/items') && !pointer.endsWith('/message'))).toEqual([]);
  });

  it('is what codegen embedded', () => {
    expect(definitionSchemas[name.replace('.schema.json', '')]).toEqual(schema);
  });
});

/** Every object schema with properties, conditions left out. */
function visit(value: unknown, pointer: string, see: (node: Record<string, unknown>, pointer: string) => void): void {
  if (typeof value !== 'object' || value === null) return;
  const node = value as Record<string, unknown>;
  if (typeof node.properties === 'object' && node.type === 'object') see(node, pointer);
  for (const [key, inner] of Object.entries(node))
    if (key !== 'if' && key !== 'then') visit(inner, `${pointer}/${key}`, see);
}
