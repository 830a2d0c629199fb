import { invalid } from '../base/errors.js';
import { isCommonPassword } from './common-passwords.js';

/** Least number of characters of a password. */
export const minPasswordLength = 10;
/** Most bytes of a password in UTF-8; longer ones would only cost hashing time. */
export const maxPasswordBytes = 1024;

/**
 * Refuses a password that is too short, too long, the mail address, or among the most common ones (NIST SP 800-63B §5.1.1.2).
 * Throws password.too_short, password.too_long, password.is_email, password.too_common.
 */
export function checkPassword(input: { password: string; email: string; path?: string }): void {
  const { password, email } = input;
  const refuse = (code: string, message: string): never => {
    throw invalid(code, message, {
      issues: [{ path: input.path ?? '/password', code, message, params: { minLength: minPasswordLength } }],
    });
  };
  if ([...password].length < minPasswordLength)
    refuse('password.too_short', `A password needs at least ${minPasswordLength} characters.`);
  if (Buffer.byteLength(password) > maxPasswordBytes)
    refuse('password.too_long', `A password has at most ${maxPasswordBytes} bytes.`);
  const folded = password.normalize('NFKC').toLowerCase();
  const mail = email.toLowerCase();
  if (folded === mail || folded === mail.split('@')[0])
    refuse('password.is_email', 'A password must not be the mail address.');
  if (isCommonPassword(folded))
    refuse('password.too_common', 'This password is among the most common ones. Choose another.');
}
