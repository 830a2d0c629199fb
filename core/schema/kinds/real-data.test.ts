import { parse } from 'csv-parse/sync';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleField } from '../sample.js';
import type { CoerceEnv } from './kind.js';

// Exports of real systems, where the checkout has them beside it; never copied into the repository.
const shared = join(import.meta.dirname, '../../../../shared/data');
const env: CoerceEnv = { region: 'US', zone: 'UTC', dateOrder: 'mdy', decimalSeparator: '.' };

/** Column → kind that it must be read as. */
const columns: Record<string, Record<string, string>> = {
  Account: {
    Name: 'text',
    BillingAddress: 'address',
    ShippingAddress: 'address',
    Phone: 'phone',
    Fax: 'phone',
    Website: 'url',
    AnnualRevenue: 'money',
    NumberOfEmployees: 'integer',
    CreatedDate: 'dateTime',
    Description: 'longText',
  },
  Contact: {
    LastName: 'text',
    MailingAddress: 'address',
    OtherAddress: 'address',
    Phone: 'phone',
    MobilePhone: 'phone',
    Email: 'email',
    Birthdate: 'date',
    DoNotCall: 'boolean',
    HasOptedOutOfEmail: 'boolean',
    Annual_Income__c: 'money',
    CreatedDate: 'dateTime',
  },
  Task: {
    Subject: 'text',
    ActivityDate: 'date',
    IsClosed: 'boolean',
    CreatedDate: 'dateTime',
    CallDurationInSeconds: 'duration',
    Description: 'longText',
  },
};

const exported = join(shared, 'salesforce-export/data');
describe('the Salesforce export', () => {
  it.each(Object.entries(columns))('%s is read, all but phone numbers that lost digits', (name, kinds) => {
    if (!existsSync(exported)) return;
    const rows = parse(readFileSync(join(exported, `${name}.csv`)), { columns: true, bom: true }) as Record<
      string,
      string
    >[];
    const refused: string[] = [];
    let read = 0;
    for (const [column, kind] of Object.entries(kinds)) {
      const field = sampleField(kind);
      for (const [i, row] of rows.entries()) {
        if (!row[column]) continue;
        read++;
        const result = field.kind.coerce(row[column], field, env);
        // Numbers that lost a digit before they were exported cannot be mended.
        const isCut = kind === 'phone' && row[column].length < 10;
        if (isCut) expect(result).toMatchObject({ ok: false, code: 'phone.invalid' });
        else if (!result.ok) refused.push(`${column} in row ${i + 1}: ${row[column]} (${result.code})`);
        else expect(field.kind.coerce(field.kind.format(result.value, field), field, env)).toEqual(result);
      }
    }
    expect(refused).toEqual([]);
    expect(read).toBeGreaterThan(rows.length);
  });
});

const naughty = join(shared, 'naughty-strings/blns.json');
const own = [
  "'; drop table x; --",
  '﷽',
  '👩🏽‍🚀',
  'a\0b',
  '<svg><script>alert(1)<p>Hi</p>',
  '<img src=x onerror=alert(1)>',
  '  blanks  ',
  '\u202Ertl',
  '1/0',
  'NaN',
];
const strings = [
  ...own,
  ...(existsSync(naughty) ? (JSON.parse(readFileSync(naughty, 'utf8')) as string[]) : []),
].filter((text) => text !== '');

describe('naughty strings', () => {
  it('passes through text kinds byte for byte, or is refused for a character that cannot be stored', () => {
    for (const id of ['text', 'longText']) {
      const field = sampleField(id);
      for (const text of strings) {
        const result = field.kind.normalize(text, field, env);
        if (text.includes('\0')) expect(result).toMatchObject({ ok: false, code: 'field.nul' });
        else expect(result).toEqual({ ok: true, value: text });
        if (result.ok) expect(field.kind.coerce(field.kind.format(result.value, field), field, env)).toEqual(result);
      }
    }
  });

  it('is made harmless as rich text, once and for all', () => {
    const field = sampleField('richText');
    for (const text of strings) {
      const result = field.kind.normalize(text, field, env);
      if (!result.ok) continue;
      expect(result.value).not.toMatch(/<(script|img|iframe|svg|style|body|input|form|meta|link|object|embed)/i);
      expect(field.kind.normalize(result.value, field, env)).toEqual(result);
    }
  });

  it('never makes another kind throw', () => {
    for (const id of [
      'email',
      'phone',
      'url',
      'address',
      'geo',
      'color',
      'tags',
      'json',
      'date',
      'dateTime',
      'duration',
      'boolean',
      'decimal',
      'money',
      'link',
      'links',
    ]) {
      const field = sampleField(id);
      for (const text of strings)
        if (text !== '') expect(typeof field.kind.coerce(text, field, env).ok).toBe('boolean');
    }
  });
});
