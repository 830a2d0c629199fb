import { limited } from '../base/errors.js';

/** Who is counted at most; beyond, whoever was heard of longest ago is forgotten. */
const bucketLimit = 50_000;

/** Counts requests, so that one caller cannot take the server from all others. In memory: each node counts for itself. */
export interface RateLimit {
  /** Takes one request of `key` off. Throws request.too_many with the seconds after which there is room again. */
  take(key: string, nowMs: number): void;
}

interface Bucket {
  left: number;
  at: number;
}

/** `perMinute` requests, which may come all at once; room comes back evenly. 0: nothing is counted. */
export function createRateLimit(perMinute: number): RateLimit {
  const buckets = new Map<string, Bucket>();
  const perMs = perMinute / 60_000;
  return {
    take(key, nowMs) {
      if (perMinute === 0) return;
      const bucket = buckets.get(key) ?? { left: perMinute, at: nowMs };
      const left = Math.min(perMinute, bucket.left + Math.max(0, nowMs - bucket.at) * perMs);
      if (left < 1)
        throw limited('request.too_many', 'Too many requests.', {
          hint: 'Wait a moment; bulk and export take many records at once.',
          params: { retryAfterSeconds: Math.max(1, Math.ceil((1 - left) / perMs / 1000)) },
        });
      // Set anew, so that the first in the map is who was heard of longest ago.
      buckets.delete(key);
      buckets.set(key, { left: left - 1, at: nowMs });
      if (buckets.size > bucketLimit) buckets.delete(buckets.keys().next().value as string);
    },
  };
}
