/** A time zone to choose. */
export interface ZoneChoice {
  /** IANA name. */
  id: string;
  /** `Europe/Berlin (GMT+1)`. */
  title: string;
}

/** All time zones that the browser knows, with their offsets at an instant. */
export function zonesOf(locale: string, at: Date): ZoneChoice[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((id) => id !== 'UTC')].map((id) => {
    const parts = new Intl.DateTimeFormat(locale, { timeZone: id, timeZoneName: 'shortOffset' }).formatToParts(at);
    const offset = parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
    return { id, title: `${id.replaceAll('_', ' ')}${offset === '' || offset === id ? '' : ` (${offset})`}` };
  });
}
