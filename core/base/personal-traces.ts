/**
 * What a room keeps of people outside of records. Its statements take two values, $1 (uuid[]) the ids of records that go and
 * $2 (text[]) patterns for `ilike` of what identifies the person. They may catch a namesake's trace, and miss none.
 */
export interface PersonalTraces {
  /** What a plan calls it, e.g. `mails`. */
  readonly place: string;
  /** A table without which there are none: after a restore it is made later than people are erased again. Absent: it is always there. */
  readonly needs?: string;
  /** Gives `n`, how many there are. */
  readonly countText: string;
  /** Give `data`, one JSON object each, for whoever asks what is known; null: nothing that such a person could use. */
  readonly readText: string | null;
  /** Gives a row where they cannot be erased now, because somebody works with them; null: they always can. */
  readonly busyText: string | null;
  /** Run in this order. */
  readonly eraseTexts: readonly string[];
}
