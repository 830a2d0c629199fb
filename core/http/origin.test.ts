import { checkOrigin } from './origin.js';

const refused = (headers: Record<string, string>, method = 'POST'): boolean => {
  try {
    checkOrigin({ method, headers: { host: 'crm.example:3000', ...headers }, publicOrigin: 'https://crm.example' });
    return false;
  } catch {
    return true;
  }
};

test.each([
  ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
  ['a sister domain', { 'sec-fetch-site': 'same-site', origin: 'https://blog.example' }],
  ['an old browser elsewhere', { origin: 'https://evil.example' }],
  ['a sandboxed frame', { origin: 'null' }],
  ['another port', { origin: 'http://crm.example:4000' }],
  ['a host that only begins alike', { origin: 'http://crm.example:3000.evil.example' }],
])('a change from %s is refused', (_name, headers) => {
  expect(refused(headers as unknown as Record<string, string>)).toBe(true);
});

test('a change from our own page, the public address, a script or with a key is taken', () => {
  expect(refused({ 'sec-fetch-site': 'same-origin', origin: 'http://localhost:5173' })).toBe(false);
  expect(refused({ 'sec-fetch-site': 'none' })).toBe(false);
  expect(refused({ origin: 'http://crm.example:3000' })).toBe(false);
  expect(refused({ origin: 'https://crm.example' })).toBe(false);
  expect(refused({})).toBe(false);
  expect(
    refused({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example', authorization: 'Bearer trl_x' }),
  ).toBe(false);
});

test('reading is not a change', () => {
  expect(refused({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 'GET')).toBe(false);
});
