import { broken, conflict, denied, invalid, limited, missing } from '../base/errors.js';
import { problemOf, retryAfterOf, statusOf } from './problem.js';

test.each([
  [invalid('field.required', 'x'), 422],
  [invalid('request.malformed', 'x'), 400],
  [invalid('request.method', 'x'), 405],
  [invalid('request.media_type', 'x'), 415],
  [denied('auth.required', 'x'), 401],
  [denied('auth.failed', 'x'), 401],
  [denied('access.denied', 'x'), 403],
  [missing('record.not_found', 'x'), 404],
  [conflict('record.clash', 'x'), 409],
  [conflict('record.stale', 'x'), 412],
  [limited('request.too_large', 'x'), 413],
  [limited('auth.too_many_attempts', 'x'), 429],
  [broken('database.unreachable', 'x'), 503],
  [broken('anything', 'x'), 500],
])('%s answers with its status', (error, status) => {
  expect(statusOf(error)).toBe(status);
  expect(problemOf(error, 'r1')).toMatchObject({ status, code: error.code, type: `urn:trellis:problem:${error.code}` });
});

test('a refusal carries hint and issues', () => {
  const error = invalid('record.invalid', 'Two fields are wrong.', {
    hint: 'Mend them.',
    issues: [{ path: '/name', code: 'field.required', message: 'Name is required.' }],
  });
  expect(problemOf(error, 'r1')).toEqual({
    type: 'urn:trellis:problem:record.invalid',
    title: 'Unprocessable Entity',
    status: 422,
    code: 'record.invalid',
    detail: 'Two fields are wrong.',
    hint: 'Mend them.',
    issues: [{ path: '/name', code: 'field.required', message: 'Name is required.' }],
  });
});

test('a fault of ours tells the request id and nothing of what happened', () => {
  const text = JSON.stringify(
    problemOf(
      broken('database.failed', 'column "secret" of relation x', {
        issues: [{ path: '', code: 'x', message: 'secret' }],
      }),
      'r-42',
    ),
  );
  expect(text).toContain('r-42');
  expect(text).not.toContain('secret');
});

test('Retry-After comes from the refusal', () => {
  expect(retryAfterOf(limited('auth.too_many_attempts', 'x', { params: { retryAfterSeconds: 12.2 } }))).toBe(13);
  expect(retryAfterOf(limited('request.too_large', 'x'))).toBeNull();
});
