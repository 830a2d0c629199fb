import { checkNewPassword } from './password.js';

it.each([
  ['short', 'short', 'signIn.tooShort'],
  ['long enough 1', 'long enough 2', 'signIn.differs'],
  ['correct horse battery', 'correct horse battery', null],
])('%s / %s → %s', (next, again, finding) => {
  expect(checkNewPassword(next, again)).toBe(finding);
});
