import type { Tx } from '../sdk/index.js';

/** A column that is being copied into another type; from the first copied value on, both must be unique. */
export interface ConvertingColumn {
  readonly column: string;
  readonly copy: string;
  /** SQL of the copied value over the quoted name of the column. */
  readonly value: string;
}

/** The columns of an entity that are being copied into another type, by name. */
export async function convertingColumns(
  tx: Pick<Tx, 'query'>,
  entity: string,
): Promise<ReadonlyMap<string, ConvertingColumn>> {
  const found = await tx.query<ConvertingColumn>(
    `select payload ->> 'column' as "column", payload ->> 'copy' as copy, payload ->> 'value' as value from trellis.storage_task where kind = 'convert-column' and entity = $1`,
    [entity],
  );
  return new Map(found.map((each) => [each.column, each]));
}
