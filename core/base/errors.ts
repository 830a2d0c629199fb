/**
 * The six kinds of refusal. `http/` maps kind and code to a status in one table:
 * invalid 422 (malformed 400), denied 401/403, missing 404, conflict 409/412, limited 413/429, broken 500.
 */
export type ErrorKind = 'invalid' | 'denied' | 'missing' | 'conflict' | 'limited' | 'broken';

/** One finding inside a larger refusal; the text is made elsewhere, in the reader's language. */
export interface Issue {
  /** JSON Pointer into the input, or a field key; '' is the whole input. */
  path: string;
  /** Dotted code, e.g. `field.required`. */
  code: string;
  /** English text for people; clients may make their own from code and params. */
  message: string;
  params?: Record<string, unknown>;
}

export interface ErrorOptions {
  /** What to do next, in one sentence. */
  hint?: string;
  issues?: Issue[];
  params?: Record<string, unknown>;
  cause?: unknown;
}

/** A refusal or fault with a dotted code (`record.not_found`). Thrown; never caught just to be logged. */
export class TrellisError extends Error {
  readonly hint?: string;
  readonly issues?: Issue[];
  readonly params?: Record<string, unknown>;

  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    options: ErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TrellisError';
    this.hint = options.hint;
    this.issues = options.issues;
    this.params = options.params;
  }
}

type Make = (code: string, message: string, options?: ErrorOptions) => TrellisError;
const make =
  (kind: ErrorKind): Make =>
  (code, message, options) =>
    new TrellisError(kind, code, message, options);

/** The input cannot be taken as it is. */
export const invalid: Make = make('invalid');
/** The actor is unknown or may not. */
export const denied: Make = make('denied');
/** The thing does not exist, or not for this actor. */
export const missing: Make = make('missing');
/** The thing changed, or clashes with another. */
export const conflict: Make = make('conflict');
/** Too much, too large, too often. */
export const limited: Make = make('limited');
/** Our own fault. */
export const broken: Make = make('broken');

/** True for an error of ours, across realms and bundles. */
export function isTrellisError(error: unknown): error is TrellisError {
  return error instanceof Error && error.name === 'TrellisError' && 'kind' in error;
}
