import type { PersonalTraces } from '../base/personal-traces.js';
import type { Mention } from '../records/index.js';
import type { Ctx, PrivacyApi, SubjectRef } from '../sdk/index.js';

/** Nest injection token of `Privacy`. */
export const PRIVACY = Symbol('PRIVACY');

/** What becomes of the records of one entity. */
export interface PlannedEntity {
  readonly entity: string;
  readonly rule: 'delete' | 'anonymise' | 'keep';
  readonly count: number;
  /** Of `anonymise`: keys of the fields that are emptied. */
  readonly fields?: readonly string[];
  /** Of `keep`: why. */
  readonly reason?: string;
  /** Of `keep`: days since the record was made after which it is anonymised. */
  readonly forDays?: number;
  /** People that cannot be deleted because of these records, and are anonymised instead. */
  readonly heldBy?: readonly { readonly entity: string; readonly field: string; readonly count: number }[];
}

/** What an erasure would do: counts, no personal data. */
export interface ErasurePlan {
  readonly subjects: number;
  readonly entities: readonly PlannedEntity[];
  /** Outside of records: mails, notifications, jobs, imports, notes of requests, audit. */
  readonly traces: readonly { readonly place: string; readonly count: number }[];
  /** Contents of files that go. */
  readonly files: number;
  /** Other records that name the person somewhere in their text; nobody changes them, somebody should look. Null: too many people to ask. */
  readonly mentions: readonly Mention[] | null;
  /** People that a legal hold keeps. */
  readonly held: number;
}

/** What an erasure did. `sha256` is over the JSON of everything else. */
export interface Certificate {
  readonly request: string;
  readonly reason: string;
  /** Id of the administrator, or null: the system. */
  readonly by: string | null;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly erased: readonly { readonly entity: string; readonly id: string }[];
  readonly held: readonly { readonly entity: string; readonly id: string }[];
  /** `delete contacts.contact`, `anonymise contacts.activity`, `mails`, `files` … → number. */
  readonly counts: Readonly<Record<string, number>>;
  readonly kept: readonly { readonly entity: string; readonly count: number; readonly reason: string }[];
  readonly sha256: string;
}

export type RequestState = 'planned' | 'running' | 'done' | 'failed' | 'expired';

/** A request about personal data. Instants are ISO, UTC. */
export interface PrivacyRequest {
  readonly id: string;
  readonly kind: 'erase' | 'export';
  readonly state: RequestState;
  readonly reason: string;
  /** Of an erasure. */
  readonly plan: ErasurePlan | null;
  readonly subjects: number;
  /** Subjects that are dealt with. */
  readonly done: number;
  readonly createdAt: string;
  readonly createdBy: { readonly id: string; readonly title: string | null } | null;
  readonly finishedAt: string | null;
  readonly expiresAt: string | null;
  readonly error: string | null;
  readonly hasCertificate: boolean;
}

/** A legal hold (no erasure, no deletion) or a restriction (storage only). */
export interface PrivacyMark {
  readonly id: string;
  readonly kind: 'hold' | 'restriction';
  readonly entity: string;
  readonly recordId: string;
  /** Title of the record today, or null. */
  readonly title: string | null;
  readonly reason: string;
  readonly createdAt: string;
  readonly createdBy: { readonly id: string; readonly title: string | null } | null;
}

export interface RetentionInput {
  readonly entity: string;
  readonly field: string;
  readonly afterDays: number;
  /** CEL; empty: all records. */
  readonly filter: string;
  readonly action: 'delete' | 'anonymise' | 'erase';
  readonly active: boolean;
}

export interface RetentionRule extends RetentionInput {
  readonly id: string;
  readonly lastRunAt: string | null;
  readonly lastCount: number | null;
}

/** Requests, marks and retention; for administrators, but for `statusOf`. */
export interface Privacy extends PrivacyApi {
  /** Counts what an erasure would do, and notes it. Throws privacy.not_a_subject, privacy.too_many, privacy.no_subjects. */
  planErasure(
    ctx: Ctx,
    input: { entity: string; ids?: readonly string[]; filter?: string; q?: string; reason: string },
  ): Promise<PrivacyRequest>;
  /** Orders the erasure that was planned. Throws privacy.request_not_found, privacy.not_planned, privacy.legal_hold where all are held. */
  runErasure(ctx: Ctx, id: string): Promise<PrivacyRequest>;
  /** Takes a planned erasure, or an export with its archive, off the list. */
  discard(ctx: Ctx, id: string): Promise<void>;
  certificate(id: string): Promise<Certificate>;
  /** Orders an archive of all that is known of a person. */
  orderExport(ctx: Ctx, input: SubjectRef & { reason: string }): Promise<PrivacyRequest>;
  /** Path of a finished archive. Throws privacy.request_not_found, privacy.expired. */
  archive(ctx: Ctx, id: string): Promise<{ path: string; name: string }>;
  /** Newest first; `limit` 1–200. */
  requests(query: { kind?: 'erase' | 'export'; limit: number }): Promise<PrivacyRequest[]>;
  request(id: string): Promise<PrivacyRequest>;
  /** Legal holds and restrictions that stand, newest first. */
  marks(ctx: Ctx, kind?: PrivacyMark['kind']): Promise<PrivacyMark[]>;
  /** Throws privacy.not_a_subject, privacy.already_marked, record.not_found. */
  mark(ctx: Ctx, input: SubjectRef & { kind: PrivacyMark['kind']; reason: string }): Promise<PrivacyMark>;
  /** Throws privacy.mark_not_found. */
  lift(ctx: Ctx, id: string): Promise<void>;
  /** For everybody who may read the record. */
  statusOf(ctx: Ctx, subject: SubjectRef): Promise<{ restricted: boolean; held: boolean }>;
  retention(): Promise<RetentionRule[]>;
  /** Throws retention.unknown_field, retention.not_a_subject, and what a filter may be refused for. */
  planRetention(ctx: Ctx, input: RetentionInput): Promise<{ count: number; before: string }>;
  keepRetention(ctx: Ctx, id: string | null, input: RetentionInput): Promise<RetentionRule>;
  dropRetention(ctx: Ctx, id: string): Promise<void>;
  /** Takes further traces, of rooms above. Before `start`. */
  addTraces(traces: PersonalTraces): void;
  /** Erases again whom an older backup brought back; before anything is served. Returns how many there were. */
  start(ctx: Ctx): Promise<number>;
}
