import { formatDuration, parseDuration } from '../parse/duration.js';
import { ok, refuse } from './column-kind.js';
import { numberKind } from './number-kind.js';
import type { FieldKind } from './kind.js';

const maxSeconds = 99_999_999_999;

/** A span of time in whole seconds, never negative. */
export const duration: FieldKind = numberKind({
  id: 'duration',
  pgType: 'bigint',
  bytes: 8,
  widget: 'duration',
  whole: true,
  base: () => ({ type: 'integer', minimum: 0, maximum: maxSeconds }),
  coerce: (text) => {
    const seconds = parseDuration(text);
    if (seconds === null)
      return refuse('field.duration', `"${text.slice(0, 40)}" is not a duration; write 1:30, 90 min or 1h 30m.`);
    return seconds > maxSeconds
      ? refuse('field.too_large', `At most ${maxSeconds} seconds.`, { limit: maxSeconds })
      : ok(seconds);
  },
  format: (value) => formatDuration(value as number),
  cases: {
    valid: [{ input: 0 }, { input: 5400 }],
    invalid: [-1, 1.5, '1:30'],
    texts: [
      { text: '1:30', value: 5400 },
      { text: '90 min', value: 5400 },
      { text: '1h 30m', value: 5400 },
      { text: '1小时30分', value: 5400 },
      { text: '90', value: 90 },
      { text: 'soon', problem: 'field.duration' },
    ],
  },
});
