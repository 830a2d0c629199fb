import type { CatalogEntity, CatalogField } from '../meta/index.js';
import { defaultView, fieldsOf, nextSort, sameState, stateOfView, valueAt, viewOfState } from './list-state.js';

const field = (key: string, more: Partial<CatalogField> = {}) =>
  ({ key, title: key, kind: 'text', system: false, ...more }) as CatalogField;
const fields = [
  field('id', { system: true }),
  field('version', { system: true }),
  field('name'),
  field('notes', { kind: 'longText' }),
  field('amount', { kind: 'money', currencyField: 'amountCurrency' }),
  field('amountCurrency'),
  field('updatedAt', { system: true }),
];
const entity = { id: 'x.thing', titleField: 'name', defaultSort: ['-createdAt'], fields } as unknown as CatalogEntity;
const fieldAt = (path: string) =>
  fields.find((each) => each.key === path) ?? (path === 'company.name' ? field('name') : undefined);

describe('views and states', () => {
  it('makes a view where there is none', () => {
    expect(defaultView(entity).columns.map((column) => column.field)).toEqual([
      'name',
      'amount',
      'amountCurrency',
      'updatedAt',
    ]);
  });

  it('leaves out columns that cannot be read, and falls back to the title', () => {
    const view = { ...defaultView(entity), columns: [{ field: 'secret' }] };
    expect(stateOfView(view, entity, fieldAt)).toMatchObject({
      columns: [{ field: 'name' }],
      sort: ['-createdAt'],
      density: 'compact',
      filter: '',
    });
  });

  it('keeps the field of the groups in a saved view, and none where it was taken away', () => {
    const base = { ...defaultView(entity), groupBy: 'name' };
    const state = stateOfView(base, entity, fieldAt);
    expect(state.groupBy).toBe('name');
    expect(viewOfState(state, base, 'Grouped')).toMatchObject({ groupBy: 'name' });
    expect(viewOfState({ ...state, groupBy: null }, base, 'Plain')).not.toHaveProperty('groupBy');
    expect(sameState(state, { ...state, groupBy: null })).toBe(false);
    expect(stateOfView({ ...base, groupBy: 'secret' }, entity, fieldAt).groupBy).toBeNull();
  });

  it('survives a round trip', () => {
    const state = stateOfView(defaultView(entity), entity, fieldAt);
    const changed = {
      ...state,
      filter: 'name == "a"',
      density: 'comfortable' as const,
      columns: [{ field: 'name', pinned: true, width: 300 }],
    };
    const view = { ...viewOfState(changed, defaultView(entity), 'Mine'), id: 'v' };
    expect(sameState(stateOfView(view, entity, fieldAt), changed)).toBe(true);
    expect(sameState(state, changed)).toBe(false);
  });
});

describe('fieldsOf', () => {
  it('asks for id, version, title and currencies', () => {
    expect(fieldsOf([{ field: 'amount' }, { field: 'company.name' }], entity, fieldAt)).toEqual([
      'amount',
      'amountCurrency',
      'company.name',
      'id',
      'name',
      'version',
    ]);
  });
});

describe('valueAt', () => {
  it('walks over links and stops at empty ones', () => {
    expect(valueAt({ company: { id: '1', name: 'Acme' } }, 'company.name')).toBe('Acme');
    expect(valueAt({ company: null }, 'company.name')).toBeNull();
    expect(valueAt({}, 'name')).toBeNull();
  });
});

describe('nextSort', () => {
  it('goes up, down, none', () => {
    expect(nextSort([], 'a', false)).toEqual(['a']);
    expect(nextSort(['a'], 'a', false)).toEqual(['-a']);
    expect(nextSort(['-a', 'b'], 'a', false)).toEqual([]);
  });

  it('keeps the others with shift', () => {
    expect(nextSort(['b'], 'a', true)).toEqual(['b', 'a']);
    expect(nextSort(['a', 'b'], 'a', true)).toEqual(['-a', 'b']);
    expect(nextSort(['-a', 'b'], 'a', true)).toEqual(['b']);
  });
});
