/** True for one of the passwords of ten and more characters that lead the public lists of leaked ones, or a trivial pattern. */
export function isCommonPassword(folded: string): boolean {
  return common.has(folded) || new Set(folded).size <= 2 || isRun(folded);
}

const common = new Set(
  `1234567890 0123456789 12345678910 123456789a 1234567891 0987654321 123123123123 1231231231 1q2w3e4r5t 1q2w3e4r5t6y
  1qaz2wsx3edc qwertyuiop qwertyuiop123 qwerty1234 qwerty12345 qwerty123456 asdfghjkl; asdfghjkl1 zxcvbnm123 q1w2e3r4t5
  q1w2e3r4t5y6 password12 password123 password1234 password12345 password123! password1! passw0rd123 p@ssw0rd123 p@ssword123
  p@55w0rd123 passwort123 motdepasse contrasena iloveyou12 iloveyou123 iloveyou1! princess123 sunshine123 football123
  baseball123 basketball liverpool1 liverpool123 manchester chocolate1 butterfly1 michael123 jennifer123 charlie123
  superman123 batman1234 pokemon123 starwars123 welcome123 welcome1234 welcome123! letmein123 letmein1234 admin12345
  admin123456 administrator administrator1 changeme123 changeme1! changeit123 secret1234 default123 test123456 testtest123
  guest12345 google1234 facebook123 linkedin123 whatever123 trustno1234 monkey1234 dragon1234 master1234 shadow1234
  abcdefghij abcd123456 abc1234567 abc123456789 a123456789 aa12345678 a1b2c3d4e5 qazwsxedcrfv qweasdzxc123 1234qwerasdf
  woaini1314 woaini520520 5201314520 1314520520 147258369 1472583690 7894561230 9876543210 1020304050 1122334455
  112233445566 1111122222 trellis123 trellis1234 trellisadmin salesforce123 summer2024! winter2024! spring2024! autumn2024!
  summer2025! winter2025! spring2025! autumn2025! summer2026! winter2026! company123 business123`.split(/\s+/),
);

/** `abcdefghijk`, `9876543210`: every step the same, by one. */
function isRun(text: string): boolean {
  const step = text.charCodeAt(1) - text.charCodeAt(0);
  if (Math.abs(step) > 1) return false;
  for (let i = 2; i < text.length; i++) if (text.charCodeAt(i) - text.charCodeAt(i - 1) !== step) return false;
  return true;
}
