import { principalEntities } from '../schema/index.js';
import type { SeedFile } from './types.js';

type SeedRecord = Readonly<Record<string, unknown>>;
/** A record that another one names: its entity and externalId. */
export interface Reference {
  readonly entity: string;
  readonly externalId: string;
}

/** How a seed's values name other records; `targets` gives the entities that a field may point at (none: it is no link). */
export type Targets = (entity: string, field: string) => readonly string[];

/** All references of a record to others. Of a link with several possible entities the value must name one. */
export function referencesOf(entity: string, record: SeedRecord, targets: Targets): Reference[] {
  const found: Reference[] = [];
  for (const [field, value] of Object.entries(record)) {
    const to = targets(entity, field);
    if (to.length === 0) continue;
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one !== 'object' || one === null) continue;
      const { entity: named, externalId } = one as { entity?: string; externalId?: string };
      if (typeof externalId === 'string') found.push({ entity: named ?? to[0], externalId });
    }
  }
  return found;
}

/** Seeds in an order in which what is referred to comes first; in a circle of entities the given order stays. */
export function orderSeeds(seeds: readonly SeedFile[], targets: Targets): SeedFile[] {
  const waiting = [...seeds];
  const ordered: SeedFile[] = [];
  while (waiting.length > 0) {
    const open = new Set(waiting.map((seed) => seed.entity));
    const free = waiting.findIndex((seed) => !refersTo(seed, open, targets));
    ordered.push(...waiting.splice(Math.max(free, 0), 1));
  }
  return ordered;
}

/** Splits records into waves such that each refers only to records of earlier waves; what refers in a circle is the last. */
export function waves(entity: string, records: readonly SeedRecord[], targets: Targets): SeedRecord[][] {
  const result: SeedRecord[][] = [];
  let waiting = [...records];
  while (waiting.length > 0) {
    const open = new Set(waiting.map((record) => record.externalId));
    const isFree = (record: SeedRecord): boolean =>
      !referencesOf(entity, record, targets).some(
        (to) => to.entity === entity && to.externalId !== record.externalId && open.has(to.externalId),
      );
    const free = waiting.filter(isFree);
    if (free.length === 0) return [...result, waiting];
    result.push(free);
    waiting = waiting.filter((record) => !free.includes(record));
  }
  return result;
}

function refersTo(seed: SeedFile, open: ReadonlySet<string>, targets: Targets): boolean {
  return seed.records.some((record) =>
    referencesOf(seed.entity, record, targets).some((to) =>
      // A principal comes with its user, team or territory.
      (to.entity === 'core.principal' ? [to.entity, ...principalEntities] : [to.entity]).some(
        (entity) => entity !== seed.entity && open.has(entity),
      ),
    ),
  );
}
