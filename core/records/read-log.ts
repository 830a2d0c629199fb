/** Somebody was shown, or asked by, fields that are marked sensitive; or took a file (`how` file: `ids` is the attachment). */
export interface SensitiveRead {
  readonly at: Date;
  /** The user. */
  readonly actor: string;
  /** Who acted as the user; null: the user itself did. */
  readonly actedBy: string | null;
  readonly requestId: string;
  readonly how: 'record' | 'list' | 'aggregate' | 'asOf' | 'change' | 'reveal' | 'file';
  readonly entity: string;
  /** Keys, behind a link `link.key`. */
  readonly fields: readonly string[];
  /** The records that were shown; of an aggregate none. */
  readonly ids: readonly string[];
}

/**
 * Where reads are noted so that they cost no statement before the answer: a bounded queue that the audit empties. A kill loses what
 * stands in it; a queue that is full holds readers up rather than forget one.
 */
export interface ReadLog {
  /** Resolves at once while there is room. */
  note(read: SensitiveRead): Promise<void>;
  /** Takes out the oldest, `max` at most. */
  take(max: number): SensitiveRead[];
  /** Puts back, in front, what could not be written. */
  putBack(reads: readonly SensitiveRead[]): void;
  /** Calls back when so many wait that they should be taken soon. Without a follower nobody is held up. */
  follow(onMany: () => void): void;
}

/** Nest injection token of `ReadLog`. */
export const READ_LOG = Symbol('READ_LOG');

const many = 200;

/** An empty one; `capacity`: reads and records shown by them that may wait. */
export function createReadLog(capacity = 100_000): ReadLog {
  const queue: SensitiveRead[] = [];
  const waiting: (() => void)[] = [];
  let size = 0;
  let onMany: (() => void) | null = null;
  return {
    async note(read) {
      while (onMany !== null && size >= capacity) {
        onMany();
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      queue.push(read);
      size += weightOf(read);
      if (queue.length >= many) onMany?.();
    },
    take(max) {
      const taken = queue.splice(0, max);
      size -= taken.reduce((sum, read) => sum + weightOf(read), 0);
      for (const resume of waiting.splice(0)) resume();
      return taken;
    },
    putBack(reads) {
      queue.unshift(...reads);
      size += reads.reduce((sum, read) => sum + weightOf(read), 0);
    },
    follow: (listener) => void (onMany = listener),
  };
}

function weightOf({ ids }: SensitiveRead): number {
  return 1 + ids.length;
}
