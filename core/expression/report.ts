import { invalid, type TrellisError } from '../base/errors.js';

/** A stretch of the source, in UTF-16 units; `end` is not part of it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * A refusal that shows where: the message ends with the line and a caret below it; params hold start, end, line and
 * column (from 1) and the caret text.
 */
export function refuse(code: string, message: string, source: string, at: Span, hint?: string): TrellisError {
  const lineStart = source.lastIndexOf('\n', at.start - 1) + 1;
  const lineEnd = source.indexOf('\n', at.start) < 0 ? source.length : source.indexOf('\n', at.start);
  const line = source.slice(0, lineStart).split('\n').length;
  const column = at.start - lineStart;
  // A long line is cut to what stands round the caret.
  const from = Math.max(lineStart, at.start - 60);
  const shown = source.slice(from, Math.min(lineEnd, at.start + 60)).replaceAll('\t', ' ');
  const width = Math.max(1, Math.min(at.end, lineEnd, at.start + 60) - at.start);
  const caret = `${shown}\n${' '.repeat(at.start - from)}${'^'.repeat(width)}`;
  return invalid(code, `${message}\n${caret}`, {
    ...(hint ? { hint } : {}),
    params: { start: at.start, end: at.end, line, column: column + 1, caret },
  });
}
