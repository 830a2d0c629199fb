import { readBearer, readSessionCookie, writeSessionCookie } from './cookies.js';

test('the session cookie is found among others, and only by its whole name', () => {
  expect(readSessionCookie('a=1; trellis_session=abc; b=2')).toBe('abc');
  expect(readSessionCookie('xtrellis_session=abc')).toBeNull();
  expect(readSessionCookie('trellis_session=')).toBeNull();
  expect(readSessionCookie(undefined)).toBeNull();
});

test('a cookie that another path or domain planted beside ours makes neither count', () => {
  expect(readSessionCookie('trellis_session=mine; trellis_session=theirs')).toBeNull();
});

test('the cookie is out of reach of scripts and other sites, and Secure under TLS', () => {
  expect(writeSessionCookie('t', false)).toBe('trellis_session=t; Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax');
  expect(writeSessionCookie('t', true)).toMatch(/; Secure$/);
  expect(writeSessionCookie(null, true)).toContain('Max-Age=0');
});

test('a bearer token is read', () => {
  expect(readBearer('Bearer trl_1')).toBe('trl_1');
  expect(readBearer('Basic abc')).toBeNull();
  expect(readBearer('Bearer a b')).toBeNull();
});
