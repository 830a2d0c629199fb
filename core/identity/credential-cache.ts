import { LruMap } from './lru.js';
import type { Authenticated } from './types.js';

/** At most so many sessions and keys are kept in memory. */
const cacheLimit = 20_000;

/**
 * Sessions and keys as last loaded, by the hash of their token. Every statement of the read and write path checks the
 * credential again in SQL, so an entry here is never trusted on its own for data.
 */
export interface CredentialCache {
  get(tokenHash: string): Authenticated | undefined;
  set(tokenHash: string, entry: Authenticated): void;
  /** Replaces the entry of a credential, or drops it where `entry` is null. */
  renew(credentialId: string, entry: Authenticated | null): void;
  forgetUser(userId: string): void;
}

export function createCredentialCache(limit: number = cacheLimit): CredentialCache {
  const entries = new LruMap<string, Authenticated>(limit);
  const find = (isWanted: (entry: Authenticated) => boolean): string[] =>
    [...entries.all()].filter(([, entry]) => isWanted(entry)).map(([key]) => key);
  return {
    get: (tokenHash) => entries.get(tokenHash),
    set: (tokenHash, entry) => entries.set(tokenHash, entry),
    renew(credentialId, entry) {
      for (const key of find((candidate) => candidate.actor.credential.id === credentialId)) {
        if (entry === null) entries.delete(key);
        else entries.set(key, entry);
      }
    },
    forgetUser(userId) {
      for (const key of find((candidate) => candidate.actor.userId === userId)) entries.delete(key);
    },
  };
}
