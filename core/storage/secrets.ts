import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { broken } from '../base/errors.js';

/** Encrypts values of secret fields. A ciphertext opens in the place it was made for only (`context`). */
export interface Secrets {
  /** `v1.<key id>.<text>`: AES-256-GCM under the present key, base64url. */
  seal(text: string, context: string): string;
  /** The text again. Throws secret.key_unknown where no key fits, secret.damaged where it was changed or moved. */
  open(sealed: string, context: string): string;
  /** True where it was sealed with the present key. */
  isCurrent(sealed: string): boolean;
  /** Names the present key; says nothing of it. */
  readonly keyId: string;
}

/** Makes ciphers of 32-byte keys: the first one seals, all of them open. */
export function createSecrets(keys: readonly Uint8Array[]): Secrets {
  const byId = new Map(keys.map((key) => [idOf(key), key]));
  const keyId = idOf(keys[0]);
  return {
    keyId,
    isCurrent: (sealed) => sealed.split('.')[1] === keyId,
    seal(text, context) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', keys[0], iv).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return `v1.${keyId}.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')}`;
    },
    open(sealed, context) {
      const [format, id, body] = sealed.split('.');
      const key = byId.get(id);
      if (format !== 'v1' || key === undefined)
        throw broken('secret.key_unknown', 'A secret was encrypted with a key that this server does not have.', {
          params: { key: id },
          hint: 'Set TRELLIS_OLD_SECRET to the earlier TRELLIS_SECRET, and run "trellis secrets rotate".',
        });
      try {
        const bytes = Buffer.from(body, 'base64url');
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(Buffer.from(context));
        decipher.setAuthTag(bytes.subarray(12, 28));
        return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw broken('secret.damaged', 'A secret was changed outside of Trellis and cannot be read.', { cause });
      }
    },
  };
}

function idOf(key: Uint8Array): string {
  return createHash('sha256').update('trellis.secret.id').update(key).digest('hex').slice(0, 12);
}
