import { hash, verify } from '@node-rs/argon2';
import { limited } from '../base/errors.js';

/** argon2id with OWASP's first recommendation: 19 MiB, two passes. */
const parameters = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hashing at once; more would starve the thread pool and the memory of the process. */
const runningLimit = 3;
const waitingLimit = 60;

/** Hashes passwords, a few at a time. */
export interface Hasher {
  hash(password: string): Promise<string>;
  /** Compares; a null hash is compared with a dummy, at the same cost, and is never right. */
  verify(hash: string | null, password: string): Promise<boolean>;
}

/** Throws auth.busy (limited) where too many wait already. */
export function createHasher(): Hasher {
  const queue = createGate();
  let dummy: Promise<string> | undefined;
  return {
    hash: (password) => queue(() => hash(password.normalize('NFKC'), parameters)),
    verify: (stored, password) =>
      queue(async () => {
        const target = stored ?? (await (dummy ??= hash('not a password of anybody', parameters)));
        const isRight = await verify(target, password.normalize('NFKC'));
        return isRight && stored !== null;
      }),
  };
}

function createGate(): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= runningLimit) {
      if (waiting.length >= waitingLimit)
        throw limited('auth.busy', 'Too many people are signing in at this moment.', {
          hint: 'Try again in a few seconds.',
          params: { retryAfterSeconds: 5 },
        });
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running++;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
