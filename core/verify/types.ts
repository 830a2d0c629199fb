import type { SchemaModel } from '../schema/index.js';
import type { Database } from '../storage/index.js';

/** What the suite works on: a running Trellis that it may do anything with, and its database. */
export interface VerifyInput {
  /** Address of the server, without a slash at the end. */
  readonly url: string;
  /** Signs in by password as an administrator. */
  readonly admin: { readonly email: string; readonly password: string };
  readonly db: Pick<Database, 'query' | 'transaction'>;
  /** The model of the present catalog. */
  readonly schema: () => SchemaModel;
  /** Entities whose rows and fields are hidden in turn; the others are asked too where they link to them. */
  readonly entities: readonly string[];
  /** Roles that exist already and are looked at as they are. */
  readonly roles: readonly string[];
  /** Of the actors that the catalog gives, how many are taken, by the seed; absent: all. */
  readonly sample?: { readonly seed: number; readonly actors: number };
  /** Names of the actors that are looked through; absent: all. */
  readonly only?: readonly string[];
  /** Stop at the first actor that finds something. */
  readonly isHasty?: boolean;
  readonly onActor?: (actor: string, findings: number) => void;
}

/**
 * `differs`: two states that differ only in what the actor may not read gave two answers. `unlike-none`: what is hidden answers
 * otherwise than what is not there. `visible`: a row or field that a role hides was read. `failed`: the server broke.
 */
export type FindingKind = 'differs' | 'unlike-none' | 'visible' | 'failed';

/** One way in which something hidden shows. */
export interface Finding {
  readonly kind: FindingKind;
  readonly actor: string;
  /** Surface, then what was asked. */
  readonly probe: string;
  /** Where the two answers part, of each some 200 characters. */
  readonly left: string;
  readonly right: string;
}

export interface VerifyReport {
  readonly actors: number;
  /** Answers that were compared. */
  readonly compared: number;
  readonly surfaces: readonly string[];
  readonly findings: readonly Finding[];
  /** Disclosures of docs/security.md that were left out, and what could not be tried, by name. */
  readonly notes: readonly string[];
}
