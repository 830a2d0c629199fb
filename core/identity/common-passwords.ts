import { hash } from 'node:crypto';
import { leakedPasswords } from './leaked-passwords.js';

/**
 * True for a password that is on the bundled list of leaked ones, for a word of that list with digits and signs before or behind
 * it (`Sunshine2024!`, `p@ssw0rd123`), and for a trivial pattern. Takes it folded: NFKC, lower case.
 */
export function isCommonPassword(folded: string): boolean {
  return (
    isListed(folded) ||
    ours.has(folded) ||
    new Set(folded).size <= 2 ||
    isRun(folded) ||
    isRepeated(folded) ||
    isDecoratedWord(folded)
  );
}

/** What is typed here more often than in the public lists. */
const ours = new Set(
  `trellis123 trellis1234 trellisadmin salesforce123 admin12345 admin123456 administrator changeme123 changeme1! changeit123
  default123 letmein123 letmein1234 guest12345 google1234 facebook123 linkedin123 motdepasse contrasena abc1234567 abc123456789
  a1b2c3d4e5 1234qwerasdf qweasdzxc123 woaini1314 woaini520520 5201314520 1314520520`.split(/\s+/),
);

/** Letters that signs stand for. */
const leet: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

let listed: ReadonlySet<string> | null = null;

function isListed(text: string): boolean {
  listed ??= readList();
  return listed.has(hash('sha256', text, 'hex').slice(0, 10));
}

function readList(): ReadonlySet<string> {
  const hex = Buffer.from(leakedPasswords.replaceAll('\n', ''), 'base64').toString('hex');
  const entries = new Set<string>();
  for (let at = 0; at < hex.length; at += 10) entries.add(hex.slice(at, at + 10));
  return entries;
}

/** One listed word, and at most eight characters around it that are no letters. */
function isDecoratedWord(text: string): boolean {
  const bare = /^[^\p{L}]*(.*?)[^\p{L}]*$/u.exec(text)?.[1] ?? '';
  const plain = (part: string): string => part.replaceAll(/[013457@$!]/g, (sign) => leet[sign]);
  return [bare, plain(bare)].some(
    (word) => /^[a-z]{5,}$/.test(word) && text.length - word.length <= 8 && (isListed(word) || ours.has(word)),
  );
}

/** `abcabcabcabc`, `1234512345`: one part of up to five characters again and again. */
function isRepeated(text: string): boolean {
  return /^(.{1,5})\1+$/su.test(text);
}

/** `abcdefghijk`, `9876543210`: every step the same, by one. */
function isRun(text: string): boolean {
  const step = text.charCodeAt(1) - text.charCodeAt(0);
  if (Math.abs(step) > 1) return false;
  for (let i = 2; i < text.length; i++) if (text.charCodeAt(i) - text.charCodeAt(i - 1) !== step) return false;
  return true;
}
