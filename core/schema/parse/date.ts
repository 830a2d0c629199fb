import { zonedToUtc } from './zone.js';

/** Order of day and month where a date is ambiguous. */
export type DateOrder = 'dmy' | 'mdy' | 'ymd';

interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly rest: string;
}

/**
 * A date as people write it → `YYYY-MM-DD`: ISO, `19.01.2024`, `01/19/2024` by `order`, `2024年1月19日`, `19 Jan 2024`,
 * `20240119`; a time behind it is dropped. Null where it is none or no such day (years 1–9999).
 */
export function parseDate(text: string, order: DateOrder): string | null {
  const parts = dateParts(clean(text), order);
  if (!parts || (parts.rest !== '' && timeParts(parts.rest) === null)) return null;
  return isoDate(parts);
}

/**
 * A date with a time → ISO instant in UTC with milliseconds. Without an offset it is in `zone`; without a time it is midnight there.
 * Null where it is none; 23:59:60 is none.
 */
export function parseDateTime(text: string, order: DateOrder, zone: string): string | null {
  const parts = dateParts(clean(text), order);
  if (!parts || isoDate(parts) === null) return null;
  const time = parts.rest === '' ? { hour: 0, minute: 0, second: 0, ms: 0, offset: null } : timeParts(parts.rest);
  if (!time) return null;
  const local = utcMs(parts, time);
  const instant = time.offset === null ? zonedToUtc(local, zone) : local - time.offset * 60_000;
  return isoInstant(instant);
}

/** A calendar date in ISO form that exists, years 0001–9999. */
export function isIsoDate(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  return match !== null && isDay(Number(match[1]), Number(match[2]), Number(match[3]));
}

function isDay(year: number, month: number, day: number): boolean {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return day <= [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
}

function clean(text: string): string {
  const trimmed = text.trim();
  return trimmed.length > 64 ? '' : trimmed.normalize('NFKC').replace(/\s+/g, ' ');
}

function dateParts(text: string, order: DateOrder): DateParts | null {
  let match =
    /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)(.*)$/.exec(text) ?? /^(\d{4})()(\d\d)(\d\d)(?!\d)(.*)$/.exec(text);
  if (match) return { year: Number(match[1]), month: Number(match[3]), day: Number(match[4]), rest: match[5].trim() };
  match = /^(\d{4}) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?[日号]?(.*)$/.exec(text);
  if (match) return { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]), rest: match[4].trim() };
  match = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)(.*)$/.exec(text);
  if (match) return numericParts(Number(match[1]), Number(match[3]), match[4], match[2], match[5].trim(), order);
  match = /^(\d{1,2})(?:st|nd|rd|th)?\.?[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4}|\d{2})(?!\d)(.*)$/.exec(text);
  if (match) return named(match[3], match[2], match[1], match[4]);
  match = /^(?:[A-Za-z]{3,9},? )?([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?!\d)(.*)$/.exec(text);
  return match ? named(match[3], match[1], match[2], match[4]) : null;
}

function numericParts(
  a: number,
  b: number,
  yearText: string,
  separator: string,
  rest: string,
  order: DateOrder,
): DateParts | null {
  if (order === 'ymd' && yearText.length === 2) return { year: century(a), month: b, day: Number(yearText), rest };
  const dayFirst = a > 12 ? true : b > 12 ? false : separator === '.' ? true : order !== 'mdy';
  return { year: century(Number(yearText), yearText), month: dayFirst ? b : a, day: dayFirst ? a : b, rest };
}

function named(year: string, month: string, day: string, rest: string): DateParts | null {
  const index = months.indexOf(month.slice(0, 3).toLowerCase());
  if (index < 0 || !monthNames[index].startsWith(month.toLowerCase())) return null;
  return { year: century(Number(year), year), month: index + 1, day: Number(day), rest: rest.trim() };
}

const monthNames = 'january february march april may june july august september october november december'.split(' ');
const months = monthNames.map((name) => name.slice(0, 3));

/** Two digits: 00–49 are this century. */
function century(year: number, text = '00'): number {
  return text.length > 2 ? year : year < 50 ? 2000 + year : 1900 + year;
}

interface TimeParts {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly ms: number;
  /** Minutes east of UTC, or null where none is written. */
  readonly offset: number | null;
}

function timeParts(text: string): TimeParts | null {
  const chinese = /^(上午|下午|晚上)? ?(\d{1,2}) ?[时点] ?(?:(\d{1,2}) ?分 ?)?(?:(\d{1,2}) ?秒)?$/.exec(text);
  if (chinese)
    return checked(
      Number(chinese[2]),
      Number(chinese[3] ?? 0),
      Number(chinese[4] ?? 0),
      0,
      chinese[1] && chinese[1] !== '上午' ? 'pm' : chinese[1] ? 'am' : '',
      null,
    );
  const match =
    /^[Tt,]? ?(上午|下午)? ?(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)? ?([AaPp]\.?[Mm]\.?)? ?(?:\(?(Z|z|UTC|GMT)\)?|([+-])(\d\d):?(\d\d)?)?$/.exec(
      text,
    );
  if (!match) return null;
  const half =
    match[1] === '下午' ? 'pm' : match[1] === '上午' ? 'am' : (match[6] ?? '').toLowerCase().replaceAll('.', '');
  const offset = match[7]
    ? 0
    : match[8]
      ? (match[8] === '-' ? -1 : 1) * (Number(match[9]) * 60 + Number(match[10] ?? 0))
      : null;
  if (offset !== null && (Math.abs(offset) > 15 * 60 || Number(match[10] ?? 0) > 59)) return null;
  return checked(
    Number(match[2]),
    Number(match[3]),
    Number(match[4] ?? 0),
    Math.trunc(Number(`0.${match[5] ?? '0'}`) * 1000 + 1e-6),
    half,
    offset,
  );
}

function checked(
  hourText: number,
  minute: number,
  second: number,
  ms: number,
  half: string,
  offset: number | null,
): TimeParts | null {
  let hour = hourText;
  if (half !== '') {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (half === 'pm' ? 12 : 0);
  }
  return hour > 23 || minute > 59 || second > 59 ? null : { hour, minute, second, ms, offset };
}

function isoDate(parts: DateParts): string | null {
  if (!isDay(parts.year, parts.month, parts.day)) return null;
  return `${String(parts.year).padStart(4, '0')}-${String(parts.month).padStart(2, '0')}-${String(parts.day).padStart(2, '0')}`;
}

function utcMs(date: DateParts, time: TimeParts): number {
  const moment = new Date(0);
  moment.setUTCFullYear(date.year, date.month - 1, date.day);
  return moment.setUTCHours(time.hour, time.minute, time.second, time.ms);
}

function isoInstant(ms: number): string | null {
  const year = new Date(ms).getUTCFullYear();
  return year >= 1 && year <= 9999 ? new Date(ms).toISOString() : null;
}
