import { hkdfSync, randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../base/config.js';
import { createSecrets, type Secrets } from './secrets.js';

/**
 * 32 bytes for a purpose, derived (HKDF-SHA256) from TRELLIS_SECRET, or from a key that is made once and kept in the
 * data directory, readable by its owner only. Several nodes on one database need TRELLIS_SECRET.
 */
export async function loadSecret(config: Pick<Config, 'secret' | 'dataDir'>, purpose: string): Promise<Uint8Array> {
  return derive(config.secret ?? (await keptKey(config.dataDir)), purpose);
}

/** The ciphers of secret fields: they seal with the present key, and open what TRELLIS_OLD_SECRET or the kept key sealed too. */
export async function loadSecrets(config: Pick<Config, 'secret' | 'oldSecret' | 'dataDir'>): Promise<Secrets> {
  const kept = config.secret === null ? [] : [await readFile(keyPath(config.dataDir), 'utf8').catch(() => null)];
  const old = [config.oldSecret, ...kept].flatMap((material) => (material ? [derive(material, 'secret-field')] : []));
  return createSecrets([await loadSecret(config, 'secret-field'), ...old]);
}

function derive(material: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', material, 'trellis', purpose, 32));
}

function keyPath(dataDir: string): string {
  return join(dataDir, 'secret.key');
}

async function keptKey(dataDir: string): Promise<string> {
  const path = keyPath(dataDir);
  await mkdir(dataDir, { recursive: true });
  try {
    // Exclusive: of two that start at once, one makes the key and the other reads it.
    const file = await open(path, 'wx', 0o600);
    const key = randomBytes(48).toString('base64url');
    await file.writeFile(key);
    await file.close();
    return key;
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
    for (let attempt = 0; attempt < 20; attempt++) {
      const key = await readFile(path, 'utf8');
      if (key.length >= 32) return key;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw error;
  }
}
