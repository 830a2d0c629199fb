import { randomBytes } from 'node:crypto';
import { createSecrets } from './secrets.js';

const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];

it('opens what it sealed, each time another text', () => {
  const secrets = createSecrets([newKey]);
  const [a, b] = [secrets.seal('pa55 密', 'f/1'), secrets.seal('pa55 密', 'f/1')];
  expect(a).not.toBe(b);
  expect(a).not.toContain('pa55');
  expect([secrets.open(a, 'f/1'), secrets.open(b, 'f/1')]).toEqual(['pa55 密', 'pa55 密']);
});

it('opens nothing that was moved to another record, or changed', () => {
  const secrets = createSecrets([newKey]);
  const sealed = secrets.seal('x', 'f/1');
  expect(() => secrets.open(sealed, 'f/2')).toThrow(expect.objectContaining({ code: 'secret.damaged' }));
  const [format, id, body] = sealed.split('.');
  const bytes = Buffer.from(body, 'base64url');
  bytes[bytes.length - 1] ^= 1;
  expect(() => secrets.open([format, id, bytes.toString('base64url')].join('.'), 'f/1')).toThrow(
    expect.objectContaining({ code: 'secret.damaged' }),
  );
});

it('opens with an old key, seals with the new one, and names a key that it lacks', () => {
  const sealed = createSecrets([oldKey]).seal('x', 'f/1');
  const both = createSecrets([newKey, oldKey]);
  expect(both.open(sealed, 'f/1')).toBe('x');
  expect([both.isCurrent(sealed), both.isCurrent(both.seal('x', 'f/1'))]).toEqual([false, true]);
  expect(() => createSecrets([newKey]).open(sealed, 'f/1')).toThrow(
    expect.objectContaining({ code: 'secret.key_unknown' }),
  );
});
