export interface BatchResult<T> {
  done: number;
  failed: { item: T; error: unknown }[];
}

/** Does the same to each of many, a few at a time; one failure does not stop the others. */
export async function runBatch<T>(
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
  lanes = 4,
): Promise<BatchResult<T>> {
  const result: BatchResult<T> = { done: 0, failed: [] };
  const waiting = [...items];
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      try {
        await work(item);
        result.done++;
      } catch (error) {
        result.failed.push({ item, error });
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return result;
}
