/** The longest rising part of distinct numbers, in order; of several as long, always the same one. O(n log n). */
export function longestRising(numbers: readonly number[]): number[] {
  /** At length l: index of the smallest number that ends a rising part of l + 1 numbers. */
  const tails: number[] = [];
  const previous: number[] = [];
  numbers.forEach((number, i) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (numbers[tails[middle]] < number) low = middle + 1;
      else high = middle;
    }
    previous.push(low > 0 ? tails[low - 1] : -1);
    tails[low] = i;
  });
  const rising: number[] = [];
  for (let i = tails[tails.length - 1] ?? -1; i >= 0; i = previous[i]) rising.push(numbers[i]);
  return rising.reverse();
}
