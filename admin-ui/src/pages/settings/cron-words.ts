/** When something recurs: the key of its words (`settings.jobs.crons.<key>`) and what they name; `time` as `03:05`. */
export interface CronWords {
  key: 'minutes' | 'hourly' | 'hours' | 'daily' | 'days';
  values: { count?: number; minute?: string; time?: string };
}

/** What a cron line of the usual forms means; null for any other, which has to be read as it is. */
export function cronWords(cron: string): CronWords | null {
  const [minute = '', hour = '', day = '', ...rest] = cron.trim().split(/\s+/);
  if (rest.join(' ') !== '* *') return null;
  const minutes = stepOf(minute);
  if (minutes !== null && hour === '*' && day === '*') return { key: 'minutes', values: { count: minutes } };
  if (!isNumber(minute)) return null;
  const past = minute.padStart(2, '0');
  if (hour === '*' && day === '*') return { key: 'hourly', values: { minute: past } };
  const hours = stepOf(hour);
  if (hours !== null && day === '*') return { key: 'hours', values: { count: hours } };
  if (!isNumber(hour)) return null;
  const time = `${hour.padStart(2, '0')}:${past}`;
  if (day === '*') return { key: 'daily', values: { time } };
  const days = stepOf(day);
  return days === null ? null : { key: 'days', values: { count: days, time } };
}

function isNumber(part: string): boolean {
  return /^\d{1,2}$/.test(part);
}

/** 5 of `*`/5; null of anything else. */
function stepOf(part: string): number | null {
  const step = /^\*\/(\d{1,2})$/.exec(part)?.[1];
  return step === undefined ? null : Number(step);
}
