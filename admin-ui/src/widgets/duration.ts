/** Seconds as `2h 30m`, `45m`, `1d 4h`, `30s`; '' for null. Negative durations keep their sign. */
export function formatDuration(value: unknown): string {
  if (value === null || value === undefined || value === '' || !Number.isFinite(Number(value))) return '';
  const total = Math.round(Number(value));
  if (total === 0) return '0m';
  let rest = Math.abs(total);
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return (total < 0 ? '-' : '') + parts.join(' ');
}

/** Seconds of `2h 30m`, `1:30` (hours and minutes), `1.5h`, `90` (minutes); null for empty text, undefined where it is none. */
export function parseDuration(text: string): number | null | undefined {
  const input = text.trim().toLowerCase();
  if (input === '') return null;
  const clock = /^(\d+):([0-5]\d)(?::([0-5]\d))?$/.exec(input);
  if (clock) return Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0);
  if (/^\d+([.,]\d+)?$/.test(input)) return Math.round(Number(input.replace(',', '.')) * 60);
  if (!/^(\s*\d+([.,]\d+)?\s*(d|h|m|min|s|天|小时|分钟|分|秒))+$/.test(input)) return undefined;
  let total = 0;
  for (const match of input.matchAll(/(\d+(?:[.,]\d+)?)\s*(d|h|min|m|s|天|小时|分钟|分|秒)/g))
    total += Number((match[1] ?? '0').replace(',', '.')) * (SIZES[match[2] ?? ''] ?? 0);
  return Math.round(total);
}

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
];
const SIZES: Record<string, number> = {
  d: 86_400,
  h: 3600,
  m: 60,
  min: 60,
  s: 1,
  天: 86_400,
  小时: 3600,
  分钟: 60,
  分: 60,
  秒: 1,
};
