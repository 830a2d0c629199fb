import type { Belongings } from '../records/index.js';
import type { EntityModel } from '../schema/index.js';
import type { Inside, PrivacyDeps } from './deps.js';
import { userEntity } from './guard-users.js';
import { patternsOf } from './patterns.js';
import type { ErasurePlan, PlannedEntity } from './types.js';

/** People in one plan for which the texts of all other records are looked through. */
const peopleWithMentions = 20;

/** What an erasure reaches; of one person or, for a plan, of many at once. */
export interface Reach {
  readonly belongings: Belongings;
  readonly patterns: readonly string[];
  readonly terms: readonly string[];
}

/** Finds what belongs to people of an entity, and what identifies them. */
export async function reachOf(
  deps: PrivacyDeps,
  inside: Inside,
  subject: { entity: string; ids: readonly string[] },
): Promise<Reach> {
  const belongings = await deps.records.personal.belongings(inside, subject);
  // As an owner a user is a row of its own, under the same id.
  if (subject.entity === userEntity) belongings.set('core.principal', new Set(subject.ids));
  const terms = await deps.records.personal.terms(inside, subject, belongings);
  return { belongings, terms, patterns: patternsOf(terms) };
}

/** Ids of all records that go or change. What is kept leaves its traces too. */
export function idsOf(deps: PrivacyDeps, { belongings }: Reach): string[] {
  return [...belongings].flatMap(([id, ids]) => (ruleOf(entityOf(deps, id)) === 'keep' ? [] : [...ids]));
}

/** What becomes of records of an entity that belong to somebody: those that only cascade have no word of their own. */
export function ruleOf(entity: EntityModel): 'delete' | 'anonymise' | 'keep' {
  return entity.privacy?.erase ?? 'delete';
}

export function entityOf(deps: PrivacyDeps, id: string): EntityModel {
  return deps.catalog.current.schema.entities.get(id) as EntityModel;
}

/** Counts; changes nothing. `held` of the people are left out by the caller. */
export async function planOf(
  deps: PrivacyDeps,
  inside: Inside,
  subject: { entity: string; ids: readonly string[] },
  held: number,
): Promise<ErasurePlan> {
  const reach = await reachOf(deps, inside, subject);
  const holders = await deps.records.personal.holders(inside, subject, reach.belongings);
  const values = [idsOf(deps, reach), reach.patterns];
  const traces: { place: string; count: number }[] = [];
  for (const { place, countText } of deps.traces) {
    const [{ n }] = await inside.tx.query<{ n: number }>(countText, values);
    if (n > 0) traces.push({ place, count: n });
  }
  const attachments = reach.belongings.get('core.attachment')?.size ?? 0;
  return {
    subjects: subject.ids.length,
    entities: [...reach.belongings]
      .filter(([, ids]) => ids.size > 0)
      .map(([id, ids]) => planned(entityOf(deps, id), ids.size, id === subject.entity ? holders : [])),
    traces,
    files: attachments,
    mentions:
      subject.ids.length > peopleWithMentions || reach.patterns.length === 0
        ? null
        : await deps.records.personal.mentions(inside, reach.patterns, reach.belongings),
    held,
  };
}

function planned(
  entity: EntityModel,
  count: number,
  heldBy: readonly { entity: string; field: string; count: number }[],
): PlannedEntity {
  const rule = heldBy.length > 0 && ruleOf(entity) === 'delete' ? 'anonymise' : ruleOf(entity);
  const { keepReason, keepForDays } = entity.privacy ?? {};
  return {
    entity: entity.id,
    rule,
    count,
    ...(rule === 'anonymise' ? { fields: personalKeys(entity) } : {}),
    ...(rule === 'keep' && keepReason !== undefined ? { reason: keepReason } : {}),
    ...(rule === 'keep' && keepForDays !== undefined ? { forDays: keepForDays } : {}),
    ...(heldBy.length > 0 ? { heldBy } : {}),
  };
}

function personalKeys(entity: EntityModel): string[] {
  return [...entity.fields.values()].filter((field) => field.sensitivity !== 'normal').map(({ key }) => key);
}
