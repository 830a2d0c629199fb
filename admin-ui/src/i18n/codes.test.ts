import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** Rooms and commands whose refusals no browser shows: they are read where the server is run or a plugin is written. */
const elsewhere: Readonly<Record<string, string>> = {
  'config.': 'read at the start, told at the command line',
  'storage.': 'the start of the database, told at the command line',
  'doctor.': 'findings of `trellis doctor`',
  'hook.': 'a plugin’s code is wrong: told at the start',
  'backup.': 'restore runs at the command line',
  'secret.key': 'the name of a file',
};
/** Codes that reach nobody in a browser, each with its reason. */
const unseen: Readonly<Record<string, string>> = {
  'action.defined_twice': 'a plugin’s code is wrong: told at the start',
  'audit.no_hash': 'an invariant of the kernel; a fault of ours',
  'audit.text_too_short': 'code asks for the erasure',
  'action.not_public': 'a plugin’s code asks for a link that its door does not take',
  'bulk.mode': 'the browser sends fixed modes',
  'core.principal_out_of_step': 'an invariant of the kernel; a fault of ours',
  'identity.no_transaction': 'an invariant of the kernel; a fault of ours',
  'job.defined_twice': 'a plugin’s code is wrong: told at the start',
  'job.unknown': 'a plugin’s code is wrong: told in the log',
  'link.too_long': 'a plugin’s code makes the link',
  'mail.bad_key': 'a plugin’s code is wrong',
  'mail.bad_path': 'a plugin’s code is wrong',
  'mail.taken_over': 'another worker has the mail: told in the log',
  'notification.too_large': 'a plugin’s code gives the values',
  'plugin.core_broken': 'the server does not start',
  'request.idempotency_key': 'the browser makes keys itself',
};
/** Written like codes, and something else. */
const noCodes: Readonly<Record<string, string>> = {
  'access.changed': 'audit entry',
  'audit.erased': 'audit entry',
  'audit.exported': 'audit entry',
  'audit.pruned': 'audit entry',
  'catalog.applied': 'audit entry',
  'catalog.reverted': 'audit entry',
  'file.downloaded': 'audit entry',
  'import.progress': 'event',
  'job.changed': 'event',
  'job.enqueued': 'event',
  'privacy.erased': 'audit entry',
  'password.changed': 'audit entry',
  'password.reset': 'audit entry',
  'plugin.disabled': 'audit entry',
  'plugin.enabled': 'audit entry and code',
  'plugin.installed': 'audit entry',
  'plugin.json': 'file',
  'package.json': 'file',
  'plugin.settingsChanged': 'audit entry',
  'record.changed': 'event',
  'record.shared': 'audit entry',
  'session.ended': 'audit entry',
  'session.refused': 'audit entry',
  'session.started': 'audit entry',
  'user.created': 'audit entry',
  'user.deleted': 'audit entry',
  'user.suspended': 'audit entry',
  'mail.cancelled': 'audit entry',
  'mail.resent': 'audit entry',
  'notification.created': 'event',
  'page.css': 'file',
  'page.js': 'file',
  'passkey.added': 'audit entry',
  'passkey.removed': 'audit entry',
  'password.chosen': 'audit entry',
  'provider.changed': 'audit entry',
  'provider.created': 'audit entry',
  'provider.removed': 'audit entry',
  'session.revoked': 'audit entry',
  'totp.cleared': 'audit entry',
  'totp.disabled': 'audit entry',
  'totp.enabled': 'audit entry',
  'user.invited': 'audit entry',
  'user.linked': 'audit entry',
  'impersonation.ended': 'audit entry',
  'impersonation.started': 'audit entry',
};

const files = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'generated' || path === 'core/cli' ? [] : files(path);
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') ? [path] : [];
  });
const source = files('core').map((path) => readFileSync(join(root, path), 'utf8'));
const codeIn = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, code]) => code ?? '');

/** Thrown by name, or given as the `code` of a finding. */
const plain = source.flatMap((text) => [
  ...codeIn(text, /\b(?:invalid|denied|missing|conflict|limited|broken)\(\s*'([a-z_]+\.[a-zA-Z_]+)'/g),
  ...codeIn(text, /\bcode: '([a-z_]+\.[a-zA-Z_]+)'/g),
]);
/** Also those that are handed on (`fault(at, 'definition.no_kind')`): words of a family that has plain ones. */
const families = new Set(plain.map((code) => code.slice(0, code.indexOf('.') + 1)));
const handed = source.flatMap((text) =>
  codeIn(text, /'([a-z_]+\.[a-z_]+)'/g).filter((code) => families.has(code.slice(0, code.indexOf('.') + 1))),
);
const isPlain = new Set(plain);
const codes = [...new Set([...plain, ...handed])]
  .filter((code) => !Object.keys(elsewhere).some((family) => code.startsWith(family)) && !Object.hasOwn(unseen, code))
  .filter((code) => isPlain.has(code) || (!Object.hasOwn(noCodes, code) && !isName(code)))
  .sort();

/** Names of entities, tables and columns. */
function isName(code: string): boolean {
  return /^(core|contacts|test|sales|trellis|trellis_jobs)\./.test(code);
}

const wordsOf = (locale: string): Record<string, string> =>
  Object.assign(
    {},
    ...['i18n', 'studio/i18n'].flatMap((room) => {
      const { problem } = JSON.parse(readFileSync(join(root, `admin-ui/src/${room}/${locale}.json`), 'utf8')) as {
        problem: Record<'words' | 'codes', Record<string, string> | undefined>;
      };
      return [problem.words, problem.codes];
    }),
  ) as Record<string, string>;

test.each(['en', 'zh-CN'])('every refusal that can reach somebody in a browser has words (%s)', (locale) => {
  const words = wordsOf(locale);
  expect(codes.length).toBeGreaterThan(200);
  expect(codes.filter((code) => !Object.hasOwn(words, code.replaceAll('.', '_')))).toEqual([]);
});

test('no words are kept for codes that nothing throws any longer', () => {
  const known = new Set([...plain, ...handed].map((code) => code.replaceAll('.', '_')));
  const written = source.join('\n');
  // Of our own making, and by the keyword of a setting's schema.
  const made = ['network_offline', 'field_enum', 'field_max', 'field_min'];
  const stale = Object.keys(wordsOf('en')).filter(
    (key) =>
      !known.has(key) &&
      !made.some((start) => key.startsWith(start)) &&
      !written.includes(`'${key.replace('_', '.')}'`),
  );
  expect(stale).toEqual([]);
});

test('what is on the lists of exceptions is still there', () => {
  const all = new Set([...plain, ...handed]);
  expect(Object.keys(unseen).filter((code) => !all.has(code))).toEqual([]);
});
