import { createRateLimit } from './rate-limit.js';

const codeOf = (work: () => void): string | null => {
  try {
    work();
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test('so many at once, then one for each share of a minute', () => {
  const limit = createRateLimit(60);
  for (let n = 0; n < 60; n++) limit.take('ann', 1_000);
  expect(codeOf(() => limit.take('ann', 1_000))).toBe('request.too_many');
  expect(codeOf(() => limit.take('ben', 1_000))).toBeNull();
  limit.take('ann', 2_000);
  expect(codeOf(() => limit.take('ann', 2_000))).toBe('request.too_many');
});

test('it says when there is room again, never saves up more than a minute, and takes no harm from a clock set back', () => {
  const limit = createRateLimit(2);
  limit.take('ann', 0);
  limit.take('ann', 0);
  expect(() => limit.take('ann', 0)).toThrow(
    expect.objectContaining({ params: { retryAfterSeconds: 30 } }) as unknown as Error,
  );
  expect(codeOf(() => limit.take('ann', -60_000))).toBe('request.too_many');
  limit.take('ann', 10_000_000);
  limit.take('ann', 10_000_000);
  expect(codeOf(() => limit.take('ann', 10_000_000))).toBe('request.too_many');
});

test('0 counts nothing', () => {
  const limit = createRateLimit(0);
  for (let n = 0; n < 1000; n++) limit.take('ann', 0);
});
