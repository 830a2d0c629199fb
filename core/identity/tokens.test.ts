import { addressBucket } from './attempts.js';
import { checkScopes } from './api-keys.js';
import { LruMap } from './lru.js';
import { isApiKey, isSessionToken, newApiKey, newOneTimePassword, newSessionToken } from './tokens.js';

test('tokens and keys have their shape and never repeat', () => {
  const key = newApiKey('01890a5d-ac96-774b-bcce-b302099a8057');
  expect(key).toMatch(/^trl_01890a5dac96774bbcceb302099a8057_/);
  expect(isApiKey(key)).toBe(true);
  expect(isSessionToken(newSessionToken())).toBe(true);
  expect(isSessionToken(key)).toBe(false);
  expect(newSessionToken()).not.toBe(newSessionToken());
  expect(newOneTimePassword()).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
});

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2:ffff::1', '2001:db8:1:2'],
  ['2001:0db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
])('attempts from %s are counted under %s', (address, bucket) => {
  expect(addressBucket(address)).toBe(bucket);
});

test('scopes name known verbs and entities', () => {
  const entities = ['contacts.company'];
  expect(() => checkScopes(['read', 'contacts.company:write'], entities)).not.toThrow();
  expect(() => checkScopes(['contacts.compnay:read'], entities)).toThrow('Did you mean "contacts.company"?');
  for (const scope of ['admin', 'contacts.company', 'contacts.company:delete', 'contacts.company:read:x', ''])
    expect(() => checkScopes([scope], entities)).toThrow();
  expect(() => checkScopes([], entities)).toThrow();
});

test('the cache forgets what was used longest ago', () => {
  const map = new LruMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.get('a');
  map.set('c', 3);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
});
