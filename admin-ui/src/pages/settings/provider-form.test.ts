import { formOf, valuesOf } from './provider-form.js';

const row = {
  id: 'works',
  title: 'Works',
  issuer: 'https://id.example.org',
  clientId: 'trellis',
  scopes: 'email profile groups',
  groupClaim: 'groups',
  roleMap: { 'cn=boss,ou=all': 'core.administrator' },
  defaultRoles: ['core.member'],
  domains: ['example.org', 'example.com'],
  makesUsers: true,
  linksUsers: false,
  active: true,
  hasSecret: true,
  redirectUri: 'https://crm.example.org/back',
};

test('a provider goes through the form unchanged, group names with signs in them too', () => {
  const { hasSecret: _secret, redirectUri: _uri, ...same } = row;
  expect(valuesOf(formOf(row), true)).toEqual(same);
});

test('a secret is sent only where one was typed', () => {
  expect(valuesOf({ ...formOf(row), clientSecret: 'new' }, true)).toMatchObject({ clientSecret: 'new' });
  expect('clientSecret' in valuesOf(formOf(row), true)).toBe(false);
});
