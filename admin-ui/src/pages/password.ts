/** What is wrong with a new password that a browser can tell (key of a message), or null. The server knows more: common and earlier ones. */
export function checkNewPassword(next: string, again: string): 'signIn.tooShort' | 'signIn.differs' | null {
  if ([...next].length < 10) return 'signIn.tooShort';
  if (next !== again) return 'signIn.differs';
  return null;
}
