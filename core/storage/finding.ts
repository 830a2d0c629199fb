/** One thing the doctor saw. `ok` findings say what was checked. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'error';
  /** `doctor.outbox_lag` … */
  readonly code: string;
  readonly message: string;
  /** What to do, or absent. */
  readonly hint?: string;
}

/** A finding that says what was checked. */
export const ok = (code: string, message: string): Finding => ({ level: 'ok', code, message });
/** Something to know of; nothing is broken. */
export const warning = (code: string, message: string, hint?: string): Finding => ({
  level: 'warning',
  code,
  message,
  ...(hint ? { hint } : {}),
});
/** Something is broken; the hint says what to do. */
export const error = (code: string, message: string, hint?: string): Finding => ({
  level: 'error',
  code,
  message,
  ...(hint ? { hint } : {}),
});
