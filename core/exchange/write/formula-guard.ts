/**
 * Spreadsheets run text that starts with one of these. Such text gains one apostrophe on export and loses it on import,
 * so that a file is safe to open and still comes back byte for byte (architecture §9).
 */
const GUARDED = /^'*[=+\-@\t\r]/;
const GUARD = /^'+[=+\-@\t\r]/;

/** Text for a CSV cell that no spreadsheet takes for a formula. */
export function guard(text: string): string {
  return GUARDED.test(text) ? `'${text}` : text;
}

/** The text that `guard` was given. */
export function unguard(text: string): string {
  return text.charCodeAt(0) === 39 && GUARD.test(text) ? text.slice(1) : text;
}
