import type { ImportOptions } from '../types.js';
import type { ColumnSample } from './guess.js';

/** Order of day and month, and decimal separator, where the cells leave no doubt; nothing where they do. */
export function sniffFormats(samples: readonly ColumnSample[]): Pick<ImportOptions, 'dateOrder' | 'decimalSeparator'> {
  let dayFirst = 0;
  let monthFirst = 0;
  let comma = 0;
  let point = 0;
  for (const column of samples) {
    for (const text of column.samples) {
      const date = /^(\d{1,2})[./-](\d{1,2})[./-]\d{2,4}\b/.exec(text);
      if (date && Number(date[1]) > 12) dayFirst++;
      else if (date && Number(date[2]) > 12) monthFirst++;
      else if (/^-?\d{1,3}(\.\d{3})*,\d{1,2}$/.test(text)) comma++;
      else if (/^-?\d+\.\d{1,2}$/.test(text) || /^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text)) point++;
    }
  }
  return {
    ...(dayFirst > 0 && monthFirst === 0 ? { dateOrder: 'dmy' as const } : {}),
    ...(monthFirst > 0 && dayFirst === 0 ? { dateOrder: 'mdy' as const } : {}),
    ...(comma > 0 && point === 0 ? { decimalSeparator: ',' as const } : {}),
  };
}
