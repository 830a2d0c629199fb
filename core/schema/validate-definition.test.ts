import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { problemLine } from './problem.js';
import { validateDefinition } from './validate-definition.js';

const text = { title: 'Name', type: 'string', 'x-field': { kind: 'text' } };
const entity = (
  change: Record<string, unknown> = {},
  properties: Record<string, unknown> = {},
): Record<string, unknown> => ({
  $id: 'sales.opportunity',
  title: 'Opportunity',
  type: 'object',
  properties: { name: text, ...properties },
  'x-entity': { titleField: 'name' },
  ...change,
});
const lines = (type: string, document: unknown): string[] =>
  validateDefinition(type, document, 'f.json').map(problemLine);

describe('validateDefinition', () => {
  it('takes a plain entity', () => {
    expect(lines('entity', entity())).toEqual([]);
  });

  it('names an unknown kind and suggests the right one, with file and pointer', () => {
    expect(
      validateDefinition(
        'entity',
        entity({}, { stage: { 'x-field': { kind: 'choise' } } }),
        'plugins/sales/entities/opportunity.json',
      ),
    ).toEqual([
      {
        file: 'plugins/sales/entities/opportunity.json',
        pointer: '/properties/stage/x-field/kind',
        code: 'definition.unknown_kind',
        message: 'unknown kind "choise". Did you mean "choice"?',
        suggestion: 'choice',
      },
    ]);
  });

  it('names an unknown key and suggests the right one', () => {
    expect(lines('entity', entity({}, { a: { 'x-field': { kind: 'text', serchable: true } } }))).toEqual([
      'f.json#/properties/a/x-field/serchable: unknown key "serchable". Did you mean "searchable"?',
    ]);
    expect(lines('view', { entity: 'a.b', title: 'T', type: 'list', columns: [{ feild: 'x' }] })).toEqual([
      'f.json#/columns/0: the key "field" is missing',
      'f.json#/columns/0/feild: unknown key "feild". Did you mean "field"?',
    ]);
  });

  it.each([
    ['workflow', "type 'workflow' comes with a later version of Trellis"],
    ['report', "type 'report' comes with a later version of Trellis"],
    ['entitty', 'unknown definition type "entitty". Did you mean "entity"?'],
    ['constructor', 'unknown definition type "constructor".'],
  ])('refuses the type %s with a clear word', (type, message) => {
    expect(lines(type, {})).toEqual([`f.json#: ${message}`]);
  });

  it.each([
    ['formula', ['returns', 'expression']],
    ['rollup', ['of', 'fn']],
    ['lines', ['of']],
  ])('says what a %s needs', (kind, keys) => {
    expect(lines('entity', entity({}, { a: { 'x-field': { kind } } }))).toEqual(
      keys.map((key) => `f.json#/properties/a/x-field: the key "${key}" is missing`),
    );
  });

  it.each([
    ['options on text', { kind: 'text', options: [{ value: 'a', title: 'A' }] }, 'cannot have "options"'],
    ['a choice without options', { kind: 'choice' }, 'the key "options" is missing'],
    ['a link to nowhere', { kind: 'link' }, 'the key "to" is missing'],
    ['a target that is no id', { kind: 'link', to: 'company' }, 'has not the form'],
    [
      'a colour of no palette',
      { kind: 'choice', options: [{ value: 'a', title: 'A', color: 'gren' }] },
      'Did you mean "green"?',
    ],
    ['two counters in a number', { kind: 'autoNumber', format: '{0}-{0}' }, 'has not the form'],
    ['no kind', {}, 'the key "kind" is missing'],
  ])('refuses %s', (_name, x, message) => {
    const found = lines('entity', entity({}, { a: { 'x-field': x } }));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });

  it.each([[null], [5], ['x'], [[]], [{}]])('refuses %p for an entity, without throwing', (document) => {
    expect(lines('entity', document).length).toBeGreaterThan(0);
  });

  it('refuses references to files and addresses, and circles', () => {
    const json = (extra: Record<string, unknown>): Record<string, unknown> => ({
      a: { 'x-field': { kind: 'json' }, ...extra },
    });
    for (const $ref of ['file:///etc/passwd', 'https://example.com/s.json', '#', '#/properties/name', '../x.json']) {
      expect(lines('entity', entity({}, json({ $ref })))).toEqual([
        'f.json#/properties/a/$ref: a reference may point to #/$defs/… of the same document only',
      ]);
    }
    expect(
      lines(
        'entity',
        entity(
          {
            $defs: {
              A: { type: 'object', properties: { b: { $ref: '#/$defs/B' } } },
              B: { items: { $ref: '#/$defs/A' } },
            },
          },
          json({ $ref: '#/$defs/A' }),
        ),
      )[0],
    ).toContain('"A" refers to itself');
    expect(lines('entity', entity({}, json({ $ref: '#/$defs/Nothing' })))).toEqual([
      'f.json#: "#/$defs/Nothing" points to nothing',
    ]);
    expect(lines('entity', entity({ $defs: { A: { type: 'object' } } }, json({ $ref: '#/$defs/A' })))).toEqual([]);
    expect(lines('entity', entity({}, json({ items: { $id: 'http://x/y' } })))[0]).toContain('may not stand inside');
  });

  it('refuses patterns that backtrack by need, and bombs of depth', () => {
    expect(lines('entity', entity({}, { a: { ...text, pattern: '^(?=a)b$' } }))[0]).toContain('backtracking');
    expect(lines('entity', entity({}, { a: { ...text, pattern: '(' } }))[0]).toContain('not a regular expression');
    expect(lines('entity', entity({}, { a: { ...text, pattern: '^(a+)+$' } }))).toEqual([]);
    const deep = Array.from({ length: 5000 }).reduce((inner) => ({ items: inner }), {} as unknown) as Record<
      string,
      unknown
    >;
    expect(lines('entity', entity({}, { a: { 'x-field': { kind: 'json' }, ...deep } }))[0]).toContain('deeper than');
    expect(lines('entity', JSON.parse('{"__proto__":{"x":1}}'))[0]).toContain('reserved word');
  });

  it('finds nothing wrong with the definitions of this repository', () => {
    const types: Record<string, string> = {
      entities: 'entity',
      extends: 'extension',
      views: 'view',
      forms: 'form',
      navigation: 'navigation',
      roles: 'role',
      seeds: 'seed',
      i18n: 'translation',
    };
    const root = join(import.meta.dirname, '../..');
    const folders = ['core/system', ...readdirSync(join(root, 'plugins')).map((name) => `plugins/${name}`)].filter(
      (folder) => statSync(join(root, folder)).isDirectory(),
    );
    const found: string[] = [];
    let count = 0;
    for (const folder of folders) {
      found.push(
        ...validateDefinition(
          'plugin',
          JSON.parse(readFileSync(join(root, folder, 'plugin.json'), 'utf8')),
          folder,
        ).map(problemLine),
      );
      for (const [place, type] of Object.entries(types)) {
        for (const name of list(join(root, folder, place))) {
          count++;
          found.push(
            ...validateDefinition(
              type,
              JSON.parse(readFileSync(join(root, folder, place, name), 'utf8')),
              `${folder}/${place}/${name}`,
            ).map(problemLine),
          );
        }
      }
    }
    expect(found).toEqual([]);
    expect(count).toBeGreaterThan(10);
  });
});

function list(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
}
