import { checkPassword } from './password-rules.js';

const codeOf = (password: string): string => {
  try {
    checkPassword({ password, email: 'ann.lee@example.com' });
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'taken';
};

test.each([
  ['correct horse', 'taken'],
  ['龙行天下万里无云晴空', 'taken'],
  ['nine chars', 'taken'],
  ['123456789', 'password.too_short'],
  ['x'.repeat(1025), 'password.too_long'],
  ['Ann.Lee@example.com', 'password.is_email'],
  ['Password123', 'password.too_common'],
  ['abcdefghijkl', 'password.too_common'],
  ['0000000000', 'password.too_common'],
  ['ababababab', 'password.too_common'],
  ['1029384756', 'password.too_common'],
  ['zxcasdqwe123', 'password.too_common'],
  ['Strawberry1987!', 'password.too_common'],
  ['!P@ssw0rd2026', 'password.too_common'],
  ['Dr4gon-12345', 'password.too_common'],
  ['abcdeabcdeabcde', 'password.too_common'],
  ['strawberry fields', 'taken'],
  ['dragon and tea pot', 'taken'],
  ['xkplwq4417zr', 'taken'],
])('%s: %s', (password, expected) => {
  expect(codeOf(password)).toBe(expected);
});
