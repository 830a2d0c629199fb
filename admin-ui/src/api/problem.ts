/** One finding inside a problem; `path` is a field key or a JSON Pointer. */
export interface ProblemIssue {
  path: string;
  code: string;
  message: string;
  params?: Record<string, unknown>;
}

/** A refusal of the server (RFC 9457), or `network.offline` where it could not be reached. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly hint: string | undefined = undefined,
    readonly issues: readonly ProblemIssue[] = [],
    options: { cause?: unknown } = {},
    /** What the text is made of, where the server tells. */
    readonly params: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail, options);
    this.name = 'ApiProblem';
  }

  get isOffline(): boolean {
    return this.status === 0;
  }
}

/** Reads a problem document; makes one up where the answer is none. */
export function problemOf(status: number, body: unknown): ApiProblem {
  const it = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const text = (key: string) => (typeof it[key] === 'string' ? it[key] : undefined);
  const issues = Array.isArray(it.issues) ? it.issues.filter(isIssue) : [];
  return new ApiProblem(
    status,
    text('code') ?? `http.${status}`,
    text('detail') ?? text('title') ?? `HTTP ${status}`,
    text('hint'),
    issues,
    {},
    typeof it.params === 'object' && it.params !== null ? (it.params as Record<string, unknown>) : {},
  );
}

function isIssue(value: unknown): value is ProblemIssue {
  return typeof value === 'object' && value !== null && typeof (value as ProblemIssue).path === 'string';
}
