import type { HistoryEntry } from '../api/records.js';
import type { CatalogEntity, CatalogField, CatalogForm } from '../../../schemas/catalog.js';
import { keepDuplicate, takeDuplicate } from './duplicate.js';
import { presetsOf } from './preset.js';
import { presetFor, relatedFilter, relatedLists, timelineSources } from './related-lists.js';
import { changedField, groupByDay, mergeTimeline } from './timeline.js';

const field = (key: string, kind = 'text', more: Partial<CatalogField> = {}): CatalogField =>
  ({ key, title: key, kind, system: false, readOnly: false, schema: {}, ...more }) as CatalogField;
const permissions = { read: true } as CatalogEntity['permissions'];
const contact = {
  id: 'c.contact',
  titleField: 'name',
  hidden: false,
  permissions,
  defaultSort: ['-createdAt'],
  related: [],
  fields: [
    field('name'),
    field('company', 'link', { to: ['c.company'] }),
    field('email', 'email'),
    field('bio', 'longText'),
  ],
} as unknown as CatalogEntity;
const activity = {
  id: 'c.activity',
  titleField: 'subject',
  hidden: false,
  permissions,
  defaultSort: [],
  related: [],
  fields: [field('subject'), field('who', 'anyLink', { to: ['*'] }), field('regarding', 'anyLink', { to: ['*'] })],
} as unknown as CatalogEntity;
const hidden = { ...activity, id: 'core.attachment', hidden: true } as CatalogEntity;
const company = {
  id: 'c.company',
  related: [
    { key: 'contacts', title: 'Contacts', entity: 'c.contact', field: 'company', kind: 'link' },
    { key: 'activities', title: 'A', entity: 'c.activity', field: 'who', kind: 'anyLink' },
    { key: 'regarding', title: 'B', entity: 'c.activity', field: 'regarding', kind: 'anyLink' },
    { key: 'files', title: 'F', entity: 'core.attachment', field: 'who', kind: 'anyLink' },
  ],
} as unknown as CatalogEntity;
const lookup = (id: string) => [contact, activity, hidden, company].find((entity) => entity.id === id);

describe('related lists', () => {
  it('shows all but what hangs on anything, with title and short columns', () => {
    const lists = relatedLists(company, undefined, lookup);
    expect(lists.map((list) => [list.related.key, list.columns.map((column) => column.key)])).toEqual([
      ['contacts', ['name', 'email']],
    ]);
  });
  it('follows the form', () => {
    const form = {
      related: [{ key: 'regarding', columns: ['subject'], sort: ['subject'] }, { key: 'nothing' }, { key: 'contacts' }],
    } as unknown as CatalogForm;
    expect(relatedLists(company, form, lookup).map((list) => [list.related.key, list.sort])).toEqual([
      ['regarding', ['subject']],
      ['contacts', ['-createdAt']],
    ]);
  });
  it('hides what the reader may not read', () => {
    const shut = (id: string) => {
      const found = lookup(id);
      return found && { ...found, permissions: { ...permissions, read: false } };
    };
    expect(relatedLists(company, undefined, shut)).toEqual([]);
  });
  it('puts into the timeline what points by any link, once an entity, never hidden ones', () => {
    expect(timelineSources(company, lookup).map((source) => [source.entity.id, source.fields])).toEqual([
      ['c.activity', ['who', 'regarding']],
    ]);
  });
  it('finds and presets in the way of the link', () => {
    expect([relatedFilter('links', 'people', 'i'), relatedFilter('link', 'company', 'i')]).toEqual([
      '"i" in people',
      'company == "i"',
    ]);
    expect(presetFor(company.related[1]!, { entity: 'c.company', id: 'i', title: 'T' })).toEqual({
      who: { entity: 'c.company', id: 'i', title: 'T' },
    });
  });
});

