import type { CoerceEnv } from './kinds/kind.js';
import { sampleEntity } from './sample.js';
import { createRecordValidator } from './validate-record.js';

const env: CoerceEnv = { region: 'DE', zone: 'Europe/Berlin', dateOrder: 'dmy', decimalSeparator: '.' };
const entity = sampleEntity(
  {
    email: { title: 'Mail', 'x-field': { kind: 'email' } },
    code: { title: 'Code', pattern: '^[A-Z]{2}(-[0-9]+)?$', maxLength: 10, 'x-field': { kind: 'text' } },
    score: { title: 'Score', minimum: 0, maximum: 100, 'x-field': { kind: 'integer' } },
    stage: {
      title: 'Stage',
      'x-field': {
        kind: 'choice',
        options: [
          { value: 'open', title: 'Open' },
          { value: 'won', title: 'Won' },
        ],
      },
    },
    address: { title: 'Address', 'x-field': { kind: 'address' } },
    started: { title: 'Started', 'x-field': { kind: 'dateTime' } },
    number: { title: 'Number', 'x-field': { kind: 'autoNumber' } },
    gone: { title: 'Gone', 'x-field': { kind: 'text', retired: true } },
  },
  { required: ['name', 'address'] },
);
const validate = createRecordValidator(entity);
const base = { name: 'Ada', address: { city: 'Berlin' } };
const codes = (values: Record<string, unknown>, mode: 'create' | 'update' = 'update'): [string, string][] =>
  validate(values, mode, env).issues.map((issue) => [issue.path, issue.code]);

describe('createRecordValidator', () => {
  it('brings values into canonical form', () => {
    expect(
      validate({ ...base, email: ' ADA@Example.com', started: '2024-07-01 12:00', score: 5 }, 'create', env),
    ).toEqual({
      values: { ...base, email: 'ada@example.com', started: '2024-07-01T10:00:00.000Z', score: 5 },
      issues: [],
    });
  });

  it.each<[string, Record<string, unknown>, [string, string][]]>([
    ['an unknown field', { nmae: 'x' }, [['nmae', 'field.unknown']]],
    [
      'a prototype key',
      JSON.parse('{"__proto__":{"admin":true}}') as Record<string, unknown>,
      [['__proto__', 'field.unknown']],
    ],
    ['a retired field', { gone: 'x' }, [['gone', 'field.unknown']]],
    ['a field of the system', { createdAt: '2024-01-01T00:00:00Z' }, [['createdAt', 'field.read_only']]],
    ['the id', { id: '0190a5c2-7b3e-7c4d-8e5f-001122334455' }, [['id', 'field.read_only']]],
    ['the version', { version: 5 }, [['version', 'field.read_only']]],
    ['a counted number', { number: 'A1' }, [['number', 'field.read_only']]],
    ['a wrong type', { name: 5 }, [['name', 'field.type']]],
    ['a text that is too long', { code: 'AB-12345678' }, [['code', 'field.too_long']]],
    ['a text out of pattern', { code: 'ab' }, [['code', 'field.pattern']]],
    ['a number too small', { score: -1 }, [['score', 'field.too_small']]],
    ['a number too large', { score: 101 }, [['score', 'field.too_large']]],
    ['an infinite number', { score: Infinity }, [['score', 'field.too_large']]],
    ['a value that is no option', { stage: 'opne' }, [['stage', 'field.choice']]],
    ['a part that is none', { address: { planet: 'Mars' } }, [['address', 'field.unknown_part']]],
    ['a part of another type', { address: { city: 5 } }, [['address', 'field.type']]],
    ['what the kind refuses', { email: 'ada' }, [['email', 'field.email']]],
    ['emptying what is required', { name: null }, [['name', 'field.required']]],
    ['emptying by parts what is required', { address: { city: ' ' } }, [['address', 'field.required']]],
    [
      'several at once',
      { score: 'x', email: 'y', zzz: 1 },
      [
        ['zzz', 'field.unknown'],
        ['score', 'field.type'],
        ['email', 'field.email'],
      ],
    ],
  ])('refuses %s', (_name, values, expected) => {
    expect(codes(values)).toEqual(expected);
  });

  it('asks for required fields on create only', () => {
    expect(codes({ score: 1 })).toEqual([]);
    expect(codes({ score: 1 }, 'create')).toEqual([
      ['name', 'field.required'],
      ['address', 'field.required'],
    ]);
    expect(codes({ name: 5, address: { city: 'x' } }, 'create')).toEqual([['name', 'field.type']]);
  });

  it('suggests what was probably meant, with params for other languages', () => {
    const [issue] = validate({ emial: 'x' }, 'update', env).issues;
    expect(issue).toEqual({
      path: 'emial',
      code: 'field.unknown',
      message: 'Thing has no field "emial". Did you mean "email"?',
      params: { field: 'emial', suggestion: 'email' },
    });
    const [choice] = validate({ stage: 'opne' }, 'update', env).issues;
    expect(choice.message).toContain('Did you mean "open"?');
    const [small] = validate({ score: -1 }, 'update', env).issues;
    expect(small).toMatchObject({ message: 'Score: at least 0.', params: { field: 'score', limit: 0 } });
    const [part] = validate({ address: { city: 5 } }, 'update', env).issues;
    expect(part.params).toMatchObject({ at: '/city' });
  });

  it('lets an import set when and by whom, and nothing else', () => {
    const { values, issues } = validate(
      {
        createdAt: '2020-01-01T00:00:00+01:00',
        version: 3,
        externalId: 'x1',
        ownerId: { id: '0190A5C2-7b3e-7c4d-8e5f-001122334455', title: 'Ada' },
      },
      'update',
      env,
      { systemFields: true },
    );
    expect(values).toEqual({
      createdAt: '2019-12-31T23:00:00.000Z',
      externalId: 'x1',
      ownerId: '0190a5c2-7b3e-7c4d-8e5f-001122334455',
    });
    expect(issues.map((issue) => issue.path)).toEqual(['version']);
  });

  it('keeps one validator an entity and is quick on many rows', () => {
    expect(createRecordValidator(entity)).toBe(validate);
    const row = {
      ...base,
      email: 'ada@example.com',
      code: 'AB-1',
      score: 7,
      stage: 'won',
      started: '2024-01-01T00:00:00Z',
    };
    const started = performance.now();
    for (let i = 0; i < 10_000; i++) validate(row, 'create', env);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
