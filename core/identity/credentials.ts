import { denied } from '../base/errors.js';

/** What stands for an address in the database: trimmed, NFKC, lower case. */
export function normalizeEmail(email: string): string {
  return email.trim().normalize('NFKC').toLowerCase();
}

/** The one answer to every wrong sign-in. */
export function wrongCredentials(): Error {
  return denied('auth.failed', 'The mail address or the password is wrong.', {
    hint: 'Check both. An administrator can set a new password.',
  });
}