describe('timeline', () => {
  const change = (version: number, at: string): HistoryEntry => ({
    version,
    at,
    actor: null,
    operation: 'update',
    changes: [],
  });
  const record = { id: 'r', createdAt: '2026-01-01T00:00:00.000Z', createdBy: { id: 'u', title: 'U' } };
  const hung = [
    {
      entity: 'c.activity',
      records: [
        { id: 'a1', createdAt: '2026-02-15T00:00:00.000Z' },
        { id: 'a1', createdAt: '2026-02-15T00:00:00.000Z' },
      ],
    },
  ];
  it('merges newest first, each hung record once, the creation last', () => {
    const items = mergeTimeline({
      record,
      history: [change(3, '2026-03-01T00:00:00.000Z'), change(2, '2026-02-01T00:00:00.000Z')],
      hasMoreHistory: false,
      hung,
    });
    expect(items.map((item) => item.key)).toEqual([
      'c3.2026-03-01T00:00:00.000Z',
      'ra1',
      'c2.2026-02-01T00:00:00.000Z',
      'created',
    ]);
  });
  it('does not claim the creation while older history is not shown', () => {
    expect(mergeTimeline({ record, history: [], hasMoreHistory: true, hung: [] })).toEqual([]);
  });
  it('waits with what is older than the end of a list that goes on', () => {
    const records = [{ id: 'a9', createdAt: '2026-02-15T00:00:00.000Z' }];
    const history = [change(3, '2026-03-01T00:00:00.000Z'), change(2, '2026-02-01T00:00:00.000Z')];
    const keysOf = (hasMore: boolean) =>
      mergeTimeline({ record, history, hasMoreHistory: false, hung: [{ entity: 'a', records, hasMore }] }).map(
        (item) => item.key,
      );
    expect(keysOf(true)).toEqual(['c3.2026-03-01T00:00:00.000Z', 'ra9']);
    expect(keysOf(false)).toContain('c2.2026-02-01T00:00:00.000Z');
  });
  it('groups by the day of the reader', () => {
    const items = mergeTimeline({
      record: { id: 'r' },
      history: [change(3, '2026-03-01T20:00:00.000Z'), change(2, '2026-03-01T10:00:00.000Z')],
      hasMoreHistory: false,
      hung: [],
    });
    expect(groupByDay(items, 'UTC').map((group) => [group.day, group.items.length])).toEqual([['2026-03-01', 2]]);
    expect(groupByDay(items, 'Asia/Shanghai').map((group) => group.day)).toEqual(['2026-03-02', '2026-03-01']);
  });
});

describe('a new record', () => {
  const entity = {
    fields: [
      field('name'),
      field('age', 'integer', { schema: { type: 'integer' } }),
      field('company', 'link', { to: ['c.company'] }),
      field('who', 'anyLink', { to: ['*'] }),
    ],
  } as unknown as CatalogEntity;
  it('is begun by its address', () => {
    const given = presetsOf(entity, {
      'preset.name': 'N',
      'preset.age': '7',
      'preset.company': 'i',
      'preset.who': 'c.contact/j',
      'preset.nothing': 'x',
      view: 'v',
    });
    expect(Object.fromEntries(given.map(({ field: one, value }) => [one.key, value]))).toEqual({
      name: 'N',
      age: 7,
      company: { id: 'i', title: null },
      who: { entity: 'c.contact', id: 'j', title: null },
    });
  });
  it('takes a duplicate once, and only of its own entity', () => {
    keepDuplicate('c.contact', { name: 'N' });
    expect(takeDuplicate('c.company')).toBeNull();
    keepDuplicate('c.contact', { name: 'N' });
    expect([takeDuplicate('c.contact'), takeDuplicate('c.contact')]).toEqual([{ name: 'N' }, null]);
  });
});

describe('the field of a change', () => {
  const retired = (title: string): string => `${title} (gone)`;
  const change = { field: 'x_pay', before: 'a', after: null };
  it('is that of the entity, but what the kernel keeps', () => {
    const own = { ...contact, fields: [...contact.fields, field('version', 'integer')] } as CatalogEntity;
    expect(changedField(own, { ...change, field: 'email' }, retired)).toMatchObject({ key: 'email', kind: 'email' });
    expect(changedField(own, { ...change, field: 'version' }, retired)).toBeNull();
    expect(changedField(own, change, retired)).toBeNull();
  });
  it('is shown as what it was where it is retired', () => {
    const gone = {
      ...change,
      retired: true as const,
      title: 'Pay',
      kind: 'choice',
      options: [{ value: 'a', title: 'A' }],
    };
    expect(changedField(contact, gone, retired)).toMatchObject({
      title: 'Pay (gone)',
      kind: 'choice',
      options: [{ value: 'a', title: 'A' }],
      readOnly: true,
    });
  });
});
