import { databaseError } from './database-errors.js';

const failure = (code: string, message = 'no') => Object.assign(new Error(message), { code });

test('only what the server or the network says is wrapped, not a stop on purpose', () => {
  for (const error of [new Error('ours'), failure('ABORT_ERR'), failure('ERR_INVALID_ARG_TYPE')])
    expect(databaseError(error)).toBe(error);
});

test.each([
  ['42703', 'database.failed'],
  ['XX000', 'database.failed'],
  ['EAI_AGAIN', 'database.failed'],
  ['ECONNRESET', 'database.unreachable'],
  ['57P01', 'database.unreachable'],
  ['23505', 'database.unique'],
  ['57014', 'database.timeout'],
])('%s is %s', (code, expected) => {
  const error = failure(code);
  expect(databaseError(error)).toMatchObject({ code: expected, cause: error });
});
