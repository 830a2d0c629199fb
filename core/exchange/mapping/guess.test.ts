import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema } from '../../schema/index.js';
import { convertCell, convertMember } from '../convert/cells.js';
import { parseCsv } from '../read/csv-parser.js';
import type { ColumnSample } from './guess.js';
import { guessMapping } from './guess.js';
import { targetsOf } from './targets.js';

const documents = ['core/system', 'plugins/contacts'].flatMap((folder) => {
  const path = join(process.cwd(), folder, 'entities');
  const prefix = folder.endsWith('system') ? 'core' : 'contacts';
  return readdirSync(path).map((file) => ({
    id: `${prefix}.${file.replace('.json', '')}`,
    document: JSON.parse(readFileSync(join(path, file), 'utf8')) as Record<string, unknown>,
  }));
});
const { schema } = buildSchema({ entities: documents }, (entity, field) => `${entity}/${field}`);
const env = { region: 'US', zone: 'UTC', dateOrder: 'mdy', decimalSeparator: '.' } as const;

function guess(entity: string, columns: readonly ColumnSample[]): Record<string, string> {
  const model = schema.entities.get(entity);
  if (!model) throw new Error(entity);
  const targets = targetsOf(model, () => 'edit');
  const mapping = guessMapping({
    columns,
    targets,
    ignored: new Set([...model.fields.keys()].filter((key) => !targets.has(key))),
    titles: (key) => [model.fields.get(key)?.title ?? ''],
    fits: (text, target) => {
      const found = target.member === null ? convertCell(text, target.field, env) : convertMember(text, target);
      return 'empty' in found || found.ok;
    },
    entity: (id) => schema.entities.get(id),
  });
  return Object.fromEntries(
    mapping
      .filter((entry) => entry.field)
      .map((entry) => [entry.column, entry.matchBy ? `${entry.field} by ${entry.matchBy}` : String(entry.field)]),
  );
}

const columns = (samples: Record<string, string[]>): ColumnSample[] =>
  Object.entries(samples).map(([column, values]) => ({ column, samples: values }));

describe('guessMapping', () => {
  it('prefers the column with the whole address to its parts', () => {
    const found = guess(
      'contacts.company',
      columns({ Name: ['A'], BillingStreet: ['1 Main St'], BillingCity: ['X'], BillingAddress: ['{"city":"X"}'] }),
    );
    expect(found).toEqual({ Name: 'name', BillingAddress: 'billingAddress' });
  });

  it('puts parts together where no column holds the whole', () => {
    const found = guess(
      'contacts.company',
      columns({ Name: ['A'], BillingStreet: ['1 Main St'], 'Billing Zip': ['12345'], BillingState: ['CA'] }),
    );
    expect(found).toEqual({
      Name: 'name',
      BillingStreet: 'billingAddress.street',
      'Billing Zip': 'billingAddress.postalCode',
      BillingState: 'billingAddress.region',
    });
  });

  it('matches links by what their cells look like', () => {
    expect(guess('contacts.contact', columns({ AccountId: ['001Ec00000GGw3hIAD'] }))).toEqual({
      AccountId: 'company by externalId',
    });
    expect(guess('contacts.contact', columns({ Company: ['Acme Inc.'] }))).toEqual({ Company: 'company by title' });
    expect(guess('contacts.contact', columns({ company: ['0190a5c2-7b3e-7c4d-8e5f-001122334455'] }))).toEqual({
      company: 'company by id',
    });
  });

  it('takes an Id of another system as external id, one of ours as id', () => {
    expect(guess('contacts.company', columns({ Id: ['001Ec00000GGw3hIAD'], External_id__c: ['crm_1'] }))).toEqual({
      Id: 'externalId',
    });
    expect(guess('contacts.company', columns({ id: ['0190a5c2-7b3e-7c4d-8e5f-001122334455'] }))).toEqual({ id: 'id' });
  });

  it('chooses among columns that mean the same by their contents', () => {
    expect(guess('contacts.company', columns({ Type: [], Classification__c: ['Customer', 'Prospect'] }))).toEqual({
      Classification__c: 'type',
    });
    expect(
      guess('contacts.company', columns({ Type: ['Customer'], Classification__c: ['Customer', 'Prospect'] })),
    ).toEqual({ Type: 'type' });
  });

  it('leaves out what cannot be written, as an export of ours holds it', () => {
    expect(
      guess(
        'contacts.contact',
        columns({
          fullName: ['Ada'],
          version: ['1'],
          'company.title': ['Acme'],
          company: ['0190a5c2-7b3e-7c4d-8e5f-001122334455'],
        }),
      ),
    ).toEqual({ company: 'company by id' });
  });

  const salesforce = join(process.cwd(), '../shared/data/salesforce-export/data');
  it('maps a real Salesforce export', () => {
    if (!existsSync(salesforce)) return;
    const read = (file: string): ColumnSample[] => {
      const [header, ...rows] = parseCsv(readFileSync(join(salesforce, file), 'utf8'));
      return header.map((column, at) => ({ column: column ?? '', samples: rows.flatMap((row) => row[at] ?? []) }));
    };
    expect(guess('contacts.company', read('Account.csv'))).toMatchObject({
      Id: 'externalId',
      Name: 'name',
      ParentId: 'parent by externalId',
      BillingAddress: 'billingAddress',
      Phone: 'phone',
      Website: 'website',
      Industry: 'industry',
      AnnualRevenue: 'annualRevenue',
      NumberOfEmployees: 'employees',
      OwnerId: 'ownerId by externalId',
      CreatedDate: 'createdAt',
      LastModifiedById: 'updatedBy by externalId',
    });
    expect(guess('contacts.contact', read('Contact.csv'))).toMatchObject({
      Id: 'externalId',
      AccountId: 'company by externalId',
      LastName: 'lastName',
      FirstName: 'firstName',
      Salutation: 'salutation',
      MailingAddress: 'mailingAddress',
      Phone: 'phone',
      MobilePhone: 'mobile',
      HomePhone: 'homePhone',
      Email: 'email',
      Birthdate: 'birthdate',
      Designation__c: 'jobTitle',
      Annual_Income__c: 'annualIncome',
    });
    expect(guess('contacts.activity', read('Task.csv'))).toMatchObject({
      Id: 'externalId',
      WhoId: 'who by externalId',
      WhatId: 'regarding by externalId',
      Subject: 'subject',
      ActivityDate: 'dueDate',
      Status: 'status',
      Priority: 'priority',
      Type__c: 'type',
    });
  });
});
