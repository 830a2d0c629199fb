import { sampleEntity } from '../../schema/sample.js';
import type { ColumnMapping } from '../types.js';
import { targetsOf } from '../mapping/targets.js';
import { planRows } from './plan.js';
import type { RowPlan } from './plan.js';
import { convertRow, isRefused } from './row.js';

const entity = sampleEntity(
  {
    amount: { title: 'Amount', type: 'number', 'x-field': { kind: 'decimal' } },
    stage: { title: 'Stage', 'x-field': { kind: 'choice', options: [{ value: 'notStarted', title: 'Not Started' }] } },
    must: { title: 'Must', 'x-field': { kind: 'choice', options: [{ value: 'a', title: 'A' }] } },
    phone: { title: 'Phone', 'x-field': { kind: 'phone' } },
    tags: { title: 'Tags', 'x-field': { kind: 'tags' } },
    place: { title: 'Place', 'x-field': { kind: 'address' } },
    company: { title: 'Company', 'x-field': { kind: 'link', to: 'contacts.company' } },
    companies: {
      title: 'Companies',
      'x-field': { kind: 'links', to: 'contacts.company', labels: [{ value: 'boss', title: 'Boss' }] },
    },
    about: { title: 'About', 'x-field': { kind: 'anyLink', to: ['*'] } },
  },
  { required: ['must'] },
);
const targets = targetsOf(entity, () => 'edit');
const matches = (_field: unknown, matchBy: string) => matchBy !== 'secret';
const env = { region: 'US', zone: 'UTC', dateOrder: 'mdy', decimalSeparator: '.' } as const;

function plan(fields: Record<string, string>, onBadCell: RowPlan['onBadCell'] = 'auto', matchBy?: string): RowPlan {
  const mapping = Object.entries(fields).map(([column, field]): ColumnMapping => ({
    column,
    field,
    ...(matchBy ? { matchBy } : {}),
  }));
  return planRows({ columns: Object.keys(fields), mapping, targets, matches, env, onBadCell });
}

function convert(
  field: string,
  cell: string | null | { json: unknown },
  onBadCell: RowPlan['onBadCell'] = 'auto',
  matchBy?: string,
) {
  return convertRow(plan({ Column: field }, onBadCell, matchBy), { number: 7, cells: [cell] });
}

describe('convertRow', () => {
  it('keeps a quoted empty text, drops an unquoted one', () => {
    expect(convert('name', '').values).toEqual({ name: '' });
    expect(convert('name', null).values).toEqual({ name: null });
    expect(convert('amount', '').values).toEqual({ amount: null });
    expect(convert('tags', '').values).toEqual({ tags: [] });
  });

  it('finds options by value, title, and by their words alone', () => {
    for (const text of ['notStarted', 'Not Started', 'not-started'])
      expect(convert('stage', text).values).toEqual({ stage: 'notStarted' });
  });

  it('leaves a cell empty whose choice or phone is unknown, with a warning', () => {
    for (const [field, text] of [
      ['stage', 'Later'],
      ['phone', '12'],
    ]) {
      const row = convert(field, text);
      expect(row.values).toEqual({});
      expect(row.problems).toMatchObject([{ row: 7, column: 'Column', field, severity: 'warning' }]);
      expect(isRefused(row)).toBe(false);
    }
  });

  it('refuses the row for an unknown choice where it is required, or where that is asked for', () => {
    expect(isRefused(convert('must', 'B'))).toBe(true);
    expect(isRefused(convert('stage', 'Later', 'refuse'))).toBe(true);
  });

  it('refuses a row whose number is none', () => {
    expect(convert('amount', 'many').problems).toMatchObject([{ code: 'field.number', severity: 'error' }]);
  });

  it('puts an address together from its columns, or takes it whole from JSON of another system', () => {
    const row = convertRow(plan({ Street: 'place.street', State: 'place.region' }), {
      number: 1,
      cells: ['1 Main St', 'CA'],
    });
    expect(row.values).toEqual({ place: { street: '1 Main St', region: 'CA' } });
    expect(convert('place', '{"state":"ID","country":"United States","geocodeAccuracy":null}').values).toEqual({
      place: { region: 'ID', country: 'US' },
    });
    expect(convert('place', { json: { zip: '74929', country: 'US' } }).values).toEqual({
      place: { postalCode: '74929', country: 'US' },
    });
  });

  it('names linked records without looking them up', () => {
    expect(convert('company', '001Ec', 'auto', 'externalId').links).toMatchObject([
      { matchBy: 'externalId', value: '001Ec' },
    ]);
    expect(convert('companies', 'Acme|Boss; Initech', 'auto', 'title').links).toMatchObject([
      { value: 'Acme', label: 'boss' },
      { value: 'Initech' },
    ]);
    expect(convert('about', 'contacts.company:0190a5c2-7b3e-7c4d-8e5f-001122334455').links).toMatchObject([
      { entity: 'contacts.company', matchBy: 'id' },
    ]);
    expect(convert('about', { json: { entity: 'contacts.company', id: 'x', title: 'X' } }).links).toMatchObject([
      { entity: 'contacts.company', matchBy: 'id', value: 'x' },
    ]);
  });
});

describe('planRows', () => {
  it('names unknown columns and fields, with a suggestion', () => {
    const input = { columns: ['Name'], targets, matches, env, onBadCell: 'auto' as const };
    expect(() => planRows({ ...input, mapping: [{ column: 'Nmae', field: 'name' }] })).toThrow('Did you mean "Name"?');
    expect(() => planRows({ ...input, mapping: [{ column: 'Name', field: 'nmae' }] })).toThrow('Did you mean "name"?');
  });

  it('refuses to find what a link leads to by a field that is not there', () => {
    expect(() => plan({ About: 'about' }, 'auto', 'secret')).toThrow('cannot be found by "secret"');
    expect(() => plan({ About: 'about' }, 'auto', 'id')).not.toThrow();
  });

  it('refuses a field that two columns fill', () => {
    expect(() => plan({ A: 'name', B: 'name' })).toThrow('"A" and "B"');
  });
});
