import { readMailbox, showMailbox } from './address.js';
import { readSmtpUrl } from './smtp.js';

it.each([
  [
    'smtps://u:p%40ss@mail.example.com',
    { port: 465, secure: true, startTls: 'none', auth: { user: 'u', pass: 'p@ss' } },
  ],
  ['smtp://u:p@mail.example.com', { port: 587, secure: false, startTls: 'required' }],
  ['smtp://mail.example.com:25', { port: 25, secure: false, startTls: 'offered', auth: null }],
  ['smtp://u:p@127.0.0.1:2525', { host: '127.0.0.1', port: 2525, startTls: 'none' }],
  ['smtp://[::1]', { host: '::1', startTls: 'none' }],
])('%s: passwords leave this machine encrypted only', (url, server) => expect(readSmtpUrl(url)).toMatchObject(server));

it.each([
  ['ann@example.com', 'ann@example.com', 'ann@example.com'],
  ['  Ann Lee <ann@example.com>', 'ann@example.com', 'Ann Lee <ann@example.com>'],
  ['"Lee, Ann" <ann@example.com>', 'ann@example.com', 'Lee, Ann <ann@example.com>'],
  ['龙@例子.中国', '龙@例子.中国', '龙@例子.中国'],
])('reads %s', (text, address, shown) => {
  expect(readMailbox(text).address).toBe(address);
  expect(showMailbox(readMailbox(text))).toBe(shown);
});

it('a name cannot begin another header', () => {
  expect(readMailbox({ email: 'ann@example.com', name: 'Ann\r\nBcc: x@example.com' }).name).toBe(
    'Ann Bcc: x@example.com',
  );
});

it.each([
  '',
  'ann',
  'ann@',
  '@example.com',
  'a b@example.com',
  'a@b,c@d',
  'a@exa_mple..com',
  `${'x'.repeat(300)}@example.com`,
])('refuses %j', (text) => expect(() => readMailbox(text)).toThrow('no mail address'));
