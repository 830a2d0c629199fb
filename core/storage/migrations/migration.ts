/** A numbered step of the kernel's own tables: expand, never contract within a release. */
export interface Migration {
  /** `0001-spine`; order is the order of ids. */
  readonly id: string;
  /** SQL statements, run in one transaction under the migration lock. */
  readonly up: string;
}
