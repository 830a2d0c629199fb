import type { Ctx } from './context.js';

/** A person, as a record of an entity whose `x-entity.privacy` says `subject`. */
export interface SubjectRef {
  readonly entity: string;
  readonly id: string;
}

/** What one wants to contact somebody for, and how. */
export interface ContactQuestion {
  readonly subject: SubjectRef;
  /** An option of `core.consent`'s purpose, e.g. `newsletter`. */
  readonly purpose: string;
  /** An option of its channel, e.g. `email`. */
  readonly channel: string;
  /** The address or number; entries about another one do not count. */
  readonly contactPoint: string;
}

/**
 * `given`: the latest entry says so. `none`: there is no entry, which is a no. `withdrawn`: it was given and taken back. `restricted`: the
 * person's data may only be stored. `gone`: there is no such record.
 */
export interface ContactVerdict {
  readonly allowed: boolean;
  readonly reason: 'given' | 'none' | 'withdrawn' | 'restricted' | 'gone';
}

/** What rooms and plugins ask before they deal with somebody. */
export interface PrivacyApi {
  /** Whether the person may be contacted now. Ask when it happens, not when recipients are chosen. */
  mayContact(ctx: Ctx, question: ContactQuestion): Promise<ContactVerdict>;
}
