import type { PersonalTraces } from '../base/personal-traces.js';
import { denied, invalid, missing } from '../base/errors.js';
import { didYouMean } from '../base/suggest.js';
import type { CatalogService } from '../catalog/index.js';
import type { Exchange } from '../exchange/index.js';
import type { Files } from '../files/index.js';
import type { Records } from '../records/index.js';
import type { EntityModel } from '../schema/index.js';
import type { AuditLog, Ctx, Tx } from '../sdk/index.js';
import type { Database } from '../storage/index.js';

/** What the room works with. */
export interface PrivacyDeps {
  readonly database: Database;
  readonly catalog: CatalogService;
  readonly records: Records;
  readonly files: Files;
  readonly exchange: Exchange;
  readonly audit: AuditLog;
  /** Absolute path; archives lie beneath it in `privacy`, the list of the erased in `erased.ndjson`. */
  readonly dataDir: string;
  /** Of all rooms; more are added before the start. */
  readonly traces: PersonalTraces[];
}

export type Inside = Ctx & { readonly tx: Tx };

/** The entity, if its records are people. Throws entity.not_found, privacy.not_a_subject. */
export function subjectEntity(deps: PrivacyDeps, id: string): EntityModel {
  const { entities } = deps.catalog.current.schema;
  const entity = entities.get(id);
  if (entity === undefined)
    throw missing(
      'entity.not_found',
      `There is no entity "${id.slice(0, 80)}".${didYouMean(id, entities.keys())}`,
    );
  if (entity.privacy?.subject !== true)
    throw invalid('privacy.not_a_subject', `Records of "${entity.title}" are no people.`, {
      hint: 'The entity must say "privacy": { "subject": true }.',
      params: { entity: id },
    });
  return entity;
}

/** The user behind a context, or null. */
export function actorId(ctx: Ctx): string | null {
  return ctx.actor.kind === 'user' ? ctx.actor.userId : ctx.actor.onBehalfOf;
}

/** Words of an administrator: 1 to 500 characters. Throws privacy.reason. */
export function checkReason(reason: string): string {
  const text = reason.trim();
  if (text === '' || text.length > 500) throw invalid('privacy.reason', 'Give a reason of 1 to 500 characters.');
  return text;
}

/** Refuses what a hold forbids. */
export function heldProblem(): Error {
  return denied('privacy.legal_hold', 'A legal hold stands on this person.', {
    hint: 'Lift the hold first, under Settings, Privacy.',
  });
}

/** A transaction as the system, on behalf of whoever acts. */
export function inSystem<T>(
  deps: PrivacyDeps,
  ctx: Ctx,
  why: string,
  work: (inside: Inside) => Promise<T>,
): Promise<T> {
  const system = ctx.asSystem(why);
  return deps.records.transaction(system, work);
}
