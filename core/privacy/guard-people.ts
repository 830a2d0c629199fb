import { invalid } from '../base/errors.js';
import type { CatalogService } from '../catalog/index.js';
import type { Hooks } from '../hooks/index.js';
import type { HookBatch, Json, RecordData } from '../sdk/index.js';
import { guardId, guardMarked } from './marks.js';

/** Keeps the guards of marks on exactly those entities that are people, and consent about people only. */
export function guardPeople(catalog: CatalogService, hooks: Hooks): void {
  const guarded = new Set<string>();
  catalog.onChange(({ schema }) => {
    const people = new Set([...schema.entities.values()].flatMap(({ id, privacy }) => (privacy?.subject ? [id] : [])));
    for (const entity of people) if (!guarded.has(entity)) guardMarked(hooks, entity);
    for (const entity of guarded) if (!people.has(entity)) hooks.unregister(guardId(entity));
    guarded.clear();
    people.forEach((entity) => guarded.add(entity));
  });
  hooks.register({
    id: 'core.consent-of-people',
    entity: 'core.consent',
    phase: 'before',
    on: ['create'],
    run: (_ctx, batch: HookBatch<RecordData>) => {
      for (const { next } of batch.rows) requirePerson(catalog, next.subject);
    },
  });
}

function requirePerson(catalog: CatalogService, subject: Json | undefined): void {
  const entity = (subject as { entity?: unknown } | null | undefined)?.entity;
  if (typeof entity !== 'string' || catalog.current.schema.entities.get(entity)?.privacy?.subject === true) return;
  const message = 'Only people agree to something.';
  throw invalid('privacy.not_a_subject', message, {
    params: { entity },
    issues: [{ path: 'subject', code: 'privacy.not_a_subject', message, params: { entity } }],
  });
}
