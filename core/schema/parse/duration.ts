/**
 * A span of time as people write it → whole seconds: `90` (seconds), `1:30` (hours and minutes), `1:30:00`, `90 min`,
 * `1h 30m`, `1.5 h`, `2 days`, `1小时30分`. Null where it is none.
 */
export function parseDuration(text: string): number | null {
  const clean = text.normalize('NFKC').trim().toLowerCase();
  if (clean.length > 64) return null;
  if (/^\d{1,12}(\.0+)?$/.test(clean)) return Math.trunc(Number(clean));
  const clock = /^(\d{1,8}):([0-5]?\d)(?::([0-5]?\d))?$/.exec(clean);
  if (clock) return Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0);
  let total = 0;
  let found = false;
  const left = clean.replace(
    /(\d{1,9}(?:[.,]\d{1,6})?)\s*([a-z\u4e00-\u9fff个]+)\.?/g,
    (whole, amount: string, unit: string) => {
      const seconds = units.get(unit);
      if (seconds === undefined) return whole;
      total += Number(amount.replace(',', '.')) * seconds;
      found = true;
      return '';
    },
  );
  return found && /^[\s,]*(and|und)?[\s,]*$/.test(left) ? Math.round(total) : null;
}

/** `h:mm:ss`, which `parseDuration` reads back. */
export function formatDuration(seconds: number): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

const units = new Map<string, number>(
  (
    [
      [1, 's sec secs second seconds sekunde sekunden 秒 秒钟'],
      [60, 'm min mins minute minutes minuten 分 分钟'],
      [3600, 'h hr hrs hour hours std stunde stunden 小时 个小时 时 钟头'],
      [86400, 'd day days tag tage 天 日'],
      [604800, 'w week weeks woche wochen 周 星期'],
    ] as const
  ).flatMap(([seconds, words]) => words.split(' ').map((word): [string, number] => [word, seconds])),
);
