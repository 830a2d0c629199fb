import { broken, conflict, invalid, isTrellisError, limited, TrellisError } from '../base/errors.js';

interface PgError extends Error {
  code?: string;
  constraint?: string;
  column?: string;
  detail?: string;
  table?: string;
}

/** True for a deadlock or a serialisation failure: the operation may be repeated as it is. */
export function isRetryable(error: unknown): boolean {
  const code = pgCode(error);
  return code === '40P01' || code === '40001';
}

/** SQLSTATE of an error or of its cause, or ''. */
export function pgCode(error: unknown): string {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  if (typeof code === 'string' && isSqlState(code)) return code;
  return cause === undefined ? '' : pgCode(cause);
}

/**
 * What the server said as an error of ours, the original as its cause. A unique clash keeps the constraint's name in
 * params (`database.unique`); records turns it into the field's name.
 */
export function databaseError(error: unknown): unknown {
  if (isTrellisError(error) || !(error instanceof Error)) return error;
  const { code = '', column, constraint, message } = error as PgError;
  if (code === '23505')
    return conflict('database.unique', 'A value that must be unique is taken.', {
      params: { constraint },
      cause: error,
    });
  if (code === '55P03')
    return conflict('database.locked', 'The record is being changed by someone else.', {
      hint: 'Try again in a moment.',
      cause: error,
    });
  if (code === '57014')
    return limited('database.timeout', 'The query took too long and was stopped.', {
      hint: 'Narrow the filter.',
      cause: error,
    });
  if (code === 'TK001')
    return invalid('database.kind_changing', message, {
      issues: [{ path: column ?? '', code: 'database.kind_changing', message }],
      hint: 'See the change sets in Studio: it can be taken back until it is applied.',
      cause: error,
    });
  if (/^22(003|007|008|P02|021)/.test(code))
    return invalid('database.value', `A value does not fit its column: ${message}.`, { cause: error });
  if (code === '53100' || code === '53200')
    return limited('database.full', 'The database server is out of space or memory.', {
      hint: 'Free space; nothing was written.',
      cause: error,
    });
  if (
    /^(08|57P0[1-3]|53300|3D000|28)/.test(code) ||
    /^(ECONN|ENOENT|EPIPE)/.test(code) ||
    /Connection terminated|timeout exceeded|not queryable|Client was closed|starting up|shutting down/.test(message)
  ) {
    return new TrellisError('broken', 'database.unreachable', 'The database does not answer.', {
      hint: 'Try again in a moment.',
      cause: error,
    });
  }
  // What has no word of the server or of the network in it is no answer of the database: a stop on purpose, a slip of ours.
  if (!isSqlState(code) && !isErrno(code)) return error;
  return broken('database.failed', `The database refused a statement (${code}).`, { cause: error });
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code);
}

/** Words of the operating system such as ECONNRESET and EAI_AGAIN; Node's own begin with ERR_. */
function isErrno(code: string): boolean {
  return /^E(?!RR_)[A-Z0-9_]+$/.test(code);
}
