import { widenedDefinition } from '../../schema/index.js';
import type { Prepared } from './prepare.js';
import type { ChangePlan } from './types.js';

/** Roles, rules, default visibilities and computed fields that let somebody reach more than before: nobody widens access unawares. */
export function widenedWarnings({
  standing,
  composed,
}: Pick<Prepared, 'standing' | 'composed'>): ChangePlan['warnings'] {
  const isKnown = (entity: string): boolean => standing.catalog.schema.entities.has(entity);
  return composed.touched.flatMap(({ type, id, before, after }) => {
    const places = widenedDefinition(type, before, after, isKnown);
    if (places.length === 0) return [];
    const named = places.filter((at) => at !== '').join(', ');
    const where = named === '' ? '' : ` (${named})`;
    return [
      {
        code: 'catalog.access_widened',
        message: `${id} allows more to be read or done than before${where}.`,
        params: { type, id, where },
      },
    ];
  });
}
