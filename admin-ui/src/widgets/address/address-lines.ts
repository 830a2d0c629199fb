import { countryName } from '../format.js';

/** The lines of an address as one writes them: street, then place (postal code first, or last where it is the habit), then country. */
export function addressLines(value: unknown, locale: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const part = (key: string): string => {
    const text = (value as Record<string, unknown>)[key];
    return typeof text === 'string' ? text.trim() : '';
  };
  const country = part('country').toUpperCase();
  const place = CODE_LAST.has(country)
    ? [[part('city'), part('region')].filter(Boolean).join(', '), part('postalCode')].filter(Boolean).join(' ')
    : [[part('postalCode'), part('city')].filter(Boolean).join(' '), part('region')].filter(Boolean).join(', ');
  return [...part('street').split(/\r?\n/), place, country ? countryName(country, locale) : ''].filter(
    (line) => line !== '',
  );
}

/** A link that shows the place on a map, or null where there is nothing to look for. */
export function mapHref(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const { latitude, longitude } = value as { latitude?: unknown; longitude?: unknown };
  if (typeof latitude === 'number' && typeof longitude === 'number')
    return `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=15/${latitude}/${longitude}`;
  const text = addressLines(value, 'en').join(', ');
  return text === '' ? null : `https://www.openstreetmap.org/search?query=${encodeURIComponent(text)}`;
}

/** Countries that write the postal code after the place. */
const CODE_LAST = new Set(['US', 'CA', 'AU', 'GB', 'IE', 'IN', 'NZ', 'SG', 'ZA']);
