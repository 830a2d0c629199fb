import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';

const here = fileURLToPath(new URL('.', import.meta.url));
const files = (folder: string, test: RegExp): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => test.test(file));

// Jest compiles no Vue templates: each component stands in as its own path, which is all that the registry hands on.
for (const file of files(here, /\.vue$/))
  jest.unstable_mockModule(join(here, file), () => ({ default: { name: file } }));
jest.unstable_mockModule(join(here, '../meta/index.ts'), () => ({
  describeOperator: () => ({ arity: 1, value: 'same' }),
}));

await import('./built-in.js');
const { registerWidget, servedKinds, widgetFor } = await import('./registry.js');

/** Every kind of the server, by the files that define them. */
const kinds = files(join(here, '../../../core/schema/kinds'), /\.ts$/).flatMap((file) => {
  if (file.endsWith('.test.ts')) return [];
  const text = readFileSync(join(here, '../../../core/schema/kinds', file), 'utf8');
  return [...text.matchAll(/\bid: '([a-z]\w+)'/g)].map((match) => match[1] ?? '');
});

it('serves every field kind of the server', () => {
  expect(kinds.length).toBeGreaterThan(25);
  expect(kinds.filter((kind) => !servedKinds().includes(kind))).toEqual([]);
});

it.each(kinds)('%s has input, cell and filter', (kind) => {
  const widget = widgetFor({ kind, widget: kind });
  expect(widget.kinds).toContain(kind);
  expect([widget.Input, widget.Cell, widget.Filter].every(Boolean)).toBe(true);
});

it('takes the widget that a field names only where it serves the kind', () => {
  const shown = { id: 'slider', kinds: ['percent'], Input: {}, Cell: {}, Filter: {} };
  registerWidget(shown);
  expect(widgetFor({ kind: 'percent', widget: 'slider' })).toBe(shown);
  expect(widgetFor({ kind: 'percent', widget: '' }).id).toBe('percent');
  expect(widgetFor({ kind: 'text', widget: 'slider' }).id).toBe('text');
});

it('falls back to text for a kind of tomorrow', () => {
  expect(widgetFor({ kind: 'hologram', widget: 'hologram' }).id).toBe('text');
});

it('fetches nothing in this room but records and files by the api room', () => {
  const offenders = files(here, /\.(vue|ts)$/).filter(
    (file) =>
      !file.endsWith('.test.ts') && /\bfetch\(/.test(readFileSync(join(dirname(join(here, 'x')), file), 'utf8')),
  );
  expect(offenders).toEqual([]);
});
